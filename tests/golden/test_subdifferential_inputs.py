"""The expressions of the subdifferential data: read, evaluated, differentiated where smooth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradform as gf

DATA = Path(__file__).parents[1] / "data"


def load(name: str) -> Any:
    return json.loads((DATA / f"subdifferential_{name}.json").read_text(encoding="utf-8"))


UNIVARIATE = load("univariate")
MULTIVARIATE = load("multivariate")["cases"]

# Values at exact points are given in double precision.
SYMMETRIC = ("P", "Q")
ROUNDED = 1e-12


def closed(row: dict[str, Any]) -> float:
    return float(gf.parse(row["closed"], shapes={})())


@pytest.mark.parametrize("row", UNIVARIATE["cases"], ids=lambda row: row["id"])
def test_values_at_exact_points(row: dict[str, Any]) -> None:
    point = closed(row["x0"])
    np.testing.assert_allclose(point, row["x0"]["float"], rtol=1e-14)
    if row.get("f_x0") is None:
        return
    with np.errstate(all="ignore"):
        value = gf.parse(row["expr"], shapes={"x": ()})(x=point)
    np.testing.assert_allclose(value, float(row["f_x0"]), rtol=ROUNDED, atol=ROUNDED)


def middle(piece: dict[str, Any]) -> float:
    low, high = float(piece["lo"]["float"]), float(piece["hi"]["float"])
    low, high = max(low, min(high - 2, -1)), min(high, max(low + 2, 1))
    return 0.37 * low + 0.63 * high


@pytest.mark.parametrize("row", UNIVARIATE["functions"], ids=lambda row: row["id"])
def test_derivatives_between_kinks(row: dict[str, Any]) -> None:
    found = gf.derivative(row["expr"], "x", shapes={"x": ()})
    for piece in row["pieces"]:
        at = middle(piece)
        wanted = gf.parse(piece["derivative"], shapes={"x": ()})(x=at)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(found(x=at), wanted, rtol=1e-12, atol=1e-12)


def asked(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Shapes, structures and values."""
    values = {**row["point"], **row["params"]}
    arrays = {name: np.squeeze(np.array(value, float)) for name, value in values.items()}
    shapes = {name: array.shape for name, array in arrays.items()}
    even = {name for name, a in arrays.items() if a.ndim == 2 and name in SYMMETRIC}
    marked = {each["name"] for each in row["variables"] if each.get("symmetric")}
    return shapes, dict.fromkeys(even | marked, "symmetric"), arrays


@pytest.mark.parametrize("row", MULTIVARIATE, ids=lambda row: row["id"])
def test_values_and_derivatives_in_several_variables(row: dict[str, Any]) -> None:
    shapes, structures, arrays = asked(row)
    expression = gf.parse(row["expr"], shapes=shapes, assume=structures)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            expression(**arrays), float(row["value"]), rtol=ROUNDED, atol=ROUNDED
        )
    names = [each["name"] for each in row["variables"]]
    if "ind_simplex" in row["expr"]:
        with pytest.raises(gf.CannotError, match="has no derivative"):
            expression.derivative(names)
    else:
        for name in names:
            assert expression.derivative(name).text
