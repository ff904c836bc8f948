"""Exact questions: tolerance 0 and rational data."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradform.errors import ArrayError, InputError, ShapeError, UndecidedError
from gradform.sets import (
    Affine,
    Ball,
    Box,
    Cone,
    ConvexSet,
    Empty,
    Hull,
    HullOf,
    Hypersimplex,
    Point,
    Product,
    Scaled,
    Sum,
)
from gradform.sets.entries import Number
from tests.sets.registry import SETS

TINY = Fraction(1, 10**30)
THIRD = Fraction(1, 3)

POLYHEDRA: dict[str, tuple[ConvexSet, list[Number], list[Number]]] = {
    "point": (Point(["1/3", 1]), ["1/3", 1], [THIRD + TINY, 1]),
    "box": (Box([0, "-inf"], ["1/3", 1]), ["1/3", -7], [THIRD + TINY, 0]),
    "l1 ball": (Ball("l1", [0, 0], 1), ["1/3", "2/3"], ["1/3", Fraction(2, 3) + TINY]),
    "linf ball": (Ball("linf", [1, 1], "1/3"), ["4/3", "2/3"], [1, Fraction(4, 3) + TINY]),
    "hull": (
        Hull([[1, 0], [0, 1], [-1, -1]]),
        ["1/3", "2/3"],
        ["1/3", Fraction(2, 3) + TINY],
    ),
    "cone": (Cone(3, [[1, 2, 0]], [[0, 1, 1]]), ["1/3", 1, "1/3"], ["1/3", 1, THIRD + TINY]),
    "hypersimplex": (Hypersimplex(3, 1), [THIRD] * 3, [THIRD, THIRD, THIRD + TINY]),
    "image": (
        Affine([[1, 1], [1, -1]], Box([-1, -1], [1, 1]), ["1/3", 0]),
        [Fraction(7, 3), 0],
        [Fraction(7, 3) + TINY, 0],
    ),
    "sum": (Sum(Box([0], [1]), Hull([["1/3"], [2]])), [THIRD], [THIRD - TINY]),
    "product": (Product(Box([0], [1]), Point(["1/3"])), [1, THIRD], [1 + TINY, THIRD]),
    "multiple": (Scaled("-1/3", Box([0], [1])), ["-1/3"], [-THIRD - TINY]),
    "hull of a union": (
        HullOf(Box([1, -1], [1, 1]), Point([2, 0])),
        ["4/3", "2/3"],
        ["4/3", Fraction(2, 3) + TINY],
    ),
}


@pytest.mark.parametrize("name", POLYHEDRA)
def test_polyhedra_are_decided_exactly(name: str) -> None:
    s, inside, outside = POLYHEDRA[name]
    assert s.contains(inside, tolerance=0)
    assert not s.contains(outside, tolerance=0)


def test_floats_are_taken_bit_for_bit() -> None:
    s = Sum(Point([0.1]), Point([0.2]))
    assert not s.contains([0.3], tolerance=0)
    assert s.contains([0.3])
    assert s.contains([Fraction(0.1) + Fraction(0.2)], tolerance=0)


def test_exact_questions_about_round_sets_are_refused_or_decided() -> None:
    s = Ball("l2", [0, 0], 1)
    with pytest.raises(UndecidedError) as raised:
        Sum(s, Box([0, 0], [1, 1])).contains(["3/5", "4/5"], tolerance=0)
    assert raised.value.kind == "undecided"
    assert s.contains(["3/5", "4/5"], tolerance=0)
    outside: list[Number] = ["3/5", Fraction(4, 5) + TINY]
    assert not s.contains(outside, tolerance=0)


def test_float_verdicts_agree_with_exact_ones() -> None:
    rng = np.random.default_rng(0)
    verdicts = []
    for name, s in SETS.items():
        if s.is_empty or s.dim * s.dim > 40 or name == "image of an image":
            continue
        centre = s.sample(6, rng).mean(axis=0)
        for scale in (0.1, 1.0, 4.0):
            g = centre + scale * rng.standard_normal(s.dim)
            for point in (g, centre + 1e-3 * (g - centre)):
                try:
                    exact = s.contains(point, tolerance=0)
                except UndecidedError:
                    continue
                if exact or np.linalg.norm(s.project(point) - point) > 1e-8:
                    assert s.contains(point) == exact, name
                    verdicts.append(exact)
    assert sum(verdicts) > 60
    assert len(verdicts) - sum(verdicts) > 60


def test_no_verdict_rests_on_rounding_of_large_numbers() -> None:
    big = 1e9
    flat = Affine([[big, -big], [0, 1]], Box([1, 1], [1, 2]), [0, 0])
    shifted = Affine([[big], [0]], Box([1], [1.1]), [-big, 0])
    for s, g in ((flat, [0.0, 1.0]), (shifted, [0.0, 0.0]), (shifted, [big / 30, 0.0])):
        try:
            assert s.contains(g)
        except UndecidedError:
            assert s.contains(g, tolerance=0) or s.contains(g, tolerance=1e-6)


def test_random_hulls_agree_with_their_weights() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = rng.integers(-5, 6, size=(8, 4))
        weights = [Fraction(int(k), 1) for k in rng.integers(1, 9, size=8)]
        inside: list[Number] = [
            sum(w * int(p[i]) for w, p in zip(weights, points, strict=True)) / sum(weights)
            for i in range(4)
        ]
        hull = Hull(points.tolist())
        assert hull.contains(inside, tolerance=0)
        d = rng.integers(-5, 6, size=4)
        best = max(points.tolist(), key=lambda p: int(np.dot(p, d)))
        beyond: list[Number] = [
            Fraction(int(v)) + TINY * int(e) for v, e in zip(best, d, strict=True)
        ]
        assert hull.contains(best, tolerance=0)
        assert not d.any() or not hull.contains(beyond, tolerance=0)


def test_data_that_make_no_set_are_refused() -> None:
    for make in (
        lambda: Box([0, 1], [1]),
        lambda: Box(["inf"], ["inf"]),
        lambda: Hull([1, 2]),
        lambda: Hypersimplex(3, 4),
        lambda: Sum(Point([1]), Point([1, 2])),
        lambda: Sum(),
        lambda: Affine([[1, 2]], Point([1])),
        lambda: Point([float("nan")]),
        lambda: Point(["three"]),
        lambda: Point([[1, 2], [3]]),
    ):
        with pytest.raises((InputError, ArrayError)):
            make()


def test_vectors_that_do_not_fit_are_refused() -> None:
    for s in (Box([0], [1]), Empty(1)):
        with pytest.raises(ShapeError):
            s.contains([1, 2])
        with pytest.raises(ShapeError):
            s.support([1, 2])
    with pytest.raises(InputError):
        Box([0], [1]).support([float("nan")])
