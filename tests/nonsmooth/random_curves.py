"""Random functions of one variable, as text and as a callable of mpmath numbers.

Half of the arguments of kinks vanish at the point x0 that the function is asked about, so
that kinks are met, cancel each other and are nested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import mpmath

__all__ = ["Sample", "convex", "mixed"]

Number = Any
Evaluate = Callable[[Number], Number]


@dataclass(frozen=True)
class Sample:
    """An expression with its text, its value, and the point."""

    text: str
    value: Evaluate
    point: Fraction


Part = tuple[str, Evaluate]


def mixed(seed: int) -> Sample:
    """A composition of kinks and smooth parts, defined everywhere."""
    rng = Random(seed)
    point = Fraction(rng.randint(-6, 6), rng.choice((1, 1, 2, 3, 4)))
    text, value = _Mixed(rng, point).expression(rng.choice((2, 3, 3, 4)))
    return Sample(text, value, point)


def convex(seed: int) -> Sample:
    """A function that is convex by construction."""
    rng = Random(seed)
    point = Fraction(rng.randint(-6, 6), rng.choice((1, 1, 2, 3, 4)))
    text, value = _Convex(rng, point).expression(rng.choice((1, 2, 2, 3)))
    return Sample(text, value, point)


def _mp(value: Fraction) -> Number:
    return mpmath.mpf(value.numerator) / value.denominator


def _number(value: Fraction) -> str:
    return f"({value})" if value < 0 or value.denominator > 1 else str(value)


class _Builder:
    def __init__(self, rng: Random, point: Fraction) -> None:
        self.rng = rng
        self.point = point

    def line(self) -> Part:
        """An affine part, as often as not 0 at the point."""
        slope = Fraction(self.rng.choice((-3, -2, -1, 1, 1, 2, 3)), self.rng.choice((1, 1, 2)))
        vanishes = self.rng.random() < 0.5
        shift = -slope * self.point if vanishes else Fraction(self.rng.randint(-4, 4))
        return (
            f"({_number(slope)}*x + {_number(shift)})",
            lambda x: _mp(slope) * x + _mp(shift),
        )


class _Mixed(_Builder):
    def expression(self, depth: int) -> Part:
        if depth == 0:
            return self.line()
        build = self.rng.choice((self.sum, self.product, self.kink, self.kink, self.smooth))
        return build(depth - 1)

    def sum(self, depth: int) -> Part:
        (a, f), (b, g) = self.expression(depth), self.expression(depth)
        sign = self.rng.choice((1, -1))
        return f"({a} {'+' if sign > 0 else '-'} {b})", lambda x: f(x) + sign * g(x)

    def product(self, depth: int) -> Part:
        (a, f), (b, g) = self.expression(depth), self.line()
        return f"({a}*{b})", lambda x: f(x) * g(x)

    def kink(self, depth: int) -> Part:
        a, f = self.expression(depth)
        kind = self.rng.choice(("abs", "relu", "max", "min", "hinge", "pinball", "huber", "cases"))
        if kind == "abs":
            return f"abs({a})", lambda x: abs(f(x))
        if kind == "relu":
            return f"relu({a})", lambda x: max(f(x), mpmath.mpf(0))
        if kind == "hinge":
            return f"hinge({a})", lambda x: max(1 - f(x), mpmath.mpf(0))
        if kind == "pinball":
            return f"pinball({a}, 1/4)", lambda x: max(f(x) / 4, -3 * f(x) / 4)
        if kind == "huber":
            return f"huber({a}, 1)", lambda x: _huber(f(x))
        b, g = self.expression(depth)
        if kind == "max":
            return f"max({a}, {b})", lambda x: max(f(x), g(x))
        if kind == "min":
            return f"min({a}, {b})", lambda x: min(f(x), g(x))
        c, h = self.line()
        return (
            f"piecewise({c} < 0, {a}, {a} + {c}^2*{b})",
            lambda x: f(x) if h(x) < 0 else f(x) + h(x) ** 2 * g(x),
        )

    def smooth(self, depth: int) -> Part:
        a, f = self.expression(depth)
        kind = self.rng.choice(
            ("tanh", "sin", "atan", "softplus", "square", "cube", "root", "log", "sigmoid", "power")
        )
        return {
            "tanh": (f"tanh({a})", lambda x: mpmath.tanh(f(x))),
            "sin": (f"sin({a})", lambda x: mpmath.sin(f(x))),
            "atan": (f"atan({a})", lambda x: mpmath.atan(f(x))),
            "softplus": (f"softplus({a})", lambda x: mpmath.log1p(mpmath.exp(f(x)))),
            "square": (f"{a}^2", lambda x: f(x) ** 2),
            "cube": (f"({a})^3", lambda x: f(x) ** 3),
            "root": (f"sqrt(1 + {a}^2)", lambda x: mpmath.sqrt(1 + f(x) ** 2)),
            "log": (f"log(2 + {a}^2)", lambda x: mpmath.log(2 + f(x) ** 2)),
            "sigmoid": (f"sigmoid({a})", lambda x: 1 / (1 + mpmath.exp(-f(x)))),
            "power": (f"abs({a})^(3/2)", lambda x: abs(f(x)) ** mpmath.mpf("1.5")),
        }[kind]


def _huber(t: Number) -> Number:
    return t**2 / 2 if abs(t) <= 1 else abs(t) - mpmath.mpf(1) / 2


class _Convex(_Builder):
    def expression(self, depth: int) -> Part:
        if depth == 0:
            return self.atom()
        kind = self.rng.choice(("sum", "max", "outer"))
        (a, f), (b, g) = self.expression(depth - 1), self.expression(depth - 1)
        if kind == "sum":
            weight = Fraction(self.rng.randint(1, 5), self.rng.choice((1, 2, 3)))
            return f"({a} + {_number(weight)}*{b})", lambda x: f(x) + _mp(weight) * g(x)
        if kind == "max":
            return f"max({a}, {b})", lambda x: max(f(x), g(x))
        outer = self.rng.choice(("relu", "square", "hinge"))
        if outer == "relu":
            return f"relu({a} - 1)", lambda x: max(f(x) - 1, mpmath.mpf(0))
        if outer == "square":
            return f"max({a}, 0)^2", lambda x: max(f(x), mpmath.mpf(0)) ** 2
        return f"({a} + abs(x))", lambda x: f(x) + abs(x)

    def atom(self) -> Part:
        a, f = self.line()
        return self.rng.choice(
            (
                (f"abs({a})", lambda x: abs(f(x))),
                (f"{a}^2", lambda x: f(x) ** 2),
                (f"softplus({a})", lambda x: mpmath.log1p(mpmath.exp(f(x)))),
                (f"hinge({a})", lambda x: max(1 - f(x), mpmath.mpf(0))),
                (f"pinball({a}, 1/3)", lambda x: max(f(x) / 3, -2 * f(x) / 3)),
                (f"sqrt(1 + {a}^2)", lambda x: mpmath.sqrt(1 + f(x) ** 2)),
                (f"exp({a}/2)", lambda x: mpmath.exp(f(x) / 2)),
                (f"abs({a})^(3/2)", lambda x: abs(f(x)) ** mpmath.mpf("1.5")),
                (f"huber({a}, 1)", lambda x: _huber(f(x))),
                (a, f),
            )
        )
