"""Derivatives of circular and hyperbolic functions as books write them."""

from __future__ import annotations

import pytest

import gradform as gf

FIRST = {
    "1/tan(x)": "-1/sin(x)^2",
    "log(tan(x))": "1/(sin(x)*cos(x))",
    "1/sin(x)": "-cos(x)/sin(x)^2",
    "1/cos(x)": "tan(x)/cos(x)",
    "1/sin(x)^2": "-2*cos(x)/sin(x)^3",
    "1/cosh(x)": "-tanh(x)/cosh(x)",
    "1/cosh(x)^2": "-2*tanh(x)/cosh(x)^2",
    "tanh(x)*cosh(x)": "cosh(x)",
    "tan(x)*cos(x)": "cos(x)",
    "sin(x)^2 + cos(x)^2": "0",
    "exp(tan(x))/tan(x)": "exp(tan(x))*(tan(x) - 1)/sin(x)^2",
}
SECOND = {
    "1/tan(x)": "2*cos(x)/sin(x)^3",
    "1/cosh(x)": "(2*tanh(x)^2 - 1)/cosh(x)",
    "x/tan(x)": "2*(x*cos(x) - sin(x))/sin(x)^3",
}


@pytest.mark.parametrize("text", FIRST)
def test_first_derivatives(text: str) -> None:
    assert gf.derivative(text, "x", shapes={"x": ()}).text == FIRST[text]


@pytest.mark.parametrize("text", SECOND)
def test_second_derivatives(text: str) -> None:
    assert gf.parse(text, shapes={"x": ()}).hessian("x").text == SECOND[text]
