"""Symmetry of matrices, from their form: what is known while expressions are built."""

from __future__ import annotations

from gradform.ir.nodes import Apply, Leaf, Node, Symbol

__all__ = ["noted_symmetric"]

_SYMMETRIC = frozenset({"symmetric", "spd", "diagonal", "symmetric_toeplitz"})


def noted_symmetric(node: Node) -> bool:
    """Whether a matrix is known to equal its transpose.

    For sums and contractions this is what :func:`gradform.ir.build.transpose` noted, which has
    seen every matrix that a function is applied to or that stands in a product. Others are
    asked with :func:`gradform.ir.build.is_symmetric`.
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
        node.memo["symmetric"] = keeps and all(noted_symmetric(arg) for arg in node.args)
    return bool(node.memo.get("symmetric"))
