"""Inverses of products."""

from __future__ import annotations

from fractions import Fraction

from gradform.ir import build
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node

__all__ = ["inverse_of_product"]


def inverse_of_product(node: Node) -> Node:
    """(A B C)⁻¹ = C⁻¹ B⁻¹ A⁻¹ for square A, B, C: they are invertible as the product is."""
    if not (isinstance(node, Apply) and node.fn.name == "inv"):
        return node
    chain = _square_chain(node.args[0])
    if chain is None:
        return node
    number, mats = chain
    inverses = [node.fn.apply(mat) for mat in reversed(mats)]
    return build.scale(1 / Fraction(number), build.matmul(*inverses))


def _square_chain(node: Node) -> tuple[Coefficient, list[Node]] | None:
    """(number, [A, B, …]) when the node is number · A·B·… with square factors."""
    if not isinstance(node, Contraction) or node.rank != 2 or len(node.factors) < 2:
        return None
    if any(labels and (len(labels) != 2 or p != 1) for _, labels, p in node.factors):
        return None
    if any(not labels for _, labels, _ in node.factors) or node.coefficient == 0:
        return None
    size = node.axes[0]
    if any(axis is not size for factor, _, _ in node.factors for axis in factor.axes):
        return None
    return _walk(node, list(node.factors))


def _walk(node: Contraction, left: list[Factor]) -> tuple[Coefficient, list[Node]] | None:
    """Follow the chain from the row label to the column label."""
    at, mats = 0, []
    while left:
        following = [f for f in left if at in f[1]]
        if len(following) != 1:
            return None
        matrix, labels, _ = following[0]
        left.remove(following[0])
        mats.append(matrix if labels[0] == at else build.transpose(matrix))
        at = labels[1] if labels[0] == at else labels[0]
    return (node.coefficient, mats) if at == 1 else None
