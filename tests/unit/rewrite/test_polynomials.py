"""Common factors of sums above and below a fraction."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Sum
from gradform.rewrite.polynomials import cancelled
from gradform.rewrite.weight import weight
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, point, sym

x, c, d = (Expr(sym(name)) for name in "xcd")
t = fn("tanh")(x)

SHORTER: dict[str, tuple[Expr, Expr]] = {
    "(1 - t²)/(1 + t)": ((1 - t**2) / (1 + t), 1 - t),
    "(1 - t²)/(1 - t)": ((1 - t**2) / (1 - t), 1 + t),
    "(t² - 1)/(1 - t)": ((t**2 - 1) / (1 - t), -(1 + t)),
    "(1 - t²)/(1 + t)²": ((1 - t**2) / (1 + t) ** 2, (1 - t) / (1 + t)),
    "(t² + 2t + 1)/(1 + t)²": ((t**2 + 2 * t + 1) / (1 + t) ** 2, t**0),
    "(c³ - 1)/(c - 1)": ((c**3 - 1) / (c - 1), c**2 + c + 1),
    "(1 - c)/(1 - c²)": ((1 - c) / (1 - c**2), 1 / (1 + c)),
    "(2 - 2c)²/(1 - c)³": ((2 - 2 * c) ** 2 / (1 - c) ** 3, 4 / (1 - c)),
    "beside others": (d * (1 - t**2) / (1 + t) / x, d * (1 - t) / x),
}

KEPT: dict[str, Expr] = {
    "nothing in common": (1 + t**2) / (1 + t),
    "another function": (1 - x**2) / (1 + t),
    "two functions": (1 - t**2 + x) / (1 + t),
    "another axis": Expr(
        build.contract(1, [((1 - t**2).node, (0,), 1), ((1 + t).node, (1,), -1)], (0, 1))
    ),
    "a root": (1 - c**2) ** Fraction(1, 2) / (1 - c),
    "fractional powers": (1 - c) / (1 - c ** Fraction(1, 2)),
    "longer without": (c**7 - 1) / (c - 1),
}


@pytest.mark.parametrize("name", SHORTER)
def test_common_factors_cancel(name: str) -> None:
    left, right = SHORTER[name]
    assert cancelled(left.node) is right.node


@pytest.mark.parametrize("name", KEPT)
def test_what_has_none_stays(name: str) -> None:
    assert cancelled(KEPT[name].node) is KEPT[name].node


NUMBERS: list[Coefficient] = [-3, -1, 1, 2, Fraction(1, 2)]


def _quotient(rng: random.Random, variable: Expr) -> Expr:
    """Products and powers of random polynomials, some above and below; sums as they are and
    multiplied out."""

    def factor() -> Expr:
        return variable ** rng.randint(1, 2) + rng.choice(NUMBERS)

    shared, other = factor(), factor()
    above = rng.choice([shared**2 - other, _multiplied_out(shared, other), shared, shared**2])
    below = rng.choice([shared, _multiplied_out(shared, shared), other]) ** rng.randint(1, 3)
    return rng.choice([1, 2, -3]) * above * other / below / (variable**2 + 4)


def _multiplied_out(left: Expr, right: Expr) -> Expr:
    assert isinstance(left.node, Sum) and isinstance(right.node, Sum)
    terms = [
        (p * q, (Expr(u) * Expr(v)).node) for p, u in left.node.terms for q, v in right.node.terms
    ]
    return Expr(build.linear_combination(terms, left.node.axes))


@pytest.mark.parametrize("name", "xct")
def test_values_are_kept(name: str) -> None:
    variable = t if name == "t" else Expr(sym(name))
    shorter = 0
    for seed in range(150):
        at = point(seed)
        quotient = _quotient(random.Random(seed), variable).node
        found = cancelled(quotient)
        assert weight(found) <= weight(quotient)
        assert cancelled(found) is found
        shorter += found is not quotient
        assert agrees(found, evaluate_node(quotient, at.arrays, at.sizes), at)
    assert shorter > 20
