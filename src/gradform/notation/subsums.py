"""Sums inside longer sums: a + b + c after a + b, so that a chain h2 = h1 + …, h3 = h2 + …
keeps its links.

Expressions open a sum inside a sum, for one normal form. A long answer that names its parts
writes a sum as the longest other one that it holds, and the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from gradform.ir.nodes import Coefficient, Node, Sum, exact

__all__ = ["Parts", "in_order", "sums_in_sums"]

Parts = Mapping[Node, Sequence[tuple[Coefficient, Node]]]
"""For a sum its terms, one of which may be another sum."""

_LONGEST = 64


def sums_in_sums(nodes: Iterable[Node]) -> dict[Node, list[tuple[Coefficient, Node]]]:
    """The sums that hold another one of the sums, and their terms with it as one."""
    sums = [node for node in nodes if isinstance(node, Sum) and len(node.terms) <= _LONGEST]
    holding: dict[Node, list[Sum]] = {}
    for node in sums:
        for _, term in node.terms:
            holding.setdefault(term, []).append(node)
    parts: dict[Node, list[tuple[Coefficient, Node]]] = {}
    for node in sums:
        shared: dict[Sum, int] = {}
        for _, term in node.terms:
            for other in holding[term]:
                shared[other] = shared.get(other, 0) + 1
        inside = [s for s, count in shared.items() if count == len(s.terms) < len(node.terms)]
        for other in sorted(inside, key=lambda s: -len(s.terms)):
            ratio = _ratio(node, other)
            if ratio is not None:
                gone = {term for _, term in other.terms}
                rest = [(c, term) for c, term in node.terms if term not in gone]
                parts[node] = [(ratio, other), *rest]
                break
    return parts


def _ratio(node: Sum, other: Sum) -> Coefficient | None:
    """The number with which the other sum stands in a sum that has its terms."""
    amounts = {term: c for c, term in node.terms}
    ratios = {Fraction(amounts[term]) / c for c, term in other.terms}
    return exact(ratios.pop()) if len(ratios) == 1 else None


def in_order(root: Node, parts: Parts) -> list[Node]:
    """All nodes that writing ``root`` meets, every node after those it is written with."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            below = [term for _, term in parts[node]] if node in parts else node.children
            stack.extend((kid, False) for kid in reversed(below) if kid not in seen)
    return order
