"""Symmetry of matrices, from their form."""

from __future__ import annotations

from gradform.ir.nodes import Apply, Leaf, Node, Symbol

__all__ = ["is_symmetric"]

_SYMMETRIC = frozenset({"symmetric", "spd", "diagonal", "symmetric_toeplitz"})


def is_symmetric(node: Node) -> bool:
    """True when a matrix provably equals its transpose.

    For sums and contractions this is what :func:`gradform.ir.build.transpose` noted:
    an interned expression is symmetric exactly when its transpose is itself.
    """
    if node.rank != 2 or node.axes[0] is not node.axes[1]:
        return False
    if isinstance(node, Symbol):
        return bool(node.structure & _SYMMETRIC)
    if isinstance(node, Leaf):
        return node.kind == "delta"
    if isinstance(node, Apply) and "symmetric" not in node.memo:
        # arguments are asked first when they are applied, so this goes one level deep
        keeps = node.order == 0 and (node.fn.elementwise or node.fn.keeps_symmetry)
        node.memo["symmetric"] = keeps and all(is_symmetric(arg) for arg in node.args)
    return bool(node.memo.get("symmetric"))
