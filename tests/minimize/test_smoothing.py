"""Kinks rounded off: near to the function, nearer for smaller μ, and smooth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.derive.products import typed
from gradform.functions.record import Function, all_functions
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
from gradform.minimize.formulas import Formulas
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


KINKED = [
    each
    for each in all_functions()
    if any(c.smooth for c in each.conditions) and each.arguments and "ind_" not in each.name
]


@pytest.mark.parametrize("function", KINKED, ids=lambda each: each.name)
def test_a_function_with_kinks_is_rounded_or_refused(function: Function) -> None:
    """A function that has kinks and is neither would be taken for a smooth one."""
    text = f"sum({function.name}({function.arguments[0]}))"
    assume = {"S": "symmetric"} if "S" in text else None
    question = gf.parse(text, assume=assume, infer=True).question()
    formulas = Formulas(question, sorted(typed(question).variables)[:1], check=False)
    root = formulas.function.value.node
    if formulas.kinks and formulas.is_smoothable:
        assert smoothed(root, MU) is not root


@pytest.mark.parametrize("name", ["lambda_max", "lambda_min"])
def test_rounded_eigenvalues_are_near(name: str) -> None:
    function = gf.parse(f"{name}(S)", shapes={"S": ("n", "n")}, assume={"S": "symmetric"})
    root = function.elaborated.value.node
    assert smoothed(root, MU) is not root
    for entries in (np.eye(3), np.diag([1.0, 2.0, 2.0]), np.ones((3, 3))):
        exact = evaluate_node(root, {"S": entries}, {"n": 3})
        for mu in (1e-1, 1e-2):
            near = evaluate_node(smoothed(root, MU), {"S": entries, "mu": np.array(mu)}, {"n": 3})
            assert abs(near - exact) <= mu * np.log(3) + 1e-12


def test_functions_with_kinks_are_known() -> None:
    assert {each.name for each in ROUNDED} >= {"maximum", "minimum", "max"}
    assert {each.name for each in BENT} >= {"abs", "relu"}


# Whether the root of each is rounded off, as that of a sum of squares.
ROOTS = [
    ("sumsq(x(1:2))", True),
    ("sumsq(A*x)", True),
    ("sumsq(A'*A*x)", True),
    ("sumsq(B*B)", True),
    ("x'*A'*A*x + sumsq(x)", True),
    ("sumsq(A*x).*sumsq(x)", True),
    ("x'*diag(abs(y))*x", True),
    ("x'*B*x", False),
    ("tr(B*B)", False),
    ("x'*B*B*x", False),
    ("sumsq(x) - sumsq(y)", False),
    ("x'*A'*A*y", False),
]


@pytest.mark.parametrize("case", ROOTS, ids=lambda case: case[0])
def test_sums_of_squares_are_told_from_others(case: tuple[str, bool]) -> None:
    text, is_square = case
    shapes = {"x": ("n",), "y": ("n",), "A": ("m", "n"), "B": ("n", "n")}
    function = gf.parse(text, shapes=shapes)
    root = (Expr(function.elaborated.value.node) ** Fraction(1, 2)).node
    assert (smoothed(root, MU) is not root) == is_square
    rng = np.random.default_rng(0)
    sizes = {"n": 3, "m": 2}
    values = []
    for _ in range(200):
        arrays = {name: rng.normal(size=[sizes[s] for s in axes]) for name, axes in shapes.items()}
        values.append(function(**{name: arrays[name] for name in function.elaborated.variables}))
    assert (min(values) >= 0) == is_square


def test_roots_of_what_vanishes_are_rounded() -> None:
    x = Expr(symbol("x", (N,)))
    norm = ((x**2).sum() ** Fraction(1, 2)).node
    smooth = smoothed(norm, MU)
    points = {"x": np.zeros(3), "mu": np.array(0.01)}
    assert evaluate_node(smooth, points, {"n": 3}) == pytest.approx(0.01)
    assert smoothed((x**2).sum().node, MU) is (x**2).sum().node
