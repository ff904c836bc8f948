"""The golden data: 149 points and 23 whole maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gradform as gf
from gradform.exact import Real
from gradform.nonsmooth.line.compile import read_curve
from gradform.nonsmooth.line.question import parse_number
from gradform.nonsmooth.line.roots import rational_between
from gradform.nonsmooth.line.values import value_at
from gradform.syntax.parser import parse_formula

_DATA = json.loads(
    (Path(__file__).parents[1] / "data" / "subdifferential_univariate.json").read_text()
)
_ASKED = [case for case in _DATA["cases"] if "expected_error" not in case]
_REFUSED = [case for case in _DATA["cases"] if "expected_error" in case]


def _name(case: dict[str, Any]) -> str:
    return f"{case['id']} {case['expr']}"


def _ask(case: dict[str, Any]) -> Any:
    return gf.subdifferential(
        case["expr"],
        wrt=case["var"],
        at=case["x0"]["closed"],
        domain=case["domain"],
        sense=case.get("subdifferential", {}).get("sense"),
    )


@pytest.mark.parametrize("case", _ASKED, ids=_name)
def test_set_at_a_point(case: dict[str, Any]) -> None:
    found = _ask(case)
    wanted = case["subdifferential"]
    assert found.convexity.label == case["curvature"]
    assert found.kind == wanted["kind"]
    assert found.sense == wanted.get("sense")
    if found.bounds is not None:
        assert found.bounds[0] == parse_number(wanted["lo"]["closed"])
        assert found.bounds[1] == parse_number(wanted["hi"]["closed"])
        assert found.contains(0) == case["contains_zero"] == found.is_optimal
        assert float(found.min_norm) == pytest.approx(case["min_norm"], rel=1e-12, abs=1e-12)
    for side in ("left", "right"):
        slope, expected = getattr(found, side), case["one_sided"][side]
        assert (slope is None) == (expected is None)
        if slope is not None:
            assert float(slope) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "case", [case for case in _ASKED if case["curvature"] == "neither"], ids=_name
)
def test_refusal_has_witnesses_and_the_clarke_set(case: dict[str, Any]) -> None:
    found = _ask(case)
    assert found.status == "REFUSED"
    program = parse_formula(case["expr"])
    curve = read_curve(program, "x", {}).curve
    for witness, sign in ((found.convexity.not_convex, 1), (found.convexity.not_concave, -1)):
        value = value_at(curve, witness.x)
        ends = (value_at(curve, witness.x1), value_at(curve, witness.x2))
        chord = ends[0] * witness.weight + ends[1] * (1 - witness.weight)
        assert (value - chord).sign() == sign
    wanted = case["clarke"]
    if wanted is None:
        assert found.clarke is None
    else:
        low, high = found.clarke
        assert low == parse_number(wanted["lo"]["closed"])
        assert high == parse_number(wanted["hi"]["closed"])


@pytest.mark.parametrize("case", _REFUSED, ids=_name)
def test_input_error(case: dict[str, Any]) -> None:
    with pytest.raises(gf.InputError) as caught:
        _ask(case)
    assert caught.value.kind == case["expected_error"]


@pytest.mark.parametrize("case", _DATA["functions"], ids=_name)
def test_whole_map(case: dict[str, Any]) -> None:
    found = gf.subdifferential(case["expr"], domain=case["domain"])
    assert found.convexity.label == case["curvature"]
    assert found.sense == case["sense"]
    assert len(found.pieces) == len(case["pieces"])
    for piece, wanted in zip(found.pieces, case["pieces"], strict=True):
        assert piece.low == parse_number(wanted["lo"]["closed"])
        assert piece.high == parse_number(wanted["hi"]["closed"])
        inside = Real.of(rational_between(piece.low, piece.high))
        derivative = read_curve(parse_formula(wanted["derivative"]), "x", {}).curve
        assert value_at(piece.derivative, inside) == value_at(derivative, inside)
    points = sorted(found.points, key=lambda each: each.point)
    assert len(points) == len(case["set_valued_points"])
    for point, wanted in zip(points, case["set_valued_points"], strict=True):
        assert point.point == parse_number(wanted["x"]["closed"])
        if wanted["kind"] == "empty":
            assert point.found.is_empty
            continue
        assert point.found.low == parse_number(wanted["lo"]["closed"])
        assert point.found.high == parse_number(wanted["hi"]["closed"])
