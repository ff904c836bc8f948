"""Expressions in pickles: every node once, by its place, so that depth does not matter.

What is loaded is interned: it is the node itself where that exists already.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from gradform.ir.nodes import (
    Apply,
    Contraction,
    Leaf,
    Node,
    Sum,
    Symbol,
    apply_node,
    contraction_node,
    leaf,
    sum_node,
    symbol,
    topological,
)

__all__: list[str] = []

_Facts: TypeAlias = tuple[Any, ...]


def _reduced(node: Node) -> tuple[Callable[..., Node], tuple[list[_Facts]]]:
    places: dict[Node, int] = {}
    found: list[_Facts] = []
    for each in topological(node):
        found.append(_facts(each, places))
        places[each] = len(places)
    return _restored, (found,)


def _facts(node: Node, places: Mapping[Node, int]) -> _Facts:
    """A node by its type, its own facts and the places of its children."""
    match node:
        case Symbol(name=name, structure=structure):
            return "symbol", name, node.axes, structure
        case Leaf(kind=kind, params=params):
            return "leaf", kind, node.axes, params
        case Apply(fn=fn, args=args, order=order):
            return "apply", fn, tuple(places[each] for each in args), node.axes, order
        case Sum(terms=terms):
            return "sum", tuple((coefficient, places[term]) for coefficient, term in terms)
        case Contraction(coefficient=coefficient, factors=factors, dims=dims):
            placed = tuple((places[each], labels, power) for each, labels, power in factors)
            return "contraction", coefficient, placed, dims, node.rank
        case _:
            raise TypeError(type(node).__name__)


def _restored(facts: Sequence[_Facts]) -> Node:
    nodes: list[Node] = []
    for each in facts:
        nodes.append(_node(each, nodes))
    return nodes[-1]


def _node(facts: _Facts, nodes: Sequence[Node]) -> Node:
    match facts:
        case "symbol", name, axes, structure:
            return symbol(name, axes, structure)
        case "leaf", kind, axes, params:
            return leaf(kind, axes, params)
        case "apply", fn, args, axes, order:
            return apply_node(fn, tuple(nodes[place] for place in args), axes, order)
        case "sum", terms:
            return sum_node(tuple((coefficient, nodes[place]) for coefficient, place in terms))
        case "contraction", coefficient, factors, dims, rank:
            placed = tuple((nodes[place], labels, power) for place, labels, power in factors)
            return contraction_node(coefficient, placed, dims, rank)
        case _:
            raise TypeError(facts[0])


for _kind in (Symbol, Leaf, Apply, Sum, Contraction):
    copyreg.pickle(_kind, _reduced)
