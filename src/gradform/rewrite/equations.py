"""Simplification by named equations between entrywise functions.

An equation is a function of one variable that returns both sides; its name and its
docstring are the rule's. A sum that contains the left side times anything gets the right
side times the same instead, when that is shorter. The law tests run over ``EQUATIONS``:
both sides are equal wherever the function is defined, and the right side is shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.expr import Expr, ExprLike
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum, exact, symbol
from gradform.records import record
from gradform.rewrite.weight import weight

__all__ = ["EQUATIONS", "Equation", "apply_equations", "equation"]

Sides = tuple[Expr, ExprLike]


@record
class Equation:
    """left(x) = right(x) for every entry x."""

    name: str
    statement: str
    sides: Callable[[Expr], Sides]

    def at(self, x: Node) -> tuple[Node, Node]:
        """Both sides for an argument, with its axes."""
        left, right = self.sides(Expr(x))
        if isinstance(right, Expr):
            return left.node, right.node
        return left.node, build.constant(right, x.axes)


EQUATIONS: list[Equation] = []


def equation(sides: Callable[[Expr], Sides]) -> Equation:
    """Register a named equation."""
    found = Equation(sides.__name__, (sides.__doc__ or "").strip(), sides)
    EQUATIONS.append(found)
    return found


def apply_equations(node: Node, used: list[Equation] | None = None) -> Node:
    """The sum after every equation that shortens it; those are added to ``used``."""
    changed = True
    while changed and isinstance(node, Sum):
        changed = False
        for each in EQUATIONS:
            shorter = _applied(each, node)
            if shorter is not None:
                node, changed = shorter, True
                if used is not None:
                    used.append(each)
                break
    return node


def _applied(rule: Equation, node: Sum) -> Node | None:
    """The sum with one occurrence of the left side replaced, or None."""
    name = _leading_function(rule)
    for _, term in node.terms:
        for factor, labels, _ in _factors(term):
            if isinstance(factor, Apply) and factor.fn.name == name and not factor.order:
                found = _replaced(rule, node, term, factor, labels)
                if found is not None:
                    return found
    return None


@cache
def _leading_function(rule: Equation) -> str:
    """The function by which occurrences are looked for."""
    left, _ = rule.at(symbol("x", ()))
    assert isinstance(left, Sum)
    names = [f.fn.name for _, t in left.terms for f, _, _ in _factors(t) if isinstance(f, Apply)]
    return str(names[0])


def _replaced(
    rule: Equation, node: Sum, term: Node, factor: Apply, labels: tuple[int, ...]
) -> Node | None:
    """Match the whole left side around one of its terms: node = m·left + rest."""
    left, right = rule.at(factor.args[0])
    if not isinstance(left, Sum):
        return None
    amounts = {t: c for c, t in node.terms}
    for number, anchor in left.terms:
        multiplier = _quotient(term, anchor, labels)
        if multiplier is None:
            continue
        share = exact(amounts[term] / Fraction(number))
        parts = [(share * c, _product(node, multiplier, t, labels)) for c, t in left.terms]
        if all(amounts.get(part) == c for c, part in _like_terms(parts, node.axes)):
            put = _product(node, multiplier, right, labels)
            gone = [(-c, part) for c, part in parts]
            result = build.linear_combination([*node.terms, *gone, (share, put)], node.axes)
            return result if weight(result) < weight(node) else None
    return None


def _factors(term: Node) -> list[Factor]:
    if isinstance(term, Contraction):
        return list(term.factors)
    return [(term, tuple(range(term.rank)), 1)]


def _quotient(
    term: Node, anchor: Node, labels: tuple[int, ...]
) -> tuple[Node, list[Factor]] | None:
    """(term, factors of term / anchor[labels]) when the term has all factors of the anchor."""
    left = _factors(term)
    for factor, _, power in _factors(anchor) if not _is_one(anchor) else []:
        for k, (other, places, p) in enumerate(left):
            if other is factor and places == labels:
                left[k : k + 1] = [(other, places, exact(p - power))] if p != power else []
                break
        else:
            return None
    return term, left


def _is_one(node: Node) -> bool:
    return build.constant_value(node) is not None


def _product(
    node: Sum, multiplier: tuple[Node, list[Factor]], side: Node, labels: tuple[int, ...]
) -> Node:
    """multiplier · side[labels] with the axes of the sum."""
    term, factors = multiplier
    dims: dict[int, Dim] = dict(enumerate(node.axes))
    if isinstance(term, Contraction):
        dims = dict(enumerate(term.dims))
    return build.contract(1, [*factors, (side, labels, 1)], tuple(range(node.rank)), dims)


def _like_terms(
    parts: list[tuple[Coefficient, Node]], axes: tuple[Dim, ...]
) -> list[tuple[Coefficient, Node]]:
    """The parts as they stand in a sum: numbers apart from the terms."""
    whole = build.linear_combination(parts, axes)
    return list(whole.terms) if isinstance(whole, Sum) else [(1, whole)]
