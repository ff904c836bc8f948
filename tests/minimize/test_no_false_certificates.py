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


@pytest.mark.parametrize(
    ("structure", "given"),
    [
        ("positive", np.array([1.0, -1.0])),
        ("unit", np.array([0.5, 1.5])),
        ("pm1", np.array([1.0, 0.5])),
        ("binary", np.array([1.0, -1.0])),
        ("onehot", np.array([1.0, 1.0])),
        ("simplex", np.array([0.5, 0.6])),
    ],
)
def test_data_keep_their_declarations(structure: str, given: Any) -> None:
    """Convexity is proved from what the weights are declared to be."""
    function = gf.parse("sum(c.*x.^2)", shapes={"x": V, "c": V}, assume={"c": structure})
    with pytest.raises(gf.ArrayError, match="'c' is declared"):
        function.minimize({"x": np.zeros(2)}, c=given, check=False)
    fine = np.array([1.0, 0.0]) if structure != "pm1" else np.array([1.0, -1.0])
    run = function.minimize({"x": np.ones(2)}, c=fine, check=False)
    assert run.certificate.is_global == (structure != "pm1")


@pytest.mark.parametrize(
    ("structure", "broken"),
    [
        ("symmetric", [[1.0, 2.0], [0.0, 1.0]]),
        ("spd", [[1.0, 2.0], [2.0, 1.0]]),
        ("diagonal", [[1.0, 1.0], [0.0, 1.0]]),
        ("toeplitz", [[1.0, 2.0], [0.0, 2.0]]),
        ("orthogonal", [[1.0, 1.0], [0.0, 1.0]]),
        ("lower_positive", [[1.0, 0.0], [1.0, -1.0]]),
    ],
)
def test_matrices_keep_their_declarations(structure: str, broken: Any) -> None:
    shapes = {"x": V, "A": ("n", "n")}
    function = gf.parse("sumsq(A*x)", shapes=shapes, assume={"A": structure})
    with pytest.raises(gf.ArrayError, match="'A' is declared"):
        function.minimize({"x": np.ones(2)}, A=np.array(broken), check=False)
    assert function.minimize({"x": np.ones(2)}, A=np.eye(2), check=False).certificate.is_global
