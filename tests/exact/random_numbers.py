"""Random numbers with the enclosure they must have, computed apart from normal forms.

A sample is made twice: exactly, and by plain ball arithmetic of the same operations.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx, fmpq

from gradform.exact import Real, apply

__all__ = ["BITS", "Sample", "sample"]

BITS = 400


class Sample(NamedTuple):
    """An exact number and a ball that contains it."""

    exact: Real
    ball: arb


_UNARY: dict[str, tuple[Callable[[arb], arb], Callable[[float], bool]]] = {
    "exp": (lambda x: x.exp(), lambda x: abs(x) < 20),
    "log": (lambda x: x.log(), lambda x: x > 0.01),
    "sqrt": (lambda x: x.sqrt(), lambda x: x > 0.01),
    "sin": (lambda x: x.sin(), lambda x: True),
    "cos": (lambda x: x.cos(), lambda x: True),
    "tan": (lambda x: x.tan(), lambda x: abs(x) < 1.5),
    "asin": (lambda x: x.asin(), lambda x: abs(x) < 0.99),
    "acos": (lambda x: x.acos(), lambda x: abs(x) < 0.99),
    "atan": (lambda x: x.atan(), lambda x: True),
    "sinh": (lambda x: x.sinh(), lambda x: abs(x) < 20),
    "cosh": (lambda x: x.cosh(), lambda x: abs(x) < 20),
    "tanh": (lambda x: x.tanh(), lambda x: abs(x) < 20),
    "gamma": (lambda x: x.gamma(), lambda x: 0.1 < x < 20),
    "lgamma": (lambda x: x.lgamma(), lambda x: 0.1 < x < 20),
    "digamma": (lambda x: x.digamma(), lambda x: 0.1 < x < 20),
    "erf": (lambda x: x.erf(), lambda x: abs(x) < 5),
    "erfc": (lambda x: x.erfc(), lambda x: abs(x) < 5),
    "lambertw": (lambda x: x.lambertw(), lambda x: -0.3 < x < 1e6),
    "floor": (lambda x: x.floor(), lambda x: abs(x) < 1e6),
    "abs": (lambda x: abs(x), lambda x: True),
}


def sample(source: random.Random, depth: int, functions: bool = True) -> Sample:
    """A random number of at most ``depth`` operations on each way down."""
    before = ctx.prec
    ctx.prec = BITS
    try:
        return _sample(source, depth, functions)
    finally:
        ctx.prec = before


def _sample(source: random.Random, depth: int, functions: bool) -> Sample:
    kind = source.random()
    if depth == 0 or kind < 0.12:
        return _leaf(source, functions)
    if kind < 0.4 and functions:
        return _applied(source, _sample(source, depth - 1, functions))
    left = _sample(source, depth - 1, functions)
    if kind < 0.55:
        return _rooted(source, left)
    right = _sample(source, depth - 1, functions)
    if kind < 0.7:
        return Sample(left.exact + right.exact, left.ball + right.ball)
    if kind < 0.8:
        return Sample(left.exact - right.exact, left.ball - right.ball)
    if kind < 0.9 or abs(float(right.ball)) < 1e-6:
        return Sample(left.exact * right.exact, left.ball * right.ball)
    return Sample(left.exact / right.exact, left.ball / right.ball)


def _leaf(source: random.Random, functions: bool) -> Sample:
    if functions and source.random() < 0.2:
        return Sample(Real.pi(), arb.pi())
    value = Fraction(source.randint(-12, 12), source.choice((1, 1, 2, 3, 4, 6)))
    return Sample(Real.of(value), arb(fmpq(value.numerator, value.denominator)))


def _applied(source: random.Random, inside: Sample) -> Sample:
    allowed = [name for name, (_, domain) in _UNARY.items() if domain(float(inside.ball))]
    name = source.choice(allowed)
    if name == "floor" and abs(inside.ball - inside.ball.floor()) < arb(2) ** -200:
        return inside
    return Sample(apply(name, inside.exact), _UNARY[name][0](inside.ball))


def _rooted(source: random.Random, inside: Sample) -> Sample:
    if inside.ball > arb("0.001"):
        n, d = source.choice(((1, 2), (1, 2), (1, 3), (2, 3), (-1, 2), (3, 2), (3, 1), (-2, 1)))
        if inside.ball < 1000:
            return Sample(inside.exact ** Fraction(n, d), inside.ball ** fmpq(n, d))
    return Sample(-inside.exact, -inside.ball)
