"""Expressions made anew, node by node."""

from __future__ import annotations

from collections.abc import Callable

from gradform.ir import build
from gradform.ir.nodes import Apply, Contraction, Node, Sum, topological

__all__ = ["everywhere", "rebuild"]


def rebuild(
    root: Node, change: Callable[[Node], Node], done: dict[Node, Node] | None = None
) -> Node:
    """``change`` applied to every node after its children were rebuilt; iterative.

    ``done`` holds what the same change has made of nodes before, and then of these too.
    """
    done = {} if done is None else done
    for node in topological(root, enter=lambda node: node not in done):
        if node not in done:
            done[node] = change(_with_children(node, [done[child] for child in node.children]))
    return done[root]


def everywhere(key: str, change: Callable[[Node], Node]) -> Callable[[Node], Node]:
    """The same for a change that depends on the node alone: nodes remember under ``key`` what
    has become of them, so that expressions which share parts share the work."""

    def rebuilt(root: Node) -> Node:
        stack = [root]
        while stack:
            node = stack[-1]
            if key in node.memo:
                stack.pop()
            elif unknown := [child for child in node.children if key not in child.memo]:
                stack += unknown[::-1]
            else:
                new = change(_with_children(node, [known(child) for child in node.children]))
                node.memo[key] = None if new is node else new  # no node keeps itself alive
        return known(root)

    def known(node: Node) -> Node:
        found: Node | None = node.memo[key]
        return node if found is None else found

    return rebuilt


def _with_children(node: Node, new: list[Node]) -> Node:
    """The node with other children in the places of its own."""
    if tuple(new) == node.children:
        return node
    match node:
        case Sum():
            terms = [(c, term) for (c, _), term in zip(node.terms, new, strict=True)]
            return build.linear_combination(terms, node.axes)
        case Contraction():
            done = dict(zip(node.children, new, strict=True))
            return build.contract(
                node.coefficient,
                [(done[factor], labels, power) for factor, labels, power in node.factors],
                tuple(range(node.rank)),
                dict(enumerate(node.dims)),
            )
        case Apply():
            if node.order or not node.fn.is_primitive:
                return build.apply(node.fn, *new, axes=node.axes, order=node.order)
            rebuilt: Node = node.fn.apply(*new)
            return rebuilt
        case _:
            return node
