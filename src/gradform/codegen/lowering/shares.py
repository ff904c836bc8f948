"""Expressions in which exponentials are divided by their sums before anything is added.

A product that has the exponentials exp(t) as often above as below, however they are summed, has
the shares softmax(t) in their places: these stay in the range of numbers, exp(t) does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from gradform.functions.shares import Total, divided, power_sum, with_shares
from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Factor, Node, Sum
from gradform.ir.rebuild import everywhere

__all__ = ["in_shares"]

# A factor with its labels in a product around it; None is one that is summed before.
_Placed: TypeAlias = tuple[Node, tuple[int | None, ...], Coefficient]

# Sums of exponentials are looked for so deep in a product.
_DEEPEST = 4


def _in_shares(node: Node) -> Node:
    if not isinstance(node, Contraction):
        return node
    factors = with_shares(_balanced(list(node.factors)))
    if factors == list(node.factors):
        return node
    sizes = dict(enumerate(node.dims))
    return build.contract(node.coefficient, factors, tuple(range(node.rank)), sizes)


def _balanced(factors: list[Factor]) -> list[Factor]:
    """The factors of a product with shares of all that is above as often as below."""
    for total, places in dict.fromkeys(_totals(factors)):
        parts = [divided(node, labels, total, places) for node, labels, _ in factors]
        degree: Coefficient = sum(
            power * count for (_, _, power), (_, count) in zip(factors, parts, strict=True)
        )
        if degree == 0:
            factors = [
                (inside, labels, power)
                for (_, labels, power), (inside, _) in zip(factors, parts, strict=True)
            ]
    return factors


def _totals(
    factors: Iterable[_Placed], deep: int = 0
) -> Iterator[tuple[Total, tuple[int | None, ...]]]:
    """Sums of powers of exponentials that a product is divided by, with their labels."""
    for node, labels, power in factors:
        total = power_sum(node) if power < 0 else None
        if total is not None and None not in labels:
            yield total, labels
        elif deep < _DEEPEST:
            yield from _totals(_inside(node, labels), deep + 1)


def _inside(node: Node, labels: tuple[int | None, ...]) -> Iterator[_Placed]:
    """The factors of a node, or of all its terms, with the labels they have outside of it."""
    if isinstance(node, Sum):
        for _, term in node.terms:
            yield term, labels, 1
    elif isinstance(node, Contraction):
        for factor, own, power in node.factors:
            yield factor, tuple(labels[k] if k < node.rank else None for k in own), power


in_shares = everywhere("in shares", _in_shares)
"""An equal expression, for programs."""
