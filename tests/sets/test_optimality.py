"""Certificates of optimality, on problems with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import diags_array, random_array

from gradform.sets import (
    Affine,
    Ball,
    Box,
    ConvexSet,
    Decomposition,
    Descent,
    Empty,
    Hull,
    HullOf,
    Point,
    Scaled,
    Sum,
    certificate_of_zero,
)
from tests.sets.registry import SETS
from tests.sets.set_data import built, cases, dimension


@pytest.mark.parametrize("name", cases())
def test_zero_is_decided_for_every_set_of_the_data(name: str) -> None:
    case = cases()[name]
    s = built(case["set"], dimension(case))
    found = certificate_of_zero(s)
    assert found.holds()
    assert isinstance(found, Decomposition) == bool(case.get("stationary"))
    if isinstance(found, Descent) and case["min_norm"]:
        norm = case["min_norm"]["norm"]
        assert found.distance == pytest.approx(norm, abs=1e-8)
        assert found.distance <= norm + 1e-12


@pytest.mark.parametrize("name", SETS)
def test_certificates_of_all_types_hold(name: str) -> None:
    found = certificate_of_zero(SETS[name])
    assert found.holds()
    assert isinstance(found, Decomposition) == SETS[name].contains(np.zeros(SETS[name].dim))


def lasso(x: np.ndarray, a: np.ndarray, b: np.ndarray, weight: float) -> ConvexSet:
    """A'·(A·x - b) + weight·∂norm1(x)"""
    signs = np.sign(x)
    unit = Box(np.where(x == 0, -1.0, signs), np.where(x == 0, 1.0, signs))
    return Sum(Point(a.T @ (a @ x - b)), Scaled(weight, unit))


def test_the_lasso_has_its_dual_vector() -> None:
    rng = np.random.default_rng(2)
    a, b, weight = rng.standard_normal((30, 12)), 3 * rng.standard_normal(30), 8.0
    x = np.zeros(12)
    for _ in range(400):  # coordinate descent
        for j in range(12):
            slope = a[:, j] @ (b - a @ x) + a[:, j] @ a[:, j] * x[j]
            x[j] = np.sign(slope) * max(abs(slope) - weight, 0.0) / (a[:, j] @ a[:, j])
    assert 0 < np.count_nonzero(x) < 12
    found = certificate_of_zero(lasso(x, a, b, weight))
    assert isinstance(found, Decomposition)
    gradient, dual = found.parts
    np.testing.assert_allclose(gradient + dual, 0, atol=1e-9)
    assert np.abs(dual).max() <= weight + 1e-9
    assert found.witness.parts[1].parts[0].point == pytest.approx(dual / weight)
    wrong = certificate_of_zero(lasso(x + 1e-3, a, b, weight))
    assert isinstance(wrong, Descent)
    assert wrong.support < 0


def test_a_decomposition_that_is_tampered_with_does_not_hold() -> None:
    s = Sum(Point([1.0, 0.0]), Box([-1, -1], [1, 1]))
    found = certificate_of_zero(s)
    assert isinstance(found, Decomposition)
    other = Sum(Point([1.0, 0.0]), Box([-0.5, -1], [1, 1]))
    assert not Decomposition(other, found.witness, found.residual, found.allowed).holds()
    assert not Decomposition(
        Sum(Point([0.5, 0.0]), Box([-1, -1], [1, 1])), found.witness, 0.0, 1e-9
    ).holds()


def test_shares_of_a_hull_of_a_union_are_told() -> None:
    found = certificate_of_zero(HullOf(Point([-1, 0]), Ball("l2", [3, 0], 1)))
    assert isinstance(found, Decomposition)
    assert sum(found.weights) == pytest.approx(1.0)
    assert sum(found.parts) == pytest.approx(np.zeros(2))


def test_the_empty_set_lies_in_every_half_space() -> None:
    found = certificate_of_zero(Empty(2))
    assert isinstance(found, Descent)
    assert found.holds()


def test_triangles_around_and_beside_zero() -> None:
    around = certificate_of_zero(Hull([[1, 0], [0, 1], [-1, -1]]))
    beside = certificate_of_zero(Hull([[1, 0], [0, 1], [2, 2]]))
    assert isinstance(around, Decomposition)
    assert isinstance(beside, Descent)
    assert beside.distance == pytest.approx(np.sqrt(0.5))


SIZE = 100_000
_RNG = np.random.default_rng(1)
LARGE = {
    "diagonal": diags_array(_RNG.standard_normal(SIZE)),
    "differences": diags_array([np.ones(SIZE), -np.ones(SIZE)], offsets=[0, 1]).T,
    "three diagonals": diags_array(
        [np.ones(SIZE), -3 * np.ones(SIZE), np.ones(SIZE)], offsets=[-1, 0, 1], shape=(SIZE, SIZE)
    ),
}


@pytest.mark.parametrize("name", ["diagonal", "differences", "three diagonals"])
def test_images_of_large_boxes_are_decided(name: str) -> None:
    matrix = LARGE[name].tocsr()
    s = Affine(matrix, Box(-np.ones(SIZE), np.ones(SIZE)))
    rng = np.random.default_rng(0)
    inside = np.clip(rng.uniform(-1.5, 1.5, SIZE), -1, 1)
    assert s.contains(matrix @ inside)
    assert not s.contains(matrix @ (inside + 1e-3 * rng.standard_normal(SIZE)))
    found = certificate_of_zero(Sum(s, Point(-(matrix @ inside))))
    assert isinstance(found, Decomposition)


def test_mostly_known_signs_leave_a_small_problem() -> None:
    rng = np.random.default_rng(0)
    matrix = random_array((2_000, SIZE), density=1e-4, rng=rng).tocsr()
    signs = np.sign(rng.standard_normal(SIZE))
    free = rng.random(SIZE) < 0.005
    s = Affine(matrix, Box(np.where(free, -1.0, signs), np.where(free, 1.0, signs)))
    inside = np.where(free, rng.uniform(-1, 1, SIZE), signs)
    assert s.contains(matrix @ inside)
    assert not s.contains(matrix @ inside + 0.01 * rng.standard_normal(2_000))
