"""The derivative of a smooth curve, as a curve."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.exact import Real
from gradform.nonsmooth.line.curve import (
    ONE,
    ZERO,
    Curve,
    add,
    constant,
    function,
    multiply,
    negate,
    power,
    subtract,
    walk,
)

__all__ = ["slope"]


def slope(root: Curve) -> Curve:
    """f'; the curve must have no kinks."""
    if "slope" not in root.memo:
        root.memo["slope"] = walk(root, _slope)
    found: Curve = root.memo["slope"]
    return found


def _slope(node: Curve, below: list[Curve]) -> Curve:
    match node.op:
        case "const":
            return ZERO
        case "x":
            return ONE
        case "add":
            return add(*below)
        case "mul":
            terms = (
                multiply(*node.args[:k], change, *node.args[k + 1 :])
                for k, change in enumerate(below)
                if change is not ZERO
            )
            return add(*terms)
        case "pow":
            base, exponent = node.args[0], node.data
            return multiply(constant(exponent), power(base, exponent - 1), below[0])
    assert node.op == "fn", f"{node.op} has kinks"
    name, *numbers = node.data
    return multiply(_RULES[name](node.args[0], node, *numbers), below[0])


def _polygamma(u: Curve, y: Curve, order: int = 0) -> Curve:
    return function("polygamma", u, order + 1)


def _circle(u: Curve, exponent: Fraction) -> Curve:
    return power(subtract(ONE, power(u, 2)), exponent)


def _bell(u: Curve, sign: int) -> Curve:
    """±2/√π exp(-u²)"""
    factor = Real.of(2 * sign) / Real.pi() ** Fraction(1, 2)
    return multiply(constant(factor), function("exp", negate(power(u, 2))))


_HALF = Fraction(1, 2)

_RULES: dict[str, Callable[..., Curve]] = {
    "exp": lambda u, y: y,
    "log": lambda u, y: power(u, -1),
    "sin": lambda u, y: function("cos", u),
    "cos": lambda u, y: negate(function("sin", u)),
    "tan": lambda u, y: power(function("cos", u), -2),
    "asin": lambda u, y: _circle(u, -_HALF),
    "acos": lambda u, y: negate(_circle(u, -_HALF)),
    "atan": lambda u, y: power(add(ONE, power(u, 2)), -1),
    "sinh": lambda u, y: function("cosh", u),
    "cosh": lambda u, y: function("sinh", u),
    "tanh": lambda u, y: power(function("cosh", u), -2),
    "gamma": lambda u, y: multiply(y, function("digamma", u)),
    "lgamma": lambda u, y: function("digamma", u),
    "digamma": lambda u, y: function("polygamma", u, 1),
    "polygamma": _polygamma,
    "erf": lambda u, y: _bell(u, 1),
    "erfc": lambda u, y: _bell(u, -1),
    # W' = W/(z (1 + W)) = exp(-W)/(1 + W), which is regular at 0
    "lambertw": lambda u, y, k: multiply(function("exp", negate(y)), power(add(ONE, y), -1)),
}
