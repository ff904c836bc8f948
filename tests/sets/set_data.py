"""Sets of the data file, by its schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

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
    Spectraplex,
    Sum,
)

_FILE = Path(__file__).parents[1] / "data" / "subdifferential_multivariate.json"


@cache
def cases() -> dict[str, Any]:
    """Cases with a set, by name."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in read if case["set"]}


def dimension(case: dict[str, Any]) -> int:
    """The number of entries of all variables."""
    total = 0
    for variable in case["variables"]:
        size = 1
        for length in variable["shape"]:
            size *= length
        total += size
    return total


def built(data: dict[str, Any], dim: int = 0) -> ConvexSet:
    """The set that the data describe."""
    return _composite(data) or _of_matrices(data) or _of_vectors(data) or Empty(dim)


def _of_vectors(data: dict[str, Any]) -> ConvexSet | None:
    match data["type"]:
        case "point":
            return Point(data["v"])
        case "box":
            return Box(data["lo"], data["hi"])
        case "ball":
            return Ball(data["norm"], data["center"], data["radius"])
        case "hull":
            return Hull(data["points"])
        case "cone":
            return Cone(data["dim"], data["generators"], data["lineality"])
        case "hypersimplex":
            return Hypersimplex(data["n"], data["k"])
        case _:
            assert data["type"] == "empty"
            return None


def _of_matrices(data: dict[str, Any]) -> ConvexSet | None:
    match data["type"]:
        case "matball":
            return MatrixBall(data["norm"], data["shape"], data["center"], data["radius"])
        case "spectraplex":
            return Spectraplex(data["n"], data["trace"])
        case "fantope":
            return Fantope(data["n"], data["k"])
        case "psd_shift":
            return PsdShift(data["n"], data["sign"], data["offset"])
        case _:
            return None


def _composite(data: dict[str, Any]) -> ConvexSet | None:
    match data["type"]:
        case "hull_of":
            return HullOf(*map(built, data["sets"]))
        case "sum":
            return Sum(*map(built, data["sets"]))
        case "product":
            return Product(*map(built, data["sets"]))
        case "affine":
            return Affine(data["A"], built(data["set"]), data["b"])
        case "sandwich":
            return Sandwich(data["L"], built(data["set"]), data["R"], data["offset"])
        case _:
            return None
