"""Functions with our derivative inside PyTorch's and JAX's automatic differentiation."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, InputError, UnknownNameError
from tests.execute.array_libraries import LIBRARIES, close

CASES = {
    "logistic": ("sum(log(vector(1) + exp(-y.*(X*w)))) + a*w'*w", ("w", "a")),
    "quadratic": ("w'*S*w + a*sum(w)", ()),
    "vector": ("tanh(X*w)*a", ("w",)),
    "row": ("r*S*a", ("r",)),
    "matrix": ("inv(S)*a", ("S",)),
    "determinant": ("logdet(S)", ()),
}
SHAPES = {"X": ("m", "n"), "w": ("n",), "y": ("m",), "a": (), "S": ("n", "n"), "r": (1, "n")}
each_case = pytest.mark.parametrize("name", CASES)


def _case(name: str) -> tuple[gf.Expression, tuple[str, ...], dict[str, Any]]:
    formula, wrt = CASES[name]
    used = {key: SHAPES[key] for key in SHAPES if key in _words(formula)}
    rng = np.random.default_rng(1)
    sizes = {"m": 4, "n": 3}
    given = {
        key: rng.normal(size=[size if isinstance(size, int) else sizes[size] for size in shape])
        for key, shape in used.items()
    }
    if "S" in given:
        given["S"] = given["S"] @ given["S"].T + np.eye(3)
    return gf.parse(formula, shapes=used), wrt, given


def _words(formula: str) -> set[str]:
    return set(re.findall(r"\b\w+\b", formula))


def _torch() -> Any:
    return pytest.importorskip("torch")


def _jax() -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


@each_case
def test_torch_gradients_of_both_orders(name: str) -> None:
    torch = _torch()
    f, wrt, given = _case(name)
    function = f.torch_function(*wrt)
    wrt = wrt or f.variables
    sizes = {key: value for key, value in given.items() if isinstance(value, int)}
    tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in given.items() if k not in sizes}
    inputs = tuple(tensors[key].requires_grad_() for key in wrt)

    def of_inputs(*values: Any) -> Any:
        return function(**{**tensors, **dict(zip(wrt, values, strict=True)), **sizes})

    close(of_inputs(*inputs), f(**given), 1e-12)
    assert torch.autograd.gradcheck(of_inputs, inputs)
    assert torch.autograd.gradgradcheck(of_inputs, inputs)


@each_case
def test_jax_products_against_jax(name: str) -> None:
    jax = _jax()
    f, wrt, given = _case(name)
    function = f.jax_custom_vjp(*wrt)
    plain: Any = f.compile("jax")
    wrt = wrt or f.variables
    order = [parameter.name for parameter in plain.task.parameters]
    sizes = [given[key] for key in plain.task.sizes]
    arrays = [jax.numpy.asarray(given[key]) for key in order]
    places = tuple(order.index(key) for key in wrt)

    def ours(*values: Any) -> Any:
        return (function(*values, *sizes) ** 2).sum()

    def reference(*values: Any) -> Any:
        return (plain.function(*values, *sizes) ** 2).sum()

    found = jax.jit(jax.grad(ours, places))(*arrays)
    for each, wanted in zip(found, jax.jit(jax.grad(reference, places))(*arrays), strict=True):
        close(each, wanted, 1e-9)
    first = places[0]
    second = jax.jit(jax.hessian(ours, first))(*arrays)
    close(second, jax.jit(jax.hessian(reference, first))(*arrays), 1e-8)
    twice = [jax.numpy.stack([each, 2 * each]) for each in arrays]
    mapped = jax.jit(jax.vmap(jax.grad(ours, first)))(*twice)
    close(mapped[0], found[0], 1e-12)


def test_torch_functions_map() -> None:
    torch = _torch()
    f, wrt, given = _case("logistic")
    function = f.torch_function(*wrt)
    given = {key: torch.tensor(value) for key, value in given.items()}
    w = torch.stack([given["w"], -given["w"]])
    rest = {key: value for key, value in given.items() if key != "w"}
    gradient = torch.func.grad(lambda w: function(w=w, **rest))
    found = torch.func.vmap(gradient)(w)
    close(found, torch.stack([gradient(w[0]), gradient(w[1])]), 1e-12)
    second = torch.func.jacrev(gradient)(w[0])
    wanted = f.hessian("w", check=False).compile("torch")(w=w[0], **rest)
    close(second, wanted, 1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_torch_module_trains(dtype: str) -> None:
    torch = _torch()
    torch.manual_seed(0)
    f, _, _ = _case("logistic")
    loss = f.torch_function("w")
    X = torch.randn(50, 3, dtype=getattr(torch, dtype))
    y = torch.sign(X @ torch.tensor([1.0, -2.0, 0.5], dtype=X.dtype))

    class Model(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.nn.Parameter(torch.zeros(3, dtype=X.dtype))

        def forward(self) -> Any:
            return loss(X=X, y=y, w=self.w, a=0.01)

    model = Model()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=50)

    def step() -> Any:
        optimizer.zero_grad()
        value = model()
        value.backward()
        return value

    optimizer.step(step)
    assert model.w.grad is not None
    assert str(model.w.grad.dtype) == f"torch.{dtype}"
    step()
    assert float(model.w.grad.abs().max()) < (1e-2 if dtype == "float32" else 1e-4)


def test_variables_that_were_not_named_are_refused() -> None:
    """Their gradient would silently be nothing."""
    f, wrt, given = _case("logistic")
    torch = _torch()
    tensors = {key: torch.tensor(value) for key, value in given.items()}
    tensors["X"].requires_grad_()
    with pytest.raises(ArrayError, match="X needs a gradient"):
        f.torch_function(*wrt)(**tensors)
    with torch.no_grad():  # asks for no gradient
        assert torch.isfinite(f.torch_function(*wrt)(**tensors))
    jax = _jax()
    function = f.jax_custom_vjp(*wrt)
    with pytest.raises(ArrayError, match="not by X"):
        jax.grad(lambda X: function(**{**given, "X": X}))(jax.numpy.asarray(given["X"]))


def test_errors_name_the_variable() -> None:
    f, _, given = _case("logistic")
    with pytest.raises(InputError, match="named twice"):
        f.torch_function("w", "w")
    for library in LIBRARIES:
        pytest.importorskip(library.name)
        make = f.torch_function if library.name == "torch" else f.jax_custom_vjp
        arrays = {key: library.array(value) for key, value in given.items()}
        with pytest.raises(ArrayError, match="y must have shape"):
            make("w")(**{**arrays, "y": library.array(np.ones(7))})


@each_case
def test_torch_forward_mode(name: str) -> None:
    """Jacobians by rows, by columns, and of both orders in every mix of the two modes."""
    torch = _torch()
    f, wrt, given = _case(name)
    function = f.torch_function(*wrt)
    first = (wrt or f.variables)[0]
    rest = {key: torch.as_tensor(each) for key, each in given.items() if key != first}
    at = torch.as_tensor(given[first])
    jacfwd, jacrev = torch.func.jacfwd, torch.func.jacrev

    def of_first(each: Any) -> Any:
        return function(**{first: each, **rest})

    def total(each: Any) -> Any:
        return (of_first(each) ** 2).sum()

    close(jacfwd(of_first)(at), jacrev(of_first)(at), 1e-12)
    wanted = jacrev(jacrev(total))(at)
    for outer, inner in ((jacfwd, jacrev), (jacrev, jacfwd), (jacfwd, jacfwd)):
        close(outer(inner(total))(at), wanted, 1e-9, f"{outer} of {inner}")
    tangent = torch.full_like(at, 0.5)
    _, pushed = torch.autograd.functional.jvp(of_first, at, tangent)
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        found = forward.unpack_dual(of_first(forward.make_dual(at, tangent))).tangent
    close(found, pushed, 1e-12)


def test_forward_mode_by_variables_that_were_not_named_is_refused() -> None:
    torch = _torch()
    f, wrt, given = _case("logistic")
    tensors = {key: torch.tensor(value) for key, value in given.items()}
    function = f.torch_function(*wrt)
    with pytest.raises(ArrayError, match="X needs a gradient"):
        torch.func.jacfwd(lambda X: function(**{**tensors, "X": X}))(tensors["X"])


@each_case
def test_torch_compiles_one_graph(name: str) -> None:
    """Of the function, of its gradient, and of a program."""
    torch = _torch()
    f, wrt, given = _case(name)
    tensors = {key: torch.as_tensor(each) for key, each in given.items()}
    wrt = wrt or f.variables
    points = [tensors.pop(key) for key in wrt]
    wanted = f(**given)
    for function in (f.torch_function(*wrt), f.compile("torch")):

        def of_points(*values: Any, function: Any = function) -> Any:
            return function(**dict(zip(wrt, values, strict=True)), **tensors)

        torch.compiler.reset()
        compiled = torch.compile(of_points, backend="aot_eager", fullgraph=True)
        close(compiled(*points), wanted, 1e-12)
        inputs = [each.clone().requires_grad_() for each in points]
        torch.compiler.reset()
        found = torch.autograd.grad(compiled(*inputs).sum(), inputs)
        for each, right in zip(
            found, torch.autograd.grad(of_points(*inputs).sum(), inputs), strict=True
        ):
            close(each, right, 1e-12)


def test_torch_functions_and_programs_make_the_same_tensors() -> None:
    """Neither cuts numbers down to the integers of another variable."""
    torch = _torch()
    f = gf.parse("x^2 + c", shapes={"x": (), "c": ()})
    function, program = f.torch_function(), f.compile("torch")
    kinds = (torch.tensor(3), torch.tensor(True), torch.tensor(3.0), np.float32(3), 3)
    for x in kinds:
        for c in (0.5, 2, torch.tensor(0.5), torch.tensor(1, dtype=torch.int8), np.array(0.5)):
            found, wanted = function(x=x, c=c), program(x=x, c=c)
            assert (found.dtype, found) == (wanted.dtype, wanted), (x, c)
    assert float(function(x=torch.tensor(3), c=0.5)) == 9.5


@pytest.mark.parametrize("make", ["torch_function", "jax_custom_vjp"])
def test_what_to_differentiate_by(make: str) -> None:
    pytest.importorskip(make.split("_", maxsplit=1)[0])
    if make == "jax_custom_vjp":
        _jax()
    f, _, given = _case("logistic")
    function = getattr(f, make)
    assert float(function(["w", "a"])(**given)) == pytest.approx(float(f(**given)))
    for bad in (3, None, ["w", 3]):
        with pytest.raises(InputError, match="is no variable to differentiate by"):
            function(bad)
    with pytest.raises(UnknownNameError, match="'z'") as found:
        function("z")
    assert "cotangent" not in str(found.value)


# ---------------------------------------------------------------- structured variables

STRUCTURED = {
    "norm2(Q*x)^2": ({"Q": "orthogonal"}, ("x", "Q")),
    "x'*inv(A)*x": ({"A": "spd"}, ("A", "A")),
    "logdet(A) + x'*A*x": ({"A": "spd"}, ("A", "A")),
    "x'*(S*S)*x": ({"S": "symmetric"}, ("x", "S")),
}


def _structured(text: str) -> tuple[gf.Expression, dict[str, Any]]:
    shapes = {"Q": ("n", "n"), "A": ("n", "n"), "S": ("n", "n"), "x": ("n",)}
    rng = np.random.default_rng(2)
    square = rng.normal(size=(3, 3))
    values = {
        "Q": np.linalg.qr(square)[0],
        "A": square @ square.T + np.eye(3),
        "S": square + square.T,
        "x": rng.normal(size=3),
    }
    names = [name for name in shapes if name in _words(text)]
    assume = STRUCTURED[text][0]
    function = gf.parse(text, shapes={name: shapes[name] for name in names}, assume=assume)
    return function, {name: values[name] for name in names}


def _second_derivative(text: str) -> Any:
    """Of our program of second order, which holds entries for independent."""
    function, given = _structured(text)
    asked: Any = function.derivative([*STRUCTURED[text][1]], order=2, layout="mixed")
    return asked.compile()(**given)


@pytest.mark.parametrize("text", STRUCTURED)
def test_torch_differentiates_again_by_independent_entries(text: str) -> None:
    torch = _torch()
    function, given = _structured(text)
    tensors = {name: torch.tensor(each, requires_grad=True) for name, each in given.items()}
    first, second = STRUCTURED[text][1]
    value = function.torch_function()(**tensors)
    (slope,) = torch.autograd.grad(value, tensors[first], create_graph=True)
    rows = [
        torch.autograd.grad(each, tensors[second], retain_graph=True)[0] for each in slope.flatten()
    ]
    wanted = np.asarray(_second_derivative(text))
    close(torch.stack(rows).reshape(wanted.shape), wanted, 1e-9)


@pytest.mark.parametrize("text", STRUCTURED)
def test_jax_differentiates_again_by_independent_entries(text: str) -> None:
    jax = _jax()
    function, given = _structured(text)
    names, call = list(given), function.jax_custom_vjp()
    first, second = (names.index(name) for name in STRUCTURED[text][1])
    found = jax.jacrev(jax.grad(call, argnums=first), argnums=second)(*given.values())
    wanted = np.asarray(_second_derivative(text))
    close(found.reshape(wanted.shape), wanted, 1e-9)


def test_what_takes_symmetric_matrices_only_takes_them() -> None:
    torch = _torch()
    function = gf.parse("lambda_max(A)", shapes={"A": ("n", "n")}, assume={"A": "symmetric"})
    matrix = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    value = function.torch_function()(matrix)
    (slope,) = torch.autograd.grad(value, matrix)
    np.testing.assert_allclose(slope.numpy(), np.full((2, 2), 0.5), atol=1e-12)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_variables_that_the_value_does_not_need_are_given_by_name(library: str) -> None:
    module = _torch() if library == "torch" else _jax().numpy
    function = gf.parse("A*inv(A)*x + 0*y", shapes={"A": ("n", "n"), "x": ("n",), "y": ("n",)})
    made: Any = function.torch_function() if library == "torch" else function.jax_custom_vjp()
    vector = module.asarray([1.0, 2.0], dtype=module.float64)
    found = made(A=module.eye(2, dtype=module.float64), x=vector, y=vector)
    np.testing.assert_allclose(np.asarray(found), [1.0, 2.0])


def test_the_backward_pass_reads_what_the_forward_pass_read() -> None:
    """PyTorch does not see that an array of NumPy is changed in between."""
    torch = _torch()
    shapes = {"X": ("m", "n"), "w": ("n",)}
    function = gf.parse("sum(exp(X*w))", shapes=shapes).torch_function("w")
    X = np.arange(6.0).reshape(3, 2)
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    value = function(X=X, w=w)
    X *= 0
    value.backward()
    np.testing.assert_array_equal(w.grad.numpy(), [6.0, 9.0])


@pytest.mark.parametrize("moved", [0, 1])
def test_jax_reads_what_it_was_called_with(moved: int) -> None:
    """It may run after the call has returned, and take the memory of arrays as its own."""
    _jax()
    f = gf.parse("sum(softplus(X*w))", shapes={"X": ("m", "n"), "w": ("n",)})
    program = gf.compile(f, f.gradient("w"), backend="jax")
    memory = np.empty(8 * 2_000_000 + 64, np.uint8)
    start = -memory.ctypes.data % 64 + 8 * moved  # JAX takes over what starts at such a place
    X = memory[start : start + 8 * 1_900_000].view(float).reshape(19_000, 100)
    w = np.linspace(-1, 1, 100)
    sin = np.sin(np.arange(1_900_000.0)).reshape(X.shape)
    wanted = [np.sum(np.logaddexp(0, (k + 1) * sin @ w)) for k in range(4)]
    found = []
    for k in range(4):
        X[:] = (k + 1) * sin
        found.append(program(X=X, w=w)[0])
    X[:] = 0
    np.testing.assert_allclose([float(each) for each in found], wanted, rtol=1e-12)
