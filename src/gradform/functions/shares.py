"""Exponentials divided by their sum, inside of other sums and of powers of these.

    (Σ a exp(t))^p · (Σ exp(t))^r = (Σ a softmax(t))^p · (Σ exp(t))^(r + p)

A sum that holds exponentials k times in every term takes the k-th power of the divisor. What is
divided first stays in the range of numbers: exp(t) and its sum do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradform.functions.elementwise import exp
from gradform.functions.softmax import softmax
from gradform.ir import build
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum, exact, magnitude

__all__ = ["Total", "divided", "power_sum", "share", "summed_exponential", "with_shares"]


class Total(NamedTuple):
    """``Σ exp(t)`` over all entries of a tensor (``axis`` 0) or along one axis of a matrix."""

    exponential: Apply
    axis: int

    @property
    def is_named(self) -> bool:
        """Whether people write the quotient as softmax: of vectors, or along an axis."""
        return self.exponential.rank == 1 or self.axis > 0

    def meets(self, labels: Sequence[object], places: Sequence[object]) -> bool:
        """Whether the exponential, with these labels, varies along the axis that the sum has."""
        if self.axis == 0:
            return True
        kept = 0 if self.axis == 2 else 1  # summing over columns keeps the row label
        return labels[kept] == places[0]


def summed_exponential(node: Node) -> Total | None:
    """What a node is the sum of, where that is an exponential."""
    if not isinstance(node, Contraction) or node.coefficient != 1:
        return None
    return power_sum(node) if node.factors and node.factors[0][2] == 1 else None


def power_sum(node: Node) -> Total | None:
    """``Σ exp(t)`` where a node is a multiple of ``Σ exp(t)^m``, with m > 0."""
    if not isinstance(node, Contraction) or len(node.factors) != 1:
        return None
    source, labels, power = node.factors[0]
    if power <= 0 or not isinstance(source, Apply) or source.fn is not exp or not source.rank:
        return None
    if len(set(labels)) != len(labels) or len(labels) != len(node.dims):
        return None
    if node.rank == 0:
        return Total(source, 0)
    if node.rank == 1 and source.rank == 2:
        return Total(source, 2 if labels[0] == 0 else 1)
    return None


def share(total: Total) -> Node:
    """``exp(t) / Σ exp(t)``"""
    source = total.exponential
    return build.apply(softmax, source.args[0], axes=source.axes, order=total.axis)


def with_shares(factors: Sequence[Factor]) -> list[Factor]:
    """The factors of a product with sums of exponentials moved into other sums among them."""
    for bottom, (node, places, power) in enumerate(factors):
        total = summed_exponential(node)
        if total is None or not total.is_named:
            continue
        left: Coefficient = power + _beside(factors, total, places)
        for top, (other, labels, raised) in enumerate(factors):
            if other is node or other is total.exponential:
                continue
            inside, degree = divided(other, labels, total, places)
            taken = degree * raised
            if inside is not other and magnitude(left + taken) < magnitude(left):
                rest = [factor for k, factor in enumerate(factors) if k not in (top, bottom)]
                rest.append((inside, labels, raised))
                rest += [(node, places, exact(power + taken))] if power + taken else []
                return with_shares(rest)
    return list(factors)


def _beside(factors: Sequence[Factor], total: Total, places: Sequence[object]) -> Coefficient:
    """How many exponentials stand beside their sum."""
    found: Coefficient = 0
    for node, labels, power in factors:
        if node is total.exponential and total.meets(labels, places):
            found += power
    return found


def divided(
    node: Node, labels: Sequence[object], total: Total, places: Sequence[object]
) -> tuple[Node, Coefficient]:
    """A node with shares in place of exponentials, and how many each of its terms holds.

    The node itself and 0 where that is not the same number in every term.
    """
    if node is total.exponential:
        return (share(total), 1) if total.meets(labels, places) else (node, 0)
    if summed_exponential(node) == total and tuple(labels) == tuple(places):
        return build.ones(*node.axes), 1
    if isinstance(node, Contraction):
        return _divided_product(node, labels, total, places)
    if isinstance(node, Sum):
        parts = [divided(term, labels, total, places) for _, term in node.terms]
        degrees = {degree for _, degree in parts}
        if len(degrees) == 1 and degrees != {0}:
            terms = [(c, part) for (c, _), (part, _) in zip(node.terms, parts, strict=True)]
            return build.linear_combination(terms, node.axes), degrees.pop()
    return node, 0


def _divided_product(
    node: Contraction, labels: Sequence[object], total: Total, places: Sequence[object]
) -> tuple[Node, Coefficient]:
    degree: Coefficient = 0
    factors: list[Factor] = []
    for factor, own, power in node.factors:
        outer = [labels[k] if k < node.rank else None for k in own]
        inside, count = divided(factor, outer, total, places)
        degree += count * power
        factors.append((inside, own, power))
    if factors == list(node.factors):
        return node, 0
    sizes = dict(enumerate(node.dims))
    return build.contract(node.coefficient, factors, tuple(range(node.rank)), sizes), exact(degree)
