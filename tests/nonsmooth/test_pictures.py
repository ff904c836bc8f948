"""Pictures are well-formed SVG that show what the answer says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

import gradform as gf
from gradform.pictures.canvas import Canvas
from gradform.pictures.scale import ticks


@pytest.mark.parametrize(
    ("expr", "at", "domain", "shown", "hidden"),
    [
        ("abs(x - 1) + x^2", 1, None, ('class="area"', 'class="slope"'), ('class="alarm"',)),
        ("x^2", 1, None, ('class="slope"',), ('class="area"',)),
        ("x^2", 0, "[0, inf)", ('class="slope open"', 'class="area"'), ()),
        ("-sqrt(x)", 0, None, ("no supporting line",), ('class="area"',)),
        ("abs(abs(x) - 1)", 1, None, ('class="alarm"', "no subdifferential"), ('class="area"',)),
        ("x*log(x)", 1, "(0, inf)", ('class="curve"',), ()),
    ],
)
def test_graph_shows_the_set(
    expr: str, at: object, domain: str | None, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    picture = gf.subdifferential(expr, at=at, domain=domain).svg()
    assert ET.fromstring(picture).tag.endswith("svg")
    assert all(part in picture for part in shown)
    assert not any(part in picture for part in hidden)


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-1.2, 3.1) == [-1.0, 0.0, 1.0, 2.0, 3.0]
    assert ticks(0.0, 0.07) == [0.0, 0.02, 0.04, 0.06]


def test_text_is_escaped_and_pens_lift_at_gaps() -> None:
    canvas = Canvas((0, 1), (0, 1), "a < b & c")
    canvas.curve([(0, 0), (0.5, 0.5), None, (0.6, float("nan")), (0.7, 1), (1, 0)])
    picture = canvas.svg()
    ET.fromstring(picture)
    assert picture.count('class="curve"') == 2
