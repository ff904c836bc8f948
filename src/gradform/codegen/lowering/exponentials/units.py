"""Identity matrices that all terms of a sum have, in front of the sum.

    Σ_p ([i = p] a_ip + [i = p] b_ip) c_p = (a_ii + b_ii) c_i

There they join what stands around the sum with what stands in it: an exponential with the sum
that it is divided by, say; and no array is made of which all but a diagonal is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from gradform.ir import build
from gradform.ir.nodes import Contraction, Factor, Leaf, Node, Sum

__all__ = ["units_in_front"]

# Two axes of a sum, the smaller first.
_Pair: TypeAlias = tuple[int, int]


def units_in_front(node: Contraction) -> Node:
    """The product with each sum's common identity matrices as factors of their own."""
    factors: list[Factor] = []
    for factor in node.factors:
        factors.extend(_in_front(factor))
    if factors == list(node.factors):
        return node
    sizes = dict(enumerate(node.dims))
    return build.contract(node.coefficient, factors, tuple(range(node.rank)), sizes)


def _in_front(factor: Factor) -> Iterable[Factor]:
    node, labels, power = factor
    if power != 1 or not isinstance(node, Sum) or node.rank < 2:
        return (factor,)
    pairs = set.intersection(*(_pairs(term) for _, term in node.terms))
    if not pairs:
        return (factor,)
    first, second = min(pairs)
    terms = [(c, _on_diagonal(term, first, second)) for c, term in node.terms]
    axes = node.axes[:second] + node.axes[second + 1 :]
    inside = build.linear_combination(terms, axes)
    unit = build.delta(node.axes[first])
    places = labels[:second] + labels[second + 1 :]
    return (unit, (labels[first], labels[second]), 1), *_in_front((inside, places, 1))


def _pairs(term: Node) -> set[_Pair]:
    """The axes that an identity matrix among its factors sets equal."""
    if not isinstance(term, Contraction):
        return {(0, 1)} if _is_unit(term) else set()
    return {
        (min(labels), max(labels))
        for factor, labels, power in term.factors
        if _is_unit(factor) and power == 1 and max(labels) < term.rank
    }


def _is_unit(node: Node) -> bool:
    return isinstance(node, Leaf) and node.kind == "delta"


def _on_diagonal(term: Node, first: int, second: int) -> Node:
    """The entries where two axes are equal, without the second of them."""
    labels = [first if label == second else label for label in range(term.rank)]
    kept = [label for label in range(term.rank) if label != second]
    return build.contract(1, [(term, labels, 1)], kept)
