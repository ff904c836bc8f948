"""Sets of every type, alone and combined, to state laws about."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.sparse import random_array

from gradform.sets import (
    Affine,
    Ball,
    Box,
    Cone,
    ConvexSet,
    Empty,
    Fantope,
    Hull,
    HullOf,
    Hypersimplex,
    MatrixBall,
    Point,
    Product,
    PsdShift,
    Sandwich,
    Scaled,
    Spectraplex,
    Sum,
    subspace,
    whole_space,
)

_RNG = np.random.default_rng(7)


def _normal(*shape: int) -> np.ndarray:
    return np.round(_RNG.standard_normal(shape), 3)


def _orthonormal(rows: int, columns: int) -> np.ndarray:
    return np.linalg.qr(_RNG.standard_normal((rows, columns)))[0]


_BOX = Box([-1, 2, "-inf"], [1, 2, "1/2"])
_SEGMENT = Hull([[0, 1, -1], [1, 0, Fraction(1, 3)]])
_CONE = Cone(3, [[1, 0, 0], [1, 1, 0]], [[0, 1, -1]])

SETS: dict[str, ConvexSet] = {
    "point": Point([0, "1/3", -1.5]),
    "matrix point": Point([[1, 2], [3, 4]]),
    "empty": Empty(3),
    "box": Box([-1, -2, 0], [1, 2, 0.5]),
    "interval": Box([-1], [2]),
    "half-bounded box": _BOX,
    "free box": Box(["-inf"] * 2, ["inf"] * 2),
    "box of one point": Box([1, 2], [1, 2]),
    "box without elements": Box([1, 2], [0, 2]),
    "box away from 0": Box([1, 2, -5], [3, 2.5, -4]),
    "l1 ball": Ball("l1", [0, 0, 0, 0], 2),
    "l1 ball off centre": Ball("l1", [3, -1, 0.5], "1/2"),
    "l2 ball": Ball("l2", [0, 0, 0], 1),
    "l2 ball off centre": Ball("l2", [3, -1, 0.5], 1.5),
    "linf ball": Ball("linf", [1, 2], 3),
    "ball of radius 0": Ball("l2", [1, 2], 0),
    "ball of negative radius": Ball("l2", [1, 2], -1),
    "spectral ball": MatrixBall("spectral", (2, 3), np.zeros((2, 3)), 1),
    "spectral ball off centre": MatrixBall("spectral", (3, 2), _normal(3, 2) * 2, 0.7),
    "nuclear ball": MatrixBall("nuclear", (3, 3), _normal(3, 3), 2),
    "Frobenius ball": MatrixBall("fro", (2, 2), [[3, 0], [0, 3]], 1),
    "hull": Hull(_normal(7, 4) + 1),
    "hull of one point": Hull([[1, 2, 3]]),
    "hull of repeated points": Hull([[1, 2], [1, 2], [0, 1]]),
    "hull on a line": Hull([[0, 0, 1], [1, 2, 1], [3, 6, 1], ["1/2", 1, 1]]),
    "hull of many points": Hull(_normal(40, 6)),
    "segment": _SEGMENT,
    "cone": _CONE,
    "cone of rays": Cone(3, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]),
    "cone of many rays": Cone(4, np.abs(_normal(9, 4))),
    "cone of nothing": Cone(2),
    "subspace": subspace([[1, 1, 1], [1, -1, 0]]),
    "whole space": whole_space(3),
    "hypersimplex": Hypersimplex(5, 2),
    "hypersimplex with a fraction": Hypersimplex(4, "3/2"),
    "hypersimplex of all": Hypersimplex(3, 3),
    "spectraplex": Spectraplex(3, 2),
    "fantope": Fantope(4, 2),
    "fantope with a fraction": Fantope(3, 1.5),
    "semidefinite cone": PsdShift(2, 1, [[0, 0], [0, 0]]),
    "shifted negative semidefinite cone": PsdShift(3, -1, np.diag([3, 1, -2])),
    "image of a box": Affine(_normal(3, 5), Box([-1] * 5, [1] * 5), [2, 3, -4]),
    "flat image of a box": Affine(_normal(4, 2), Box([-1, 0], [1, 1])),
    "diagonal image of a box": Affine(np.diag([2, -1, 0]), Box([-1, 0, 1], [1, 3, 5]), [0, 1, 2]),
    "sparse image of a box": Affine(
        random_array((6, 9), density=0.3, rng=_RNG), Box([-1] * 9, [1] * 9)
    ),
    "image of a ball": Affine(_normal(3, 3), Ball("l2", [0, 0, 0], 1), [3, 3, 3]),
    "flat image of a ball": Affine(_normal(4, 2), Ball("l2", [0, 0], 1), [3, 3, 3, 1]),
    "image of a hull": Affine([[1, 0, "1/3"], [0, 1, 1]], _SEGMENT, ["1/2", 0]),
    "image of a cone": Affine(_normal(2, 3), Cone(3, [[1, 0, 0], [1, 1, 0]]), [1, -3]),
    "image of a spectraplex": Affine(_normal(4, 9), Spectraplex(3, 1), [1, 1, 2, 0]),
    "image on a line": Affine([[1, 2, 3]], Ball("l1", [0, 0, 0], 1), [7]),
    "image of an image": Affine(_normal(2, 3), Affine(_normal(3, 2), Box([-1, 1], [2, 3]))),
    "nuclear norm at rank one": Sandwich(
        _orthonormal(3, 2),
        MatrixBall("spectral", (2, 1), [[0], [0]], 1),
        _orthonormal(2, 1).T,
        _normal(3, 2),
    ),
    "lambda_max with a double eigenvalue": Sandwich(
        _BASIS := _orthonormal(4, 2), Spectraplex(2, 1), _BASIS.T
    ),
    "skew two-sided image": Sandwich(
        _normal(2, 2),
        MatrixBall("spectral", (2, 2), np.zeros((2, 2)), 1),
        _normal(2, 2),
        _normal(2, 2),
    ),
    "point and image": Sum(Point([1, "1/2"]), Affine([[1, 2], [0, 1]], Box([-1, -1], [1, 1]))),
    "point and two-sided image": Sum(
        Point([1, 0, 0, 0]),
        Sandwich([[0], [1]], MatrixBall("spectral", (1, 1), [[0]], 1), [[0, 1]]),
    ),
    "sum of points": Sum(Point([1, "1/2"]), Point([1, 2])),
    "sum of point and box": Sum(Point([1, "1/2"]), Box([0, 0], [1, "inf"])),
    "sum of box and box": Sum(Box([0, "-inf"], [1, 0]), Box([-3, 1], [1, 2])),
    "sum of ball and box": Sum(Ball("l2", [3, 3], 1), Box([-1, 0], [1, 1])),
    "sum of balls": Sum(Ball("l2", [3, 3], 1), Ball("l2", [1, 0], "1/2")),
    "sum of unlike balls": Sum(Ball("l1", [3, 3, 1], 1), Ball("l2", [1, 0, 0], 0.5)),
    "sum of hulls": Sum(Hull([[1, 0], [0, 1]]), Hull([[1, 0], [0, -1]])),
    "sum of three": Sum(Hull(_normal(4, 3)), Ball("l2", [2, 2, 2], 1), Box([0, 0, 0], [1, 1, 1])),
    "sum of point and cone": Sum(Point([1, 2, -3]), _CONE),
    "sum of hull and cone": Sum(Hull(_normal(5, 3)), Cone(3, [[1, 0, 1], [0, 1, 1]])),
    "sum of ball and cone": Sum(Ball("l2", [2, 2, -3], 1), Cone(3, [[1, 0, 1], [0, 1, 1]])),
    "sum of spectral sets": Sum(
        Spectraplex(2, 1), MatrixBall("spectral", (2, 2), [[1, 2], [0, 1]], 1)
    ),
    "sum with a semidefinite cone": Sum(Spectraplex(2, 1), PsdShift(2, 1, [[1, 0], [0, -3]])),
    "sum with the empty set": Sum(Point([1]), Empty(1)),
    "product": Product(Point([3]), Ball("l2", [2, 1], 1), Box([0], [1])),
    "product of boxes": Product(Box([0], [1]), Point(["1/2"]), Box([-1, 0], [0, "inf"])),
    "product of composites": Product(Sum(_SEGMENT, Ball("l1", [0, 0, 0], 1)), Hypersimplex(3, 1)),
    "scaled box": Scaled(-2, Box([0, 1], [1, 5])),
    "scaled hull": Scaled("1/2", Hull(_normal(4, 2))),
    "scaled simplex": Scaled(-3, Hypersimplex(3, 2)),
    "scaled by 0": Scaled(0, Ball("l2", [1, 2], 1)),
    "scaled cone": Scaled(-2, _CONE),
    "hull of box and point": HullOf(Box([1, -1], [1, 1]), Point([2, 0])),
    "hull of ball and point": HullOf(Ball("l2", [0, 0], 1), Point([3, 1])),
    "hull of balls": HullOf(Ball("l2", [2, 2, 1], 1), Ball("l1", [4, 1, 0], 0.5), Point([3, 1, 1])),
    "hull of points": HullOf(Point([1, 0]), Hull([[0, 1], [2, 2]])),
    "hull of a sum": HullOf(Sum(_SEGMENT, Ball("l2", [1, 0, 0], 1)), Box([2, 2, 2], [3, 3, 3])),
    "hull with the empty set": HullOf(Empty(2), Ball("l2", [2, 1], 1)),
    "hull of cones": HullOf(Cone(2, [[1, 0]]), Cone(2, [[1, 1]])),
    "hull of nothing": HullOf(Empty(2), Box([1, 0], [0, 0])),
    "sum of a hull of a union": Sum(
        HullOf(Ball("l2", [2, 2], 1), Point([3, 1])),
        Affine([[1, 2], [0, 1]], Ball("l1", [0, 0], 1)),
    ),
}
