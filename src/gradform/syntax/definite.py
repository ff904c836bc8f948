"""Positive definite matrices, recognised by their form: S, c*eye + X'*X, diag(p)."""

from __future__ import annotations

from gradform.ir.nodes import Contraction, Factor, Leaf, Node, Sum, Symbol, topological
from gradform.ir.sign import is_positive

__all__ = ["is_definite"]


def is_definite(node: Node) -> bool:
    """True when a matrix is provably symmetric positive definite."""
    for part in topological(node, _is_open):
        if "definite" not in part.memo:
            part.memo["definite"] = part.rank == 2 and _is_definite(part)
    return bool(node.memo["definite"])


def _is_open(node: Node) -> bool:
    """Whether an answer for ``node`` needs those for its parts."""
    return isinstance(node, (Sum, Contraction)) and "definite" not in node.memo


def _is_definite(node: Node) -> bool:
    """The same, when the answers for the parts of sums and products are known."""
    match node:
        case Symbol():
            return "spd" in node.structure
        case Leaf():
            return node.kind == "delta"
        case Sum():
            terms = [term for _, term in node.terms]
            return (
                all(coefficient > 0 for coefficient, _ in node.terms)
                and any(term.memo["definite"] for term in terms)
                and all(term.memo["definite"] or _is_gram(term) for term in terms)
            )
        case Contraction():
            return node.coefficient > 0 and _is_scaled_definite(node)
    return False


def _is_scaled_definite(node: Contraction) -> bool:
    """A definite matrix times positive scalars, or diag(p) with p > 0."""
    matrices = [factor for factor in node.factors if len(factor[1]) == 2]
    if len(node.dims) != 2 or len(matrices) != 1:
        return False
    core, labels, power = matrices[0]
    if power != 1 or set(labels) != {0, 1} or not core.memo["definite"]:
        return False
    rest = [factor for factor in node.factors if factor is not matrices[0]]
    is_delta = isinstance(core, Leaf)
    return all(is_positive(factor) and (is_delta or not at) for factor, at, _ in rest)


def _is_gram(node: Node) -> bool:
    """Σ w_s x_s x_s' with w >= 0: X'*X, X*diag(w)*X', x*x'."""
    if not isinstance(node, Contraction) or node.coefficient < 0:
        return False
    halves = [factor for factor in node.factors if not _is_weight(factor)]
    if len(halves) != 2:
        return False
    (left, left_labels, p), (right, right_labels, q) = halves
    mirrored = tuple({0: 1, 1: 0}.get(label, label) for label in left_labels)
    return left is right and p == q == 1 and mirrored == right_labels


def _is_weight(factor: Factor) -> bool:
    """A positive factor that does not depend on row or column."""
    node, labels, _ = factor
    return is_positive(node) and all(label > 1 for label in labels)
