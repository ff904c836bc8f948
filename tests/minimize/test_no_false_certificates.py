"""Functions that are not convex are never certified, whatever point a run ends at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf

_rng = np.random.default_rng(1)
V, NUMBER = ("n",), ()

NOT_CONVEX: list[tuple[str, dict[str, tuple[str, ...]], dict[str, Any]]] = [
    ("sum(cos(x)) + sumsq(x)/10", {"x": V}, {}),
    ("sum(tanh(x).^2)", {"x": V}, {}),
    ("log(1 + x'*x)", {"x": V}, {}),
    ("(x'*x - 1)^2", {"x": V}, {}),
    ("norm1(x) + sum(cos(3*x))", {"x": V}, {}),
    ("max(x) + sum(sin(x)) + sumsq(x)/20", {"x": V}, {}),
    ("x'*A*x", {"x": V, "A": ("n", "n")}, {"A": np.array([[1.0, 2.0], [2.0, 1.0]])}),
    ("c*sumsq(x) + sum(x)", {"x": V, "c": NUMBER}, {"c": -1.0}),
    ("d*sum(exp(c*x)) + sumsq(x)", {"x": V, "c": NUMBER, "d": NUMBER}, {"c": 1.0, "d": -0.1}),
    ("sum(y.*exp(x)) + sumsq(x)", {"x": V, "y": V}, {"y": np.array([1.0, -1.0])}),
    ("sumsq(x*x' - A)", {"x": V, "A": ("n", "n")}, {"A": np.eye(2)}),
    (
        "sum(sigmoid(X*x)) + sumsq(x)/100",
        {"x": V, "X": ("m", "n")},
        {"X": _rng.normal(size=(5, 2))},
    ),
]


@pytest.mark.parametrize("case", NOT_CONVEX, ids=lambda case: case[0])
def test_what_is_not_convex_is_not_certified(case: tuple[str, Any, Any]) -> None:
    text, shapes, data = case
    function = gf.parse(text, shapes=shapes)
    for seed in range(2):
        start = {"x": 3 * np.random.default_rng(seed).normal(size=2)}
        result = function.minimize(start, check=False, **data)
        assert result.certificate.convexity.label != "convex"
        assert not result.certificate.is_global
        assert "global minimum certified" not in str(result)
