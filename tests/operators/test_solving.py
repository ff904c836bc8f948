"""Systems near singular ones: solved as well as with the array, or refused as it is."""

from __future__ import annotations

import numpy as np
import pytest

import gradform as gf
from gradform.linear_operators import (
    Banded,
    BlockDiagonal,
    Dense,
    Diagonal,
    Identity,
    Kronecker,
    LinearOperator,
    Symmetric,
)
from gradform.linear_operators.condition import inverse_norm


@pytest.mark.parametrize("small", [0, -20, -30, -36, -40, -50, -700])
@pytest.mark.parametrize("n", [2, 4, 30])
def test_a_small_diagonal_beside_a_low_rank_loses_nothing(small: float, n: int) -> None:
    """diag(d) + a a' with d_1 near 0 is well conditioned; its diagonal alone is not."""
    f = gf.parse("sum(exp(x)) + (a'*x)^2/2", shapes={"x": ("n",), "a": ("n",)})
    x = np.zeros(n)
    x[0] = small
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=n) + 2, rng.normal(size=n)
    operator = f.hessian("x").compile(dense=False)(x=x, a=a)
    expected = np.linalg.solve(np.diag(np.exp(x)) + np.outer(a, a), b)
    assert np.abs(operator.solve(b) - expected).max() <= 1e-9 * np.abs(expected).max()


def test_a_singular_diagonal_beside_a_low_rank_is_solved() -> None:
    rng = np.random.default_rng(0)
    shapes = {"X": ("m", "n"), "w": ("n",), "c": ("n",)}
    f = gf.parse("sum(softplus(X*w)) + sum(c.*w.^2)", shapes=shapes)
    c = np.r_[1e-16, 1e-16, np.ones(38)]
    operator = f.hessian("w").compile(dense=False)(X=rng.normal(size=(3, 40)), w=np.zeros(40), c=c)
    b = rng.normal(size=40)
    assert operator.is_definite()
    assert np.abs(operator @ operator.solve(b) - b).max() <= 1e-10


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [2, 30, 1000])
def test_a_singular_banded_matrix_is_refused(seed: int, n: int) -> None:
    """The weighted Laplacian of a chain has the null vector of ones."""
    weights = np.random.default_rng(seed).random(n - 1) + 0.1
    main = np.r_[weights, 0] + np.r_[0, weights]
    operator = Banded({-1: -weights, 0: main, 1: -weights}, (n,), (n,))
    assert not operator.is_definite()
    with pytest.raises(gf.CannotError, match="singular"):
        operator.solve(np.random.default_rng(seed).normal(size=n))
    regular = operator + Identity(n, 1e-6)
    assert regular.is_definite()
    b = np.random.default_rng(seed).normal(size=n)
    assert np.abs(regular @ regular.solve(b) - b).max() <= 1e-8 * np.abs(b).max()


@pytest.mark.parametrize("seed", range(20))
def test_a_banded_matrix_without_symmetry_is_solved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 40))
    offsets = rng.choice(range(-2, 3), size=3, replace=False)
    bands = {int(k): rng.normal(size=n - abs(k)) for k in offsets} | {0: rng.normal(size=n) + 3}
    operator = Banded(bands, (n,), (n,))
    b = rng.normal(size=(n, 2))
    expected = np.linalg.solve(operator.toarray(), b)
    condition = np.linalg.cond(operator.toarray())
    assert np.abs(operator.solve(b) - expected).max() <= 1e-14 * condition * np.abs(expected).max()


@pytest.mark.parametrize("seed", range(40))
def test_the_norm_of_an_inverse_is_estimated(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 20))
    inverse = rng.normal(size=(n, n)) * 10.0 ** rng.integers(-6, 6, size=n)
    found = inverse_norm(lambda b: inverse @ b, lambda b: inverse.T @ b, n)
    exact = np.abs(inverse).sum(axis=0).max()
    assert exact / 10 <= found <= exact * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_definiteness_is_that_of_the_array(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for blocks in _blocks(rng):
        array = BlockDiagonal(blocks, (6,), (6,)).toarray()
        symmetric = np.allclose(array, array.T)
        expected = symmetric and bool(np.linalg.eigvalsh(array)[0] > 1e-12)
        assert BlockDiagonal(blocks, (6,), (6,)).is_definite() == expected
        assert Dense(array).is_definite() == expected


def _blocks(rng: np.random.Generator) -> list[np.ndarray]:
    """Definite, negative, singular and one-sided blocks, and any."""
    root = rng.normal(size=(3, 2, 2))
    definite = root @ root.transpose(0, 2, 1) + 0.1 * np.eye(2)
    singular = root[:, :, :1] @ root[:, :, :1].transpose(0, 2, 1)
    lower = definite.copy()
    lower[:, 0, 1] = 0
    return [definite, -definite, singular, lower, rng.normal(size=(3, 2, 2))]


@pytest.mark.parametrize("kind", [BlockDiagonal, Dense])
def test_what_is_not_a_number_is_not_definite(kind: type) -> None:
    array = np.full((2, 2), np.nan)
    operator = BlockDiagonal(array[None], (2,), (2,)) if kind is BlockDiagonal else Dense(array)
    assert not operator.is_definite()


def test_factors_that_are_not_square_make_a_square_product() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    assert not Kronecker([Dense(left), Dense(right)]).is_definite()


def test_nothing_is_definite_and_solved(capfd: pytest.CaptureFixture[str]) -> None:
    empty = np.zeros((0, 0))
    for operator in (Dense(empty), Symmetric(empty), Diagonal(np.zeros(0))):
        assert operator.is_definite()
        assert operator.solve(np.zeros(0)).shape == (0,)
    assert capfd.readouterr() == ("", "")


def test_sums_and_arrays_of_operators() -> None:
    one: LinearOperator = Identity(2)
    assert np.array_equal(sum([one, one, one]), 3 * np.eye(2))
    for wrong in (np.eye(2), 1.0, None):
        with pytest.raises(gf.ArrayError, match="added to operators"):
            one + wrong
        with pytest.raises(gf.ArrayError, match="added to operators"):
            wrong - one
