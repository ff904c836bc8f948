"""The approximate number of tokens a node takes when written once."""

from __future__ import annotations

from gradform.ir.nodes import Apply, Contraction, Leaf, Node, Sum, topological

__all__ = ["weight"]


def weight(root: Node) -> int:
    """A cheap stand-in for the printed size: names, numbers and operators."""
    for node in topological(root, lambda node: "weight" not in node.memo):
        if "weight" not in node.memo:
            node.memo["weight"] = _weight(node)
    result: int = root.memo["weight"]
    return result


def _weight(node: Node) -> int:
    match node:
        case Sum():
            inside = sum(t.memo["weight"] + (abs(c) != 1) * 2 for c, t in node.terms)
            return inside + len(node.terms) - 1
        case Contraction():
            inside = sum(f.memo["weight"] + (p != 1) * 2 for f, _, p in node.factors)
            return inside + max(len(node.factors) - 1, 0) + (node.coefficient != 1) * 2
        case Apply():
            return 1 + sum(arg.memo["weight"] for arg in node.args)
        case Leaf():
            return 2
        case _:
            return 1
