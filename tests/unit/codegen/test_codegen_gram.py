"""Symmetric products: what they are worth, what they mean for NaN and Inf, how they are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradform.codegen.lowering.expressions import lower
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.operations import Gram, Matmul
from gradform.codegen.program.straight_line import Arrangement, Program
from gradform.ir import build
from gradform.ir.expr import Expr
from tests.support.ir_eval import Array
from tests.unit.codegen.codegen_cases import (
    arguments_for,
    check,
    m,
    matrix,
    n,
    p,
    run,
    source_of,
    symbols_of,
    vector,
)

X, B, S = matrix("X", m, n), matrix("B", n, p), matrix("S", n, n, "symmetric")
y, w, v = vector("y", m), vector("w", m, "positive"), vector("v", n, "positive")
Factor = tuple[Expr, str, int]


def product(out: str, *factors: Factor) -> Expr:
    return Expr(build.contract(1, [(f.node, labels, power) for f, labels, power in factors], out))


GRAMS: dict[str, Expr] = {
    "X'X": X.T @ X,
    "XX'": X @ X.T,
    "weights": product("ij", (X, "ki", 1), (y, "k", 1), (X, "kj", 1)),
    "squares": product("ij", (X, "ki", 1), (y, "k", 2), (X, "kj", 1)),
    "positive weights": product("ij", (X, "ki", 1), (w, "k", 1), (y, "k", 2), (X, "kj", 1)),
    "division": product("ij", (X, "ki", 1), (w, "k", -1), (X, "kj", 1)),
    "columns": product("ij", (X, "ik", 1), (v, "k", 1), (X, "jk", 1)),
    "powers": product("ij", (X, "ki", 2), (w, "k", 1), (X, "kj", 2)),
    "symmetric": product("ij", (B, "ki", 1), (S, "kl", 1), (B, "lj", 1)),
    "product": product("ij", (X, "ka", 1), (B, "ai", 1), (X, "kb", 1), (B, "bj", 1)),
    "tensor": product("iajb", (X, "ki", 1), (X, "ka", 2), (X, "kj", 1), (X, "kb", 2)),
    "crosswise": product("ijab", (X, "ki", 1), (X, "ka", 2), (X, "kj", 1), (X, "kb", 2)),
}

NOT_SYMMETRIC: dict[str, Expr] = {
    "other matrix": product("ij", (X, "ki", 1), (X, "kj", 2)),
    "no diagonal": product("ij", (B, "ki", 1), (matrix("A", n, n), "kl", 1), (B, "lj", 1)),
    "one output": product("i", (X, "ki", 1), (X, "kj", 1)),
}


def lowered(expression: Expr) -> Program:
    return lower([(expression.node, Arrangement.neutral(expression.node.rank))], known=EXTRA)[0]


def count(program: Program, kind: type) -> int:
    return sum(isinstance(each.operation, kind) for each in program.instructions)


@pytest.mark.parametrize("name", GRAMS)
def test_half_of_the_work(name: str) -> None:
    program = lowered(GRAMS[name])
    assert count(program, Gram) == 1
    for value, instruction in enumerate(program.instructions):
        assert value in program.symmetric or not isinstance(instruction.operation, Gram)
    check(GRAMS[name])


@pytest.mark.parametrize("name", NOT_SYMMETRIC)
def test_what_is_not_symmetric_is_a_plain_product(name: str) -> None:
    assert count(lowered(NOT_SYMMETRIC[name]), Gram) == 0
    check(NOT_SYMMETRIC[name])


@pytest.mark.parametrize("name", GRAMS)
def test_writers_need_not_know_it(name: str) -> None:
    node = GRAMS[name].node
    program, _ = lower([(node, Arrangement.neutral(node.rank))])
    assert count(program, Gram) == 0
    assert count(program, Matmul) > 0


def test_large_products_are_made_of_blocks() -> None:
    rng = np.random.default_rng(0)
    values = {"X": rng.normal(size=(50, 131)), "y": rng.normal(size=50)}
    found = run(source_of(GRAMS["weights"]), values)
    expected = values["X"].T @ (values["y"][:, None] * values["X"])
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.array_equal(found[100:, :30], found[:30, 100:].T)


SPECIAL = [0.0, 1e-320, 1e300, np.inf, np.nan]


@pytest.mark.parametrize("weight", SPECIAL)
@pytest.mark.parametrize("entry", [0.0, -2.0, np.inf])
def test_special_values_mean_the_same_as_without_roots(weight: float, entry: float) -> None:
    """√d·√d is d to rounding; where d·X is infinite or undefined, so is this."""
    arguments: dict[str, Any] = arguments_for(symbols_of([GRAMS["positive weights"].node]))
    arguments["w"][1] = weight
    arguments["X"][1, 2] = entry
    given: dict[str, Array] = {key: np.asarray(value) for key, value in arguments.items()}
    with np.errstate(all="ignore"):
        found = run(source_of(GRAMS["positive weights"]), given)
        scaled = (given["w"] * given["y"] ** 2)[:, None] * given["X"]
        expected = given["X"].T @ scaled
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
