"""The structure of well-known Jacobians and Hessians, and how few numbers it takes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import gradform as gf
from gradform.errors import CannotError, InputError
from gradform.execute.backend import require_operators
from gradform.linear_operators import (
    Banded,
    BlockDiagonal,
    Diagonal,
    Gram,
    Identity,
    Kronecker,
    LinearOperator,
    LowRank,
    MatrixFree,
    Sum,
    Symmetric,
)
from tests.operators.checking import agrees

SIZES = {"m": 9, "n": 40, "k": 3, "l": 2}


class Family(NamedTuple):
    """A function, what is asked, and the operator that it must give."""

    text: str
    wrt: str
    order: int
    shapes: dict[str, tuple[str, ...]]
    kind: type[LinearOperator]
    stored: int
    written: str


X, V, M = ("m", "n"), ("n", "k"), ("m", "n")
FAMILIES = [
    Family("x'*A*x", "x", 2, {"x": ("n",), "A": ("n", "n")}, Sum, 0, "A + A'"),
    Family(
        "x'*A*x/2 + sum(exp(x))",
        "x",
        2,
        {"x": ("n",), "A": ("n", "n")},
        Sum,
        40,
        "0.5·A + diag(exp(x)) + 0.5·A'",
    ),
    Family(
        "x'*(A + B)*x",
        "x",
        2,
        {"x": ("n",), "A": ("n", "n"), "B": ("n", "n")},
        Symmetric,
        820,
        "A + (A + B)' + B",
    ),
    Family("x'*x", "x", 2, {"x": ("n",)}, Identity, 1, "2·I"),
    Family("sum(exp(x))", "x", 2, {"x": ("n",)}, Diagonal, 40, "diag(exp(x))"),
    Family("sum(exp(X))", "X", 2, {"X": X}, Diagonal, 360, "diag(exp(X))"),
    Family(
        "norm2(M - U*V')^2", "U", 2, {"M": M, "U": ("m", "k"), "V": V}, Kronecker, 7, "2·I ⊗ (V'*V)"
    ),
    Family(
        "norm2(M - U*V')^2 + 3*norm2(U)^2",
        "U",
        2,
        {"M": M, "U": ("m", "k"), "V": V},
        Kronecker,
        6,
        "I ⊗ (2·V'*V + 6·I)",
    ),
    Family(
        "sum(W.*(M - U*V').^2)",
        "U",
        2,
        {"W": M, "M": M, "U": ("m", "k"), "V": V},
        BlockDiagonal,
        54,
        "blockdiag(9 of 3×3)",
    ),
    Family(
        "100*sumsq(x(2:n) - x(1:n-1).^2) + sumsq(vector(1) - x(1:n-1))",
        "x",
        2,
        {"x": ("n",)},
        Banded,
        79,
        "symmetric tridiagonal",
    ),
    Family("x(2:n) - x(1:n-1)", "x", 1, {"x": ("n",)}, Banded, 78, "upper bidiagonal"),
    Family(
        "logsumexp(x)", "x", 2, {"x": ("n",)}, Sum, 80, "diag(softmax(x)) - softmax(x)·softmax(x)'"
    ),
    Family(
        "sum(log(vector(1) + exp(X*w)))",
        "w",
        2,
        {"X": X, "w": ("n",)},
        Gram,
        9,
        "X'·diag(sigmoid(X*w).*sigmoid(-X*w))·X",
    ),
    Family("A*Z*B", "Z", 1, {"A": X, "Z": V, "B": ("k", "l")}, Kronecker, 0, "A ⊗ B'"),
    Family("kron(A, B)*vec(Z)", "Z", 1, {"A": V, "B": X, "Z": ("n", "k")}, Kronecker, 0, ""),
    Family(
        "tanh(W*x)",
        "W",
        1,
        {"W": X, "x": ("n",)},
        Kronecker,
        9,
        "diag(ones(m) - tanh(W*x).^2) ⊗ x'",
    ),
    Family("softmax(Z, 2)", "Z", 1, {"Z": X}, BlockDiagonal, 7380, "blockdiag(9 of 40×40)"),
    Family("x - y*sum(x)", "x", 1, {"x": ("n",), "y": ("n",)}, Sum, 40, "I - y·ones(n)'"),
]


def asked(family: Family) -> gf.Derivative:
    function = gf.parse(family.text, shapes=family.shapes)
    found = (
        function.jacobian(family.wrt, check=False)
        if family.order == 1
        else function.hessian(family.wrt, check=False)
    )
    assert isinstance(found, gf.Derivative)
    return found


def arrays_of(shapes: dict[str, tuple[str, ...]], seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.uniform(0.2, 1.2, [SIZES[size] for size in shape])
        for name, shape in shapes.items()
    }


@pytest.mark.parametrize("backend", ["numpy", "native"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.text)
def test_a_family_keeps_its_structure(family: Family, backend: str) -> None:
    derivative, arrays = asked(family), arrays_of(family.shapes)
    operator = derivative.compile(backend, dense=False)(**arrays)
    dense = derivative.compile()(**arrays)
    assert type(operator) is family.kind, repr(operator)
    assert operator.stored == family.stored, repr(operator)
    assert operator.structure == family.written or not family.written
    agrees(operator, dense.reshape(operator.shape))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.text)
def test_single_precision_stays(family: Family) -> None:
    derivative, arrays = asked(family), arrays_of(family.shapes)
    operator = derivative.compile(dense=False, dtype="float32")(**arrays)
    dense = derivative.compile(dtype="float32")(**arrays)
    assert operator.dtype == np.float32
    x = np.ones(operator.shape[1], np.float32)
    assert operator.matvec(x).dtype == np.float32
    scale = np.abs(dense).max()
    np.testing.assert_allclose(
        operator.toarray().reshape(dense.shape), dense, rtol=1e-4, atol=1e-6 * scale
    )


def test_an_operator_is_written_with_its_size() -> None:
    family = next(each for each in FAMILIES if each.kind is Kronecker)
    operator = asked(family).compile(dense=False)(**arrays_of(family.shapes))
    assert repr(operator) == "<2·I ⊗ (V'*V), 27×27, 7 numbers stored>"


def test_a_newton_step_of_a_factorisation_needs_no_dense_matrix() -> None:
    """Least squares in U with V fixed: one Newton step ends at the minimum."""
    function = gf.parse("norm2(M - U*V')^2", shapes={"M": M, "U": ("m", "k"), "V": V})
    step = gf.compile(function.gradient("U"), function.hessian("U"), dense=False)
    rng = np.random.default_rng(1)
    arrays = {"M": rng.normal(size=(400, 300)), "V": rng.normal(size=(300, 5))}
    start = rng.normal(size=(400, 5))
    gradient, hessian = step(U=start, **arrays)
    assert isinstance(hessian, Kronecker) and hessian.stored == 16
    found = start - hessian.solve(gradient)
    wanted = np.linalg.lstsq(arrays["V"], arrays["M"].T, rcond=None)[0].T
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)


def test_a_long_tridiagonal_system_is_solved() -> None:
    function = gf.parse(
        "100*sumsq(x(2:n) - x(1:n-1).^2) + sumsq(vector(1) - x(1:n-1)) + sumsq(x)",
        shapes={"x": ("n",)},
    )
    step = gf.compile(function.gradient("x"), function.hessian("x"), dense=False)
    gradient, hessian = step(x=np.full(100_000, 0.9))
    found = hessian.solve(gradient)
    np.testing.assert_allclose(hessian @ found, gradient, atol=1e-9 * np.abs(gradient).max())


def test_scipy_takes_an_operator() -> None:
    linalg = pytest.importorskip("scipy.sparse.linalg")
    family = FAMILIES[4]
    operator = asked(family).compile(dense=False)(**arrays_of(family.shapes))
    right = np.random.default_rng(0).normal(size=operator.shape[0])
    found, status = linalg.cg(operator, right, rtol=1e-12)
    assert status == 0
    np.testing.assert_allclose(found, operator.solve(right), rtol=1e-8, atol=1e-10)
    wrapped = linalg.aslinearoperator(operator)
    np.testing.assert_allclose(wrapped.rmatvec(right), operator.T @ right, rtol=1e-12)


def test_a_singular_hessian_is_not_solved() -> None:
    """The Hessian of log-sum-exp vanishes along the vector of ones."""
    hessian = gf.parse("logsumexp(x)", shapes={"x": ("n",)}).hessian("x").compile(dense=False)
    for seed in range(20):
        operator = hessian(x=np.random.default_rng(seed).normal(size=50))
        with pytest.raises(CannotError, match="singular"):
            operator.solve(np.arange(50.0))
    shifted = operator + Identity(50, 1e-3)
    np.testing.assert_allclose(shifted @ shifted.solve(np.ones(50)), np.ones(50), rtol=1e-9)


def test_an_array_that_is_too_large_is_not_made_unasked() -> None:
    n = 100_000
    ones = np.ones((n, 1))
    operator = LowRank(ones, None, ones, (n,), (n,)) + Diagonal(np.zeros(n))
    with pytest.raises(CannotError, match="100000") as caught:
        operator.solve(np.ones(n))
    assert caught.value.hint is not None
    assert "cg" in caught.value.hint


def test_a_large_matrix_without_structure_is_known_by_its_products() -> None:
    function = gf.parse(
        "sumsq(tanh(W*tanh(U*X)) - Y)",
        shapes={"X": ("n", "m"), "U": ("k", "n"), "W": ("l", "k"), "Y": ("l", "m")},
    )
    hessian = function.hessian("U", check=False)
    rng = np.random.default_rng(0)
    sizes = {"X": (120, 30), "U": (20, 120), "W": (7, 20), "Y": (7, 30)}
    arrays = {name: rng.normal(size=size) / 10 for name, size in sizes.items()}
    operator = hessian.compile(dense=False)(**arrays)
    assert isinstance(operator, MatrixFree)
    direction = rng.normal(size=(20, 120))
    wanted = function.hvp("U").compile()(**arrays, v=direction)
    np.testing.assert_allclose(operator @ direction, wanted, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(operator.T @ direction, wanted, rtol=1e-9, atol=1e-12)
    with pytest.raises(CannotError, match="products alone"):
        operator.solve(direction)


@pytest.mark.parametrize("size", [1e3, 1e300])
@pytest.mark.parametrize(
    "text",
    ["logsumexp(x)", "log(sum(exp(x)))", "log(1 + sum(exp(x)))", "sum(log(vector(1) + exp(A*x)))"],
)
def test_large_arguments_do_not_overflow(text: str, size: float) -> None:
    hessian = gf.parse(text, shapes={"x": ("n",), "A": ("m", "n")}).hessian("x", check=False)
    start = size * np.array([1.0, -1.0, 0.5, 1.0, 0.0])
    arrays = {"x": start, "A": np.eye(5)} if "A" in text else {"x": start}
    operator, dense = hessian.compile(dense=False)(**arrays), hessian.compile()(**arrays)
    assert np.isfinite(dense).all()
    np.testing.assert_allclose(operator.toarray(), dense, atol=1e-12)


def test_outputs_without_two_kinds_of_axes_stay_arrays() -> None:
    function = gf.parse("x'*A*x", shapes={"x": ("n",), "A": ("n", "n")})
    arrays = {"x": np.ones(3), "A": np.eye(3)}
    value, gradient, hessian = gf.compile(
        function, function.gradient("x"), function.hessian("x"), dense=False
    )(**arrays)
    assert value == 3.0 and isinstance(gradient, np.ndarray)
    assert isinstance(hessian, LinearOperator)


def test_what_cannot_be_is_refused() -> None:
    hessian = gf.parse("x'*x", shapes={"x": ("n",)}).hessian("x")
    with pytest.raises(CannotError, match="batch"):
        hessian.compile(dense=False, batch=True)
    with pytest.raises(InputError, match="dense=False"):
        require_operators("jax")
    operator = hessian.compile(dense=False)(x=np.ones(4))
    with pytest.raises(gf.ArrayError, match="shape"):
        operator @ np.ones(5)
    with pytest.raises(gf.ArrayError, match="added"):
        operator + Identity(5)
