"""Common denominators, and sums over sums."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from gradform.functions.operators import trace
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from gradform.ir.rebuild import rebuild
from gradform.rewrite.fractions import over_common_denominator, sum_of_sum
from gradform.rewrite.weight import weight
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, n, point, sym
from tests.unit.rewrite.random_sums import random_sum

A, B, S, x, y, w, c, d, q = (Expr(sym(name)) for name in "ABSxywcdq")
HALF = Fraction(1, 2)
one_more = 1 + c**2
mean = x.sum() / Expr(build.size_of(n))

TOGETHER: dict[str, tuple[Expr, Expr]] = {
    "1 - c²/(1 + c²)": (1 - c**2 / one_more, 1 / one_more),
    "c²/(1 + c²) - 1": (c**2 / one_more - 1, -1 / one_more),
    "d - d c²/(1 + c²)": (d - d * c**2 / one_more, d / one_more),
    "entrywise": (1 - x**2 / (1 + x**2), 1 / (1 + x**2)),
    "two powers": (1 / one_more - c**2 / one_more**2, one_more**-2),
    "roots": (one_more**HALF - c**2 * one_more**-HALF, one_more**-HALF),
    "beside a matrix": (A * d - A * (d * c**2 / one_more), A * (d / one_more)),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_over_a_common_denominator(name: str) -> None:
    left, right = TOGETHER[name]
    assert over_common_denominator(left.node) is right.node


APART: dict[str, Expr] = {
    "no denominator": x + y * w,
    "x/(w + y) + tanh(x).*tanh(y)": x / (w + y) + fn("tanh")(x) * fn("tanh")(y),
    "x/(w + y) + y/(w + x)": x / (w + y) + y / (w + x),
    "a product": x * y / d,
    "a denominator under a sum": (x / y).sum() + c,
}


@pytest.mark.parametrize("name", APART)
def test_stays_where_the_numerator_would_grow(name: str) -> None:
    assert over_common_denominator(APART[name].node) is APART[name].node


CANCEL: dict[str, tuple[Expr, Expr]] = {
    "Σ (x - mean(x))": ((x - mean).sum(), Expr(build.zero())),
    "Σ (x + y - x)": ((x + y - x).sum(), y.sum()),
    "Σ (q - 1/n)": ((q - 1 / Expr(build.size_of(n))).sum(), Expr(build.zero())),
    "Σ (A - A')": ((A - A.T).sum(), Expr(build.zero())),
    "tr(A*B - B*A)": (trace(A @ B - B @ A), Expr(build.zero())),
}


@pytest.mark.parametrize("name", CANCEL)
def test_sums_over_sums_that_cancel(name: str) -> None:
    left, right = CANCEL[name]
    at = point(1)
    found = sum_of_sum(left.node)
    assert weight(found) <= weight(right.node)
    assert agrees(right.node, evaluate_node(left.node, at.arrays, at.sizes), at)
    assert agrees(found, evaluate_node(left.node, at.arrays, at.sizes), at)


@pytest.mark.parametrize("expression", [(x + y).sum(), (A @ x + y).sum(), x - y, trace(A + B)])
def test_sums_over_sums_that_do_not_cancel_stay(expression: Expr) -> None:
    assert sum_of_sum(expression.node) is expression.node


PASSES: dict[str, Callable[[Node], Node]] = {
    "common denominator": over_common_denominator,
    "common denominators everywhere": lambda node: rebuild(node, over_common_denominator),
    "sums of sums everywhere": lambda node: rebuild(node, sum_of_sum),
}


@pytest.mark.parametrize("name", PASSES)
def test_values_are_kept(name: str) -> None:
    defined = 0
    for seed in range(250):
        at = point(seed)
        node, value = random_sum(random.Random(seed), at)
        defined += agrees(PASSES[name](node), value, at, 1e-6)
    assert defined > 500


@pytest.mark.parametrize("name", PASSES)
def test_twice_is_once(name: str) -> None:
    change = PASSES[name]
    changed = 0
    for seed in range(250):
        node = random_sum(random.Random(seed), point(seed)).node
        found = change(node)
        changed += found is not node
        assert change(found) is found, seed
    assert changed


def test_a_sum_of_sums_under_functions() -> None:
    expression = fn("exp")((x - mean).sum()) * y
    assert rebuild(expression.node, sum_of_sum) is y.node
