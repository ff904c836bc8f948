"""Kinks rounded off: near to the function, nearer for smaller μ, and smooth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradform.functions.record import Function, all_functions
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
from gradform.minimize.smoothing import smoothed
from tests.support.ir_eval import evaluate_node

MU = symbol("mu", ())
N = dim("n")
ROUNDED = [each for each in all_functions() if each.rounded is not None]
BENT = [each for each in all_functions() if each.elementwise and each.kinks]


def application(function: Function) -> Node:
    names = "xy"[: len(function.parameters)]
    applied: Node = function.apply(*(symbol(name, (N,)) for name in names))
    return applied


def values(node: Node, mu: float) -> Any:
    points = np.array([-2.0, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0])
    arrays = {"x": points, "y": points[::-1] / 2, "mu": np.array(mu)}
    return evaluate_node(node, arrays, {"n": points.size})


@pytest.mark.parametrize("function", [*ROUNDED, *BENT], ids=lambda each: each.name)
def test_a_rounded_function_is_near(function: Function) -> None:
    exact = application(function)
    smooth = smoothed(exact, MU)
    assert smooth is not exact
    errors = [np.abs(values(smooth, mu) - values(exact, mu)).max() / mu for mu in (1.0, 1e-1, 1e-2)]
    assert errors[0] > 1e-3
    assert max(errors) <= 2


def test_functions_with_kinks_are_known() -> None:
    assert {each.name for each in ROUNDED} >= {"maximum", "minimum", "max"}
    assert {each.name for each in BENT} >= {"abs", "relu"}


def test_roots_of_what_vanishes_are_rounded() -> None:
    x = Expr(symbol("x", (N,)))
    norm = ((x**2).sum() ** Fraction(1, 2)).node
    smooth = smoothed(norm, MU)
    points = {"x": np.zeros(3), "mu": np.array(0.01)}
    assert evaluate_node(smooth, points, {"n": 3}) == pytest.approx(0.01)
    assert smoothed((x**2).sum().node, MU) is (x**2).sum().node
