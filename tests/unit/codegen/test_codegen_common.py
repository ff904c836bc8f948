"""Common factors in front of sums: fewer products, the same value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.lowering.common import factors_taken_out
from gradform.codegen.lowering.count import operation_count
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, Sum, sum_node
from tests.support.ir_eval import evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    m,
    matrix,
    n,
    p,
    random_expression,
    random_product,
    symbols_of,
    vector,
)

A, X, W, U = matrix("A", n, n), matrix("X", m, n), matrix("W", m, n), matrix("U", m, n)
T, R = matrix("T", m, p), matrix("R", m, p)
x, y, v = vector("x", n), vector("y", m), vector("v", m)
LARGE = {"m": 100, "n": 50, "p": 10}


def plain_sum(*terms: Expr) -> Node:
    """A sum with its terms as they are."""
    return sum_node(tuple((1, term.node) for term in terms))


def product(out: str, *factors: tuple[Expr, str]) -> Expr:
    return Expr(build.contract(1, [(f.node, labels, 1) for f, labels in factors], out))


SUMS: dict[str, tuple[Node, int]] = {
    "matrices": (plain_sum(X.T @ (T * R), X.T @ (T * T)), 2 * 50 * 100 * 10 + 4 * 1000),
    "vectors": (plain_sum(X.T @ (y * v), X.T @ (y * y)), 2 * 50 * 100 + 2 * 100 + 100),
    "entries": (plain_sum(X * W**2, X * U), 3 * 5000),
    "inside": (
        plain_sum(product("ij", (y, "k"), (X, "ki"), (W, "kj")), X.T @ W),
        2 * 50 * 50 * 100 + 2 * 5000,
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_fewer_operations(name: str) -> None:
    node, most = SUMS[name]
    found = factors_taken_out(node)
    assert operation_count([found], LARGE) <= most
    assert operation_count([found], LARGE) < operation_count([node], LARGE)


def test_symmetric_products_are_not_taken_apart() -> None:
    terms = [product("ij", (X, "ki"), (weights, "k"), (X, "kj")) for weights in (y, v)]
    node = build.add(*(term.node for term in terms))
    assert isinstance(node, Sum)
    assert factors_taken_out(node) is node


def test_values_stay() -> None:
    """On random sums of random products."""
    changed = 0
    for seed in range(150):
        first, second = random_product(seed), random_product(seed + 1)
        other = random_expression(seed)
        terms = [each for each in (first, second, other) if each.axes == first.axes]
        shared = Expr(first) * Expr(terms[-1]) if len(terms) > 1 else Expr(first)
        node = build.linear_combination([(2, first), (-1, shared.node)], first.axes)
        found = factors_taken_out(node)
        changed += found is not node
        arguments = arguments_for(symbols_of([node]), seed)
        expected = evaluate_node(node, arguments, SIZES)
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            evaluate_node(found, arguments, SIZES), expected, atol=1e-9 * scale, err_msg=str(seed)
        )
    assert changed > 3


def hvp(text: str, shapes: dict[str, list[Any]], by: str) -> str:
    f = gf.parse(text, shapes=shapes)
    return gf.source(f.hvp(by, "D", check=False)).split('"""')[-1]


def test_products_with_hessians_multiply_by_the_data_twice_only() -> None:
    """X D and X' R, once each, however many terms the chain rule gives."""
    shapes: dict[str, list[Any]] = {
        "X": ["m", "n"],
        "W": ["n", "k"],
        "Y": ["m", "k"],
        "A": ["k", "p"],
    }
    for text in ("sum(logsumexp(X*W,2)) - sum(Y.*(X*W))", "sum((tanh(tanh(X*W)*A)).^2)"):
        code = hvp(text, shapes, "W")
        assert code.count("X.T @") == 1, code
        assert code.count("X @ D") == 1, code
