"""softmax and logsumexp, found again."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from gradform.calculus import derivative
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Node, topological
from gradform.ir.rebuild import rebuild
from gradform.rewrite.named import named
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, m, n, network, point, sym

A, X, x, y, c, u = (Expr(sym(name)) for name in "AXxycu")
exp, log = fn("exp"), fn("log")


def find(expression: Expr | Node) -> Node:
    node = expression.node if isinstance(expression, Expr) else expression
    return rebuild(node, named)


def application(name: str, argument: Expr, *axes: Dim, axis: int = 0) -> Node:
    return build.apply(fn(name), argument.node, axes=axes, order=axis)


softmax_x = application("softmax", x, n)
rows = exp(X) / Expr(build.contract(1, [(exp(X).sum(1).node, (0,), 1)], (0, 1), {1: n}))
columns = exp(X) / Expr(build.contract(1, [(exp(X).sum(0).node, (1,), 1)], (0, 1), {0: m}))

FOUND: dict[str, tuple[Expr, Node]] = {
    "log Σ exp": (log(exp(x).sum()), application("logsumexp", x)),
    "of a product": (log(exp(A @ x).sum()), application("logsumexp", A @ x)),
    "of a matrix": (log(exp(X).sum()), application("logsumexp", X)),
    "of rows": (log(exp(X).sum(1)), application("logsumexp", X, m, axis=2)),
    "of columns": (log(exp(X).sum(0)), application("logsumexp", X, n, axis=1)),
    "softmax": (exp(x) / exp(x).sum(), softmax_x),
    "softmax of rows": (rows, application("softmax", X, m, n, axis=2)),
    "softmax of columns": (columns, application("softmax", X, m, n, axis=1)),
    "squared": ((exp(x) / exp(x).sum()) ** 2, build.power(softmax_x, 2)),
    "times a number": (3 * exp(x) / exp(x).sum(), build.scale(3, softmax_x)),
    "once too often below": (
        exp(x) / exp(x).sum() ** 2,
        (Expr(softmax_x) / exp(x).sum()).node,
    ),
    "under a product": (A @ (exp(x) / exp(x).sum()), build.matmul(A.node, softmax_x)),
    "mean by softmax": ((exp(x) * y).sum() / exp(x).sum(), (Expr(softmax_x) @ y).node),
}
KEPT: dict[str, Expr] = {
    "exp(c)": log(exp(c)),
    "log of a plain sum": log(u.sum() ** 2),
    "weighted": log((exp(x) * y * y).sum()),
    "one more": log((exp(x) + 1).sum()),
    "another sum": exp(x) / exp(y).sum(),
    "the matrix sum below a row": exp(X) / exp(X).sum(),
    "a root": exp(x) / exp(x).sum() ** Fraction(1, 2),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    left, right = FOUND[name]
    assert find(left) is right


@pytest.mark.parametrize("name", FOUND)
def test_values(name: str) -> None:
    left, right = FOUND[name]
    at = point(2)
    assert agrees(right, evaluate_node(left.node, at.arrays, at.sizes), at)


@pytest.mark.parametrize("name", KEPT)
def test_kept(name: str) -> None:
    names = {node.fn.name for node in topological(find(KEPT[name])) if isinstance(node, Apply)}
    assert not names & {"softmax", "logsumexp"}


def test_against_scipy() -> None:
    at = point(4)
    x_, X_ = at.arrays["x"], at.arrays["X"]
    assert agrees(find(log(exp(x).sum())), np.asarray(special.logsumexp(x_)), at)
    assert agrees(find(exp(x) / exp(x).sum()), special.softmax(x_), at)
    assert agrees(find(rows), special.softmax(X_, axis=1), at)
    assert agrees(find(columns), special.softmax(X_, axis=0), at)


def test_rows_are_not_taken_for_columns() -> None:
    """exp(A)_ij / Σ_k exp(A)_ik and / Σ_k exp(A)_kj, for a square A."""
    at = point(0)
    by_rows = network(at, "ij,i->ij", exp(A).node, (exp(A).sum(1).node, -1)).node()
    by_columns = network(at, "ij,j->ij", exp(A).node, (exp(A).sum(0).node, -1)).node()
    crossed = network(at, "ij,j->ij", exp(A).node, (exp(A).sum(1).node, -1)).node()
    assert find(by_rows) is application("softmax", A, n, n, axis=2)
    assert find(by_columns) is application("softmax", A, n, n, axis=1)
    assert find(crossed) is crossed


def test_random_shares_keep_their_values_and_are_found_once() -> None:
    parts = [exp(x), exp(y), y, exp(x).sum() ** -1, exp(x).sum(), exp(y).sum() ** -1, x, c]
    found_some = 0
    for seed in range(150):
        rng, at = random.Random(seed), point(seed)
        node = build.hadamard(*[rng.choice(parts).node for _ in range(5)], x.node)
        found = find(node)
        found_some += found is not node
        assert agrees(found, evaluate_node(node, at.arrays, at.sizes), at)
        assert find(found) is found
    assert found_some > 40


def test_the_gradient_of_logsumexp_is_softmax() -> None:
    assert find(derivative(log(exp(x).sum()).node, sym("x"))) is softmax_x
