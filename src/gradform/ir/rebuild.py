"""Expressions made anew, node by node."""

from __future__ import annotations

from collections.abc import Callable

from gradform.ir import build
from gradform.ir.nodes import Apply, Contraction, Node, Sum, topological

__all__ = ["rebuild"]


def rebuild(root: Node, change: Callable[[Node], Node]) -> Node:
    """``change`` applied to every node after its children were rebuilt; iterative."""
    done: dict[Node, Node] = {}
    for node in topological(root):
        done[node] = change(_with_children(node, done))
    return done[root]


def _with_children(node: Node, done: dict[Node, Node]) -> Node:
    match node:
        case Sum():
            if all(done[term] is term for _, term in node.terms):
                return node
            return build.linear_combination([(c, done[t]) for c, t in node.terms], node.axes)
        case Contraction():
            if all(done[factor] is factor for factor, _, _ in node.factors):
                return node
            return build.contract(
                node.coefficient,
                [(done[factor], labels, power) for factor, labels, power in node.factors],
                tuple(range(node.rank)),
                dict(enumerate(node.dims)),
            )
        case Apply():
            args = tuple(done[arg] for arg in node.args)
            if all(new is old for new, old in zip(args, node.args, strict=True)):
                return node
            if node.order or not node.fn.is_primitive:
                return build.apply(node.fn, *args, axes=node.axes, order=node.order)
            rebuilt: Node = node.fn.apply(*args)
            return rebuilt
        case _:
            return node
