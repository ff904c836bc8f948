"""Random points have the declared structures, for every strategy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradform.errors import StructureError
from gradform.functions import Shape
from gradform.ir.dims import ONE, dim
from gradform.verify.comparison import Declared
from gradform.verify.operations import Array
from gradform.verify.sampling import Sampler, index_conditions
from tests.unit.verify.formulas import formula

n, m = dim("n"), dim("m")
SQUARE, COLUMN = Shape(n, n), Shape(n, ONE)


def is_toeplitz(a: Array) -> bool:
    return bool((a[1:, 1:] == a[:-1, :-1]).all())


def is_positive_definite(a: Array) -> bool:
    return bool((a == a.T).all() and np.linalg.eigvalsh(a).min() > 0)


def is_one_hot(a: Array) -> bool:
    return bool(sorted(a.ravel()) == [0] * (a.size - 1) + [1])


LAWS: list[tuple[str, Shape, Callable[[Array], bool]]] = [
    ("", SQUARE, lambda a: bool(np.linalg.cond(a) < 60)),
    ("symmetric", SQUARE, lambda a: bool((a == a.T).all())),
    ("spd", SQUARE, is_positive_definite),
    ("diagonal", SQUARE, lambda a: bool((a == np.diag(np.diag(a))).all())),
    ("toeplitz", SQUARE, lambda a: is_toeplitz(a) and not (a == a.T).all()),
    ("symmetric_toeplitz", SQUARE, lambda a: is_toeplitz(a) and bool((a == a.T).all())),
    ("orthogonal", SQUARE, lambda a: np.allclose(a.T @ a, np.eye(len(a)))),
    ("lower_positive", SQUARE, lambda a: (a == np.tril(a)).all() and bool((np.diag(a) > 0).all())),
    ("positive", SQUARE, lambda a: bool((a > 0).all())),
    ("positive", COLUMN, lambda a: bool((a > 0).all())),
    ("unit", COLUMN, lambda a: bool(((a > 0) & (a < 1)).all())),
    ("large", COLUMN, lambda a: bool((a > 4).all())),
    ("pm1", COLUMN, lambda a: bool((abs(a) == 1).all())),
    ("binary", COLUMN, lambda a: bool(((a == 0) | (a == 1)).all())),
    ("onehot", COLUMN, is_one_hot),
    ("simplex", COLUMN, lambda a: bool((a > 0).all() and abs(a.sum() - 1) < 1e-15)),
    ("symmetric positive", SQUARE, lambda a: bool((a > 0).all() and (a == a.T).all())),
    ("symmetric pm1", SQUARE, lambda a: bool((abs(a) == 1).all() and (a == a.T).all())),
    (
        "spd diagonal",
        SQUARE,
        lambda a: is_positive_definite(a) and (a == np.diag(np.diag(a))).all(),
    ),
    ("spd toeplitz", SQUARE, lambda a: is_positive_definite(a) and is_toeplitz(a)),
    ("spd positive", SQUARE, lambda a: is_positive_definite(a) and bool((a > 0).all())),
    ("diagonal toeplitz", SQUARE, lambda a: bool((a == a[0, 0] * np.eye(len(a))).all())),
]


@pytest.mark.parametrize(("structure", "shape", "holds"), LAWS)
def test_structure(structure: str, shape: Shape, holds: Callable[[Array], bool]) -> None:
    sampler = Sampler({"v": Declared(shape, frozenset(structure.split()))})
    rng = np.random.default_rng(1)
    for attempt in sampler.attempts({"n": 5}, rng):
        assert attempt["v"].shape == (5, 5 if shape is SQUARE else 1)
        assert holds(attempt["v"])


def test_plain_points_are_standard_normal_and_read_only() -> None:
    sampler = Sampler({"A": Declared(Shape(m, n), frozenset())})
    array = sampler.point({"m": 300, "n": 200}, np.random.default_rng(1))["A"]
    assert abs(array.mean()) < 0.02
    assert abs(array.std() - 1) < 0.02
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1


def test_points_follow_the_seed() -> None:
    sampler = Sampler({"v": Declared(SQUARE, frozenset({"spd"}))})
    one, same, other = (sampler.point({"n": 4}, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert (one["v"] == same["v"]).all()
    assert (one["v"] != other["v"]).any()


@pytest.mark.parametrize(
    ("structure", "shape"),
    [
        ("curly", COLUMN),
        ("symmetric", Shape(m, n)),
        ("spd", COLUMN),
        ("orthogonal positive", SQUARE),
    ],
)
def test_impossible_structures(structure: str, shape: Shape) -> None:
    with pytest.raises(StructureError):
        Sampler({"v": Declared(shape, frozenset(structure.split()))})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x(5)", {"n >= 5"}),
        ("x(n)", set()),
        ("x(2:n-1)", {"n >= 3"}),
        ("A(3,:)*x", {"m >= 3"}),
        ("A(1:2,n-1)", {"m >= 2", "n >= 2"}),
        ("r(4)", {"n >= 4"}),
        ("u = A*x; u(6)", {"m >= 6"}),
        ("exp(x(7))", {"n >= 7"}),
    ],
)
def test_indices_ask_for_sizes(text: str, expected: set[str]) -> None:
    found = formula(text)
    sampler = Sampler(
        found.variables, index_conditions(found.program, found.variables, found.shapes)
    )
    least = {name: int(size) for name, _, size in (condition.split() for condition in expected)}
    for sizes in sampler.size_assignments(2):
        assert all(sizes[name] >= size for name, size in least.items())
    found_names = {name for condition in sampler.conditions for name in condition.names}
    assert found_names == set(least)
