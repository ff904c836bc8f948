"""Kinks rounded off.

A function that is linear on both sides of its kink k, with slopes l and r, is

    f(u) = f(k) + (l + r)/2 · (u - k) + (r - l)/2 · |u - k|,

and |t| is the limit of sqrt(t² + μ²), which is smooth, convex and at most μ larger. A root of
what may vanish, such as a norm, is the root of the same plus μ². An entry of a vector of
values, such as the largest eigenvalue, is what the record of the function says.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from gradform.functions.record import Function
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Leaf, Node, Symbol
from gradform.ir.rebuild import rebuild
from gradform.ir.sign import is_positive
from gradform.minimize.squares import is_never_negative

__all__ = ["smoothed"]

_HALF = Fraction(1, 2)


def smoothed(root: Node, mu: Symbol) -> Node:
    """The expression with its kinks rounded off by μ; itself where it has none of that kind."""
    square = build.power(mu, 2)

    def change(node: Node) -> Node:
        match node:
            case Apply(fn=Function(rounded=rounded), args=args) if rounded is not None:
                return rounded(*map(Expr, args), Expr(mu)).node
            case Apply(fn=fn, args=(argument,)) if _is_bent_line(fn):
                return _rounded(fn, argument, square)
            case Contraction():
                return _of_roots(_of_entries(node, mu), square)
            case _:
                return node

    return rebuild(root, change)


def _is_bent_line(fn: Any) -> bool:
    """Whether a function of one number has one kink and is linear on both sides."""
    if not isinstance(fn, Function) or len(fn.kinks) != 1 or fn.evaluate is None:
        return False
    ((place, left, right),) = fn.kinks
    steps = np.array([0.5, 1.0, 3.0])
    middle = fn.evaluate(np, np.array([float(place)]))[0]
    before = fn.evaluate(np, place - steps) - middle
    after = fn.evaluate(np, place + steps) - middle
    return np.allclose(before, -left * steps) and np.allclose(after, right * steps)


def _rounded(fn: Function, argument: Node, square: Node) -> Node:
    ((place, left, right),) = fn.kinks
    assert fn.evaluate is not None
    k, middle = _exact(place), _exact(float(fn.evaluate(np, np.array([float(place)]))[0]))
    t = Expr(argument) - k
    bent = (t**2 + Expr(square)) ** _HALF
    slopes = _exact(left) + _exact(right), _exact(right) - _exact(left)
    return (t * (slopes[0] * _HALF) + bent * (slopes[1] * _HALF) + middle).node


def _exact(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def _is_root(factor: Factor) -> bool:
    """A power between 0 and 1 of what may vanish."""
    node, _, power = factor
    return 0 < power < 1 and is_never_negative(node) and not is_positive(node)


def _of_roots(node: Node, square: Node) -> Node:
    """A product with its roots rounded off."""
    if not (isinstance(node, Contraction) and any(map(_is_root, node.factors))):
        return node
    factors: list[tuple[Node, tuple[int, ...], Coefficient]] = [
        ((Expr(factor[0]) + Expr(square)).node, factor[1], factor[2])
        if _is_root(factor)
        else factor
        for factor in node.factors
    ]
    dims = dict(enumerate(node.dims))
    return build.contract(node.coefficient, factors, tuple(range(node.rank)), dims)


def _of_entries(node: Contraction, mu: Symbol) -> Node:
    """A product with one factor for a function's value times a unit vector: its entry, rounded."""
    for values in node.factors:
        for unit in node.factors:
            rounded = _rounded_entry(node, values, unit, mu)
            if rounded is not None:
                rest = [each for each in node.factors if each is not values and each is not unit]
                dims = {k: size for k, size in enumerate(node.dims) if k not in unit[1]}
                out = tuple(range(node.rank))
                return build.contract(node.coefficient, [(rounded, (), 1), *rest], out, dims)
    return node


def _rounded_entry(node: Contraction, values: Factor, unit: Factor, mu: Symbol) -> Node | None:
    """Σ_k values_k unit_k where no other factor has the label k, with the entry rounded off."""
    (value, labels, power), (place, label, _) = values, unit
    if not (isinstance(value, Apply) and isinstance(place, Leaf) and place.kind == "unit"):
        return None
    with_label = sum(label[0] in each[1] for each in node.factors)
    if (labels, power, with_label) != (label, 1, 2) or label[0] < node.rank:
        return None
    rounding = value.fn.rounded_entry if isinstance(value.fn, Function) else None
    found = rounding and rounding(Expr(value), place.params[0], Expr(mu))
    return found.node if found else None
