"""Constants by name: pi, EulerGamma and inf, which is a bound only."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradform as gf


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("EulerGamma", float(np.euler_gamma)),
        ("digamma(1) + EulerGamma", 0.0),
        ("2*π", math.tau),
        ("piecewise(1 < ∞, 3, inf)", 3.0),
        ("ind_box(2, 0, inf)", 0.0),
        ("ind_box(-2, 0, inf)", math.inf),
        ("LambertW(1)*exp(LambertW(1))", 1.0),
        ("LambertW(-1/5, -1)*exp(LambertW(-1/5, -1))", -0.2),
        ("-LambertW(-exp(-2), -1)", 3.1461932206205825),
        ("gamma(5) - floor(24.5)", 0.0),
        ("median([3; 1; 7; 2])", 2.5),
        ("sum_largest([3; 1; 7; 2], 2)", 10.0),
        ("sort([3; 1; 2])'*[1; 10; 100]", 321.0),
        ("topk([3; 1; 7; 2]', 2)*[1; 10]", 73.0),
    ],
)
def test_values(source: str, value: float) -> None:
    np.testing.assert_allclose(gf.parse(source, shapes={})(), value, atol=1e-14)


@pytest.mark.parametrize(
    ("source", "column"),
    [("x + inf", 5), ("-∞*x", 2), ("2^inf", 3), ("[x; inf]", 5), ("1/(x - inf)", 8)],
)
def test_nothing_is_calculated_with_infinity(source: str, column: int) -> None:
    with pytest.raises(gf.FormulaSyntaxError) as caught:
        gf.parse(source, shapes={"x": ()})
    assert (caught.value.kind, caught.value.column) == ("infinite", column)


def test_infinite_bounds_ask_for_nothing() -> None:
    shapes: dict[str, tuple[()]] = {"x": ()}
    assert gf.parse("ind_box(x, 0, inf)", shapes=shapes).conditions == ("x > 0",)
    assert gf.parse("ind_box(x, -inf, 1)", shapes=shapes).conditions == ("x < 1",)


@pytest.mark.parametrize(
    ("source", "conditions"),
    [
        ("LambertW(x)", ("x > -exp(-1)",)),
        ("LambertW(x, 0)", ("x > -exp(-1)",)),
        ("LambertW(x, -1)", ("x > -exp(-1)", "x < 0")),
        ("LambertW(exp(x))", ()),
        ("max(x, 0, x^2)", ("x != 0", "max(x, 0) != x^2")),
        ("max(x)", ("the largest entry of x is unique",)),
    ],
)
def test_conditions_follow_the_arguments(source: str, conditions: tuple[str, ...]) -> None:
    assert gf.parse(source, shapes={"x": ()}).conditions == conditions


@pytest.mark.parametrize(("source", "at"), [("LambertW(x, -1)", -0.2), ("LambertW(x)", 2.0)])
def test_both_branches_are_differentiated(source: str, at: float) -> None:
    w = gf.parse(source, shapes={"x": ()})(x=at)
    slope = gf.derivative(source, "x", shapes={"x": ()}, check=False)(x=at)
    np.testing.assert_allclose(slope, math.exp(-w) / (1 + w), rtol=1e-13)


def test_constants_are_written_as_constants() -> None:
    expression = gf.parse("EulerGamma*x", shapes={"x": ()})
    assert expression.derivative("x").text == "EulerGamma"
    assert expression.latex == r"\gamma_{E}x"
    assert gf.parse("ind_box(x, 0, inf)", shapes={"x": ()}).unicode == "ind_box(x, 0, ∞)"
