"""Claims of positive definite matrices hold at random points; nothing else is claimed."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.functions import lookup
from gradform.ir import build
from gradform.ir.definite import definiteness
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, Symbol, symbol, topological
from tests.support.ir_eval import evaluate_node

m, n = dim("m"), dim("n")
SIZES = {"m": 3, "n": 4}


def variable(name: str, *axes: object, structure: str = "") -> Expr:
    words = frozenset({structure} if structure else ())
    return Expr(symbol(name, tuple(axes), words))  # type: ignore[arg-type]


S, R = variable("S", n, n, structure="spd"), variable("R", m, m, structure="spd")
A, X = variable("A", n, n), variable("X", m, n)
x, w = variable("x", n), variable("w", n, structure="positive")
v, c = variable("v", m, structure="positive"), variable("c", structure="positive")
b = variable("b")
eye = Expr(build.delta(n))


def inv(of: Expr) -> Expr:
    found = lookup("inv")
    assert found is not None
    return found(of)


def outer(left: Expr, right: Expr) -> Expr:
    return Expr(build.outer(left.node, right.node))


def product(*factors: tuple[Expr, str, int]) -> Expr:
    return Expr(build.contract(1, [(f.node, labels, power) for f, labels, power in factors], "ij"))


POSITIVE = [
    S,
    2 * S,
    c * S,
    inv(S),
    eye,
    S + c * eye,
    product((eye, "ij", 1), (w, "i", 1)),
    X.T @ X + S,
    X.T @ R @ X + eye,
    inv(X.T @ X + c * eye) + S,
    product((X, "ki", 1), (v, "k", 1), (X, "kj", 1)) + S,
    outer(x, x) + S,
    b**2 * S + S,
]
NONNEGATIVE = [X.T @ X, X.T @ R @ X, outer(x, x), b**2 * S, product((eye, "ij", 1), (x, "i", 2))]
UNKNOWN = [
    A,
    b * S,
    S - eye,
    A + A.T,
    -S,
    S @ S.T @ A,
    outer(x, w),
    product((eye, "ij", 1), (x, "i", 1)),
    product((X, "ki", 1), (X @ w, "k", 1), (X, "kj", 1)),
    product((S, "ij", 1), (w, "i", 1)),
    product((S, "ij", 2), (x, "i", 1)),
    X.T @ (X * X),
]


def least(node: Node, seed: int) -> float:
    """The smallest eigenvalue at a random point, as a share of the largest."""
    rng = np.random.default_rng(seed)
    values = {}
    for each in topological(node):
        if isinstance(each, Symbol):
            array = rng.normal(size=[axis.evaluate(SIZES) for axis in each.axes])
            if "spd" in each.structure:
                array = array @ array.T + 0.1 * np.eye(len(array))
            values[each.name] = np.abs(array) if "positive" in each.structure else array
    found = evaluate_node(node, values, SIZES)
    np.testing.assert_allclose(found, found.T, atol=1e-9 * np.abs(found).max())
    eigenvalues = np.linalg.eigvalsh(found)
    return float(eigenvalues[0] / np.abs(eigenvalues).max())


@pytest.mark.parametrize("k", range(len(POSITIVE)))
def test_positive_definite(k: int) -> None:
    assert definiteness(POSITIVE[k].node) == "positive"
    assert all(least(POSITIVE[k].node, seed) > 1e-12 for seed in range(5))


@pytest.mark.parametrize("k", range(len(NONNEGATIVE)))
def test_nonnegative(k: int) -> None:
    assert definiteness(NONNEGATIVE[k].node) == "nonnegative"
    assert all(least(NONNEGATIVE[k].node, seed) > -1e-12 for seed in range(5))


@pytest.mark.parametrize("k", range(len(UNKNOWN)))
def test_nothing_is_claimed(k: int) -> None:
    assert definiteness(UNKNOWN[k].node) is None
