"""Exact values of curves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradform.exact import Real, apply
from gradform.language import say
from gradform.nonsmooth.line.curve import Curve, elementary

__all__ = ["branch", "holds", "value_at"]


def value_at(root: Curve, point: Real) -> Real:
    """f(point), exact; ValueError where the curve is not defined.

    Branches that are not taken are not looked at.
    """
    known: dict[Curve, Real] = {}

    def of(node: Curve) -> Real:
        if node not in known:
            known[node] = _value(node, point, of)
        return known[node]

    return of(root)


def _value(node: Curve, point: Real, of: Callable[[Curve], Real]) -> Real:
    match node.op:
        case "const":
            return node.value
        case "x":
            return point
        case "add":
            return sum((of(arg) for arg in node.args[1:]), of(node.args[0]))
        case "mul":
            result = of(node.args[0])
            for arg in node.args[1:]:
                result = result * of(arg)
            return result
        case "pow":
            return _root(of(node.args[0]), node.data)
        case "fn":
            return elementary(node.data, of(node.args[0]))
        case "abs":
            return abs(of(node.args[0]))
        case "max":
            return max(of(arg) for arg in node.args)
        case "min":
            return min(of(arg) for arg in node.args)
        case "sign":
            return Real.of(of(node.args[0]).sign(numerical=True))
        case "floor":
            return apply("floor", of(node.args[0]))
    assert node.op == "where", node.op
    return of(branch(node, lambda test: of(test).sign(numerical=True)))


def _root(base: Real, exponent: Fraction) -> Real:
    if exponent < 0 and base.sign(numerical=True) == 0:
        raise ValueError(say("division by 0"))
    if exponent.denominator > 1 and base.sign(numerical=True) < 0:
        raise ValueError(say("a root of a negative number"))
    return base**exponent


_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0,
    "<=": lambda s: s <= 0,
    ">": lambda s: s > 0,
    ">=": lambda s: s >= 0,
    "==": lambda s: s == 0,
    "!=": lambda s: s != 0,
}


def holds(relation: str, sign: int) -> bool:
    """Whether a number of this sign stands in the relation to 0."""
    return _HOLDS[relation](sign)


def branch(node: Curve, sign_of: Callable[[Curve], int]) -> Curve:
    """The branch of a ``where`` that is taken."""
    for k, relation in enumerate(node.data):
        if holds(relation, sign_of(node.args[2 * k])):
            return node.args[2 * k + 1]
    return node.args[-1]
