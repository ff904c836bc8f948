"""Positive definite matrices, recognised by their form: S, c*eye + X'*X, diag(p)."""

from __future__ import annotations

from gradform.ir.nodes import Contraction, Factor, Leaf, Node, Sum, Symbol
from gradform.ir.sign import is_positive

__all__ = ["is_definite"]


def is_definite(node: Node) -> bool:
    """True when a matrix is provably symmetric positive definite."""
    match node:
        case Symbol():
            return "spd" in node.structure
        case Leaf():
            return node.kind == "delta"
        case Sum():
            terms = [term for _, term in node.terms]
            definite = [is_definite(term) for term in terms]
            return (
                all(coefficient > 0 for coefficient, _ in node.terms)
                and any(definite)
                and all(d or _is_gram(t) for d, t in zip(definite, terms, strict=True))
            )
        case Contraction():
            return node.coefficient > 0 and _is_scaled_definite(node)
    return False


def _is_scaled_definite(node: Contraction) -> bool:
    """A definite matrix times positive scalars, or diag(p) with p > 0."""
    if node.rank != 2 or len(node.dims) != 2:
        return False
    matrices = [factor for factor in node.factors if len(factor[1]) == 2]
    if len(matrices) != 1 or matrices[0][2] != 1 or not is_definite(matrices[0][0]):
        return False
    core = matrices[0][0]
    is_delta = isinstance(core, Leaf)
    rest = [factor for factor in node.factors if factor is not matrices[0]]
    return all(is_positive(factor) and (is_delta or not labels) for factor, labels, _ in rest)


def _is_gram(node: Node) -> bool:
    """Σ w_s x_s x_s' with w >= 0: X'*X, X*diag(w)*X', x*x'."""
    if not isinstance(node, Contraction) or node.rank != 2 or node.coefficient < 0:
        return False
    halves = [f for f in node.factors if not _is_weight(f)]
    if len(halves) != 2:
        return False
    (left, left_labels, p), (right, right_labels, q) = halves
    mirrored = tuple({0: 1, 1: 0}.get(label, label) for label in left_labels)
    return left is right and p == q == 1 and mirrored == right_labels


def _is_weight(factor: Factor) -> bool:
    """A positive factor that does not depend on row or column."""
    node, labels, _ = factor
    return is_positive(node) and all(label > 1 for label in labels)
