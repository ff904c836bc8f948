"""Sums and multiples in normal form: like terms merged, numbers distributed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import gcd

from gradform.ir.dims import Dim
from gradform.ir.leaves import zero
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Node,
    Sum,
    contraction_node,
    exact,
    sum_node,
)

__all__ = [
    "TERM_LAWS",
    "Terms",
    "add",
    "linear_combination",
    "primitive",
    "scale",
    "subtract",
    "with_coefficient",
]

Terms = list[tuple[Coefficient, Node]]

TERM_LAWS: list[Callable[[Terms], Terms | None]] = []
"""Equations between the terms of a sum; functions add theirs."""

# A sum inside a sum is opened up to this many terms, for the same reason as products are.
OPEN_LIMIT = 48


def add(*nodes: Node) -> Node:
    """The sum of nodes with equal axes."""
    return linear_combination([(1, node) for node in nodes], nodes[0].axes)


def subtract(left: Node, right: Node) -> Node:
    return linear_combination([(1, left), (-1, right)], left.axes)


def linear_combination(terms: Iterable[tuple[Coefficient, Node]], axes: Sequence[Dim]) -> Node:
    """``Σ c·node`` with like terms merged."""
    terms = list(terms)
    merged: dict[Node, Coefficient] = {}
    for coefficient, node in terms:
        if isinstance(node, Sum) and (len(node.terms) <= OPEN_LIMIT or len(terms) == 1):
            for inner, term in node.terms:
                merged[term] = merged.get(term, 0) + coefficient * inner
        elif isinstance(node, Contraction) and node.coefficient != 1:
            if node.coefficient:
                core = with_coefficient(node, 1)
                merged[core] = merged.get(core, 0) + coefficient * node.coefficient
        else:
            merged[node] = merged.get(node, 0) + coefficient
    kept = [(exact(c), node) for node, c in merged.items() if c]
    if not kept:
        return zero(axes)
    if len(kept) == 1:
        return scale(kept[0][0], kept[0][1])
    if sum(isinstance(node, Apply) for _, node in kept) > 1:
        for law in TERM_LAWS:
            found = law(kept)
            if found is not None:
                return linear_combination(found, axes)
    kept.sort(key=lambda term: term[1].hash)
    return sum_node(tuple(kept))


def scale(coefficient: Coefficient, node: Node) -> Node:
    """``coefficient · node``; numbers distribute over sums."""
    if coefficient == 1:
        return node
    if coefficient == 0:
        return zero(node.axes)
    if isinstance(node, Contraction):
        return with_coefficient(node, exact(node.coefficient * coefficient))
    if isinstance(node, Sum):
        return sum_node(tuple((exact(c * coefficient), term) for c, term in node.terms))
    labels = tuple(range(node.rank))
    return contraction_node(exact(coefficient), ((node, labels, 1),), node.axes, node.rank)


def with_coefficient(node: Contraction, coefficient: Coefficient) -> Node:
    if coefficient == 1 and len(node.factors) == 1:
        inner, labels, power = node.factors[0]
        if power == 1 and labels == tuple(range(node.rank)) and len(node.dims) == node.rank:
            return inner
    if coefficient == 0:
        return zero(node.axes)
    return contraction_node(coefficient, node.factors, node.dims, node.rank)


def primitive(node: Sum) -> tuple[Coefficient, Node]:
    """``(c, p)`` with node = c·p and p with coprime integer coefficients.

    A constant term of p is positive (1 - tanh²), else its first term is.
    """
    found: tuple[Coefficient, Node] | None = node.memo.get("primitive")
    if found is None:
        top, bottom = 0, 1
        for coefficient, _ in node.terms:
            fraction = Fraction(coefficient)
            top = gcd(top, fraction.numerator)
            bottom = bottom * fraction.denominator // gcd(bottom, fraction.denominator)
        content = exact(Fraction(top, bottom))
        if _leading(node) < 0:
            content = -content
        found = (content, node if content == 1 else scale(exact(Fraction(1) / content), node))
        node.memo["primitive"] = found
    return found


def _leading(node: Sum) -> Coefficient:
    """The coefficient that decides the sign of a sum."""
    for coefficient, term in node.terms:
        if isinstance(term, Contraction) and not term.factors:
            return coefficient
    return node.terms[0][0]
