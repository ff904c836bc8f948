"""Operators on expressions: numbers and scalars broadcast, products as on paper."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from tests.unit.ir.networks import agrees, m, n, network, point, sym

NAMES = ("A", "B", "X", "x", "y", "w", "c")
HALF = Fraction(1, 2)

# Written once, read twice: with expressions and with arrays.
FORMULAS: dict[str, Callable[..., Any]] = {
    "x + y": lambda A, B, X, x, y, w, c: x + y,
    "x - y": lambda A, B, X, x, y, w, c: x - y,
    "-x": lambda A, B, X, x, y, w, c: -x,
    "x*y": lambda A, B, X, x, y, w, c: x * y,
    "x/w": lambda A, B, X, x, y, w, c: x / w,
    "c*A": lambda A, B, X, x, y, w, c: c * A,
    "A*c": lambda A, B, X, x, y, w, c: A * c,
    "A/c": lambda A, B, X, x, y, w, c: A / c,
    "A + c": lambda A, B, X, x, y, w, c: A + c,
    "c - A": lambda A, B, X, x, y, w, c: c - A,
    "2 - x": lambda A, B, X, x, y, w, c: 2 - x,
    "x - 2": lambda A, B, X, x, y, w, c: x - 2,
    "3*x/2": lambda A, B, X, x, y, w, c: 3 * x / 2,
    "2/w": lambda A, B, X, x, y, w, c: 2 / w,
    "1/w + w": lambda A, B, X, x, y, w, c: 1 / w + w,
    "x**3": lambda A, B, X, x, y, w, c: x**3,
    "x**0": lambda A, B, X, x, y, w, c: x**0,
    "w**-2": lambda A, B, X, x, y, w, c: w**-2,
    "A@B": lambda A, B, X, x, y, w, c: A @ B,
    "A@x": lambda A, B, X, x, y, w, c: A @ x,
    "x@A": lambda A, B, X, x, y, w, c: x @ A,
    "x@y": lambda A, B, X, x, y, w, c: x @ y,
    "X@A@x": lambda A, B, X, x, y, w, c: X @ A @ x,
    "A.T@B.T": lambda A, B, X, x, y, w, c: A.T @ B.T,
    "A*B.T": lambda A, B, X, x, y, w, c: A * B.T,
    "X.sum()": lambda A, B, X, x, y, w, c: X.sum(),
    "X.sum(0)": lambda A, B, X, x, y, w, c: X.sum(0),
    "X.sum(1)": lambda A, B, X, x, y, w, c: X.sum(1),
    "(x - y)@A@(x - y)": lambda A, B, X, x, y, w, c: (x - y) @ A @ (x - y),
    "(A@x)**2 * c": lambda A, B, X, x, y, w, c: (A @ x) ** 2 * c,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_operators_mean_what_they_mean_for_arrays(name: str) -> None:
    at = point(5)
    made = FORMULAS[name](*(Expr(sym(each)) for each in NAMES))
    wanted = np.asarray(FORMULAS[name](*(at.arrays[each] for each in NAMES)))
    assert agrees(made.node, wanted, at) == wanted.size


def test_outer_broadcast_total() -> None:
    at = point(2)
    x, X, c = at.arrays["x"], at.arrays["X"], at.arrays["c"]
    assert agrees(build.outer(sym("x"), sym("X")), np.multiply.outer(x, X), at)
    assert agrees(build.broadcast(sym("c"), (m, n)), np.full(X.shape, c), at)
    assert build.broadcast(sym("c"), ()) is sym("c")
    assert build.total(sym("x")) is network(at, "i->", sym("x")).node()


def test_hadamard_products_broadcast_scalars() -> None:
    assert build.hadamard(sym("c"), sym("x")) is build.hadamard(sym("x"), sym("c"))
    assert build.hadamard(sym("c"), sym("c")) is build.power(sym("c"), 2)


def test_a_chain_is_the_product_of_its_links() -> None:
    A, B, x = (sym(name) for name in "ABx")
    assert build.matmul(A, B, x) is build.matmul(build.matmul(A, B), x)
    assert build.matmul(x, A, x) is build.matmul(x, build.matmul(A, x))
    assert build.matmul(A) is A


LEAVES: dict[str, tuple[Node, object]] = {
    "delta of one": (build.delta(n - n + 1), build.ones(n - n + 1, n - n + 1)),
    "all rows": (build.select(n, n - n, n), build.delta(n)),
    "a known size": (build.size_of(n - n + 4), build.constant(4)),
    "one": (build.constant(Fraction(4, 2)), build.constant(2)),
}


@pytest.mark.parametrize("name", LEAVES)
def test_leaves_in_normal_form(name: str) -> None:
    made, wanted = LEAVES[name]
    assert made is wanted


def test_constant_values() -> None:
    assert build.constant_value(build.constant(HALF, (n,))) == HALF
    assert build.constant_value(sym("x")) is None
    assert build.constant_value(build.size_of(n)) is None
    assert build.is_zero(build.zero((n, m)))
    assert not build.is_zero(build.ones(n))
