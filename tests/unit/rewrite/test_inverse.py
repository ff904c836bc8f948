"""Inverses of products, taken apart where the factors are square."""

from __future__ import annotations

import pytest

from gradform.functions.operators import diagonal_matrix
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from gradform.rewrite.inverse import inverse_of_product
from gradform.rewrite.simplify import inverses_apart
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, m, n, point, sym

A, B, P, Q, S, X, Y, x, w, c = (Expr(sym(name)) for name in "ABPQSXYxwc")
inv = fn("inv")

APART: dict[str, tuple[Expr, Expr]] = {
    "(A*B)": (inv(A @ B), inv(B) @ inv(A)),
    "(A'*B)": (inv(A.T @ B), inv(B) @ inv(A).T),
    "(A*B*P)": (inv(A @ B @ P), inv(P) @ inv(B) @ inv(A)),
    "(A*A)": (inv(A @ A), inv(A) @ inv(A)),
    "(A'*A)": (inv(A.T @ A), inv(A) @ inv(A).T),
    "(2*A*B)": (inv(2 * A @ B), inv(B) @ inv(A) / 2),
    "(A*(B + P))": (inv(A @ (B + P)), inv(B + P) @ inv(A)),
    "(inv(A)*B)": (inv(inv(A) @ B), inv(B) @ A),
    "(A*Q)": (inv(A @ Q), inv(Q) @ inv(A)),
}
TOGETHER: dict[str, Expr] = {
    "inv(A)": inv(A),
    "inv(A + B)": inv(A + B),
    "inv(X'*X)": inv(X.T @ X),
    "inv(X*Y)": inv(X @ Y),
    "inv(A.*B)": inv(A * B),
    "inv(X'*diag(u)*X)": inv(X.T @ diagonal_matrix(Expr(sym("u"))) @ X),
    "A*B": A @ B,
    "x": x,
}


@pytest.mark.parametrize("name", APART)
def test_products_of_square_matrices_are_taken_apart(name: str) -> None:
    left, right = APART[name]
    assert inverses_apart(left.node) is right.node
    at = point(1)
    assert agrees(right.node, evaluate_node(left.node, at.arrays, at.sizes), at, 1e-6)


@pytest.mark.parametrize("name", TOGETHER)
def test_others_stay(name: str) -> None:
    assert inverse_of_product(TOGETHER[name].node) is TOGETHER[name].node


def test_factors_that_are_square_only_together_stay() -> None:
    wide, tall = symbol("U", (n, m)), symbol("V", (m, n))
    node = inv(Expr(build.matmul(wide, tall))).node
    assert inverse_of_product(node) is node


def test_inverses_cancel_once_they_are_apart() -> None:
    assert inverses_apart((inv(A @ B) @ A).node) is inv(B).node
    assert inverses_apart((B @ inv(A @ B) @ A @ x).node) is x.node
    assert inverses_apart((A.T @ inv(A @ A.T) @ A).node) is build.delta(n)


def test_scalars_are_taken_along() -> None:
    at = point(2)
    node = inv(c * (A @ B)).node
    found = inverses_apart(node)
    assert agrees(found, evaluate_node(node, at.arrays, at.sizes), at, 1e-6)
    assert inverses_apart(found) is found
