"""Systems, inverses and determinants of one matrix share its factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.lowering.expressions import lower
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.operations import (
    Call,
    Factor,
    FactorCall,
    FactorSolve,
    Operation,
    Solve,
)
from gradform.codegen.program.straight_line import Arrangement, live_values
from gradform.ir import build
from gradform.ir.expr import Expr
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    function,
    m,
    matrix,
    n,
    p,
    run,
    scalar,
    source_of,
    symbols_of,
    vector,
)

A, S = matrix("A", n, n), matrix("S", n, n, "spd")
X, B = matrix("X", m, n), matrix("B", n, p)
x, u, w = vector("x", n), vector("u", n), vector("w", m, "positive")
c = scalar("c", "positive")
identity = Expr(build.delta(n))


def inv(of: Expr) -> Expr:
    return function("inv")(of)


def logdet(of: Expr) -> Expr:
    return Expr(build.apply(function("logdet"), of.node, axes=()))


def det(of: Expr) -> Expr:
    return Expr(build.apply(function("det"), of.node, axes=()))


def weighted(weights: Expr) -> Expr:
    factors = [(X.node, "ki", 1), (weights.node, "k", 1), (X.node, "kj", 1)]
    return Expr(build.contract(1, factors, "ij"))


# Expressions together, how many factorisations they take, and whether by Cholesky's method.
SHARED: dict[str, tuple[tuple[Expr, ...], int, bool]] = {
    "a system": ((inv(A) @ x,), 0, False),
    "two systems": ((inv(A) @ x, inv(A) @ u), 1, False),
    "both sides": ((inv(A) @ x, inv(A).T @ u), 1, False),
    "the transposed inverse": ((inv(A).T, logdet(A)), 1, False),
    "a determinant and an inverse": ((det(A) * inv(A),), 1, False),
    "two matrices": ((inv(A) @ x, inv(A.T + A * A) @ x, det(A)), 1, False),
    "a positive definite system": ((inv(S) @ x,), 1, True),
    "Gauss": ((logdet(S), inv(S) @ x, inv(S)), 1, True),
    "all of it": ((logdet(S), det(S), inv(S) @ B, X @ inv(S)), 1, True),
    "ridge": ((inv(X.T @ X + c * identity) @ x,), 1, True),
    "weights": ((inv(weighted(w) + S) @ x, logdet(weighted(w) + S)), 1, True),
    "an inverse of an inverse": ((inv(inv(S) + c * identity) @ x,), 2, True),
}


def operations(*outputs: Expr) -> list[Operation]:
    program, values = lower(
        [(each.node, Arrangement.neutral(each.node.rank)) for each in outputs], known=EXTRA
    )
    return [program.operation(value) for value in live_values(program, values)]


def drawn(*outputs: Expr) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    found: dict[str, Array] = {}
    for symbol in symbols_of([each.node for each in outputs]):
        array = rng.normal(size=[axis.evaluate(SIZES) for axis in symbol.axes])
        if "spd" in symbol.structure:
            array = array @ array.T + np.eye(len(array))
        found[symbol.name] = np.abs(array) if "positive" in symbol.structure else array
    return found


@pytest.mark.parametrize("name", SHARED)
def test_one_factorisation(name: str) -> None:
    outputs, count, positive = SHARED[name]
    found = operations(*outputs)
    factors = [each for each in found if isinstance(each, Factor)]
    assert len(factors) == count
    assert all(each.positive is positive for each in factors)
    if positive:
        assert not any(isinstance(each, Solve) for each in found)
    arguments = drawn(*outputs)
    results = run(source_of(*outputs), arguments)
    for each, result in zip(outputs, results if len(outputs) > 1 else [results], strict=True):
        expected = evaluate_node(each.node, arguments, SIZES)
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SHARED)
def test_writers_need_not_know_factors(name: str) -> None:
    outputs, _, _ = SHARED[name]
    program, _ = lower([(each.node, Arrangement.neutral(each.node.rank)) for each in outputs])
    kinds = {type(each.operation) for each in program.instructions}
    assert kinds.isdisjoint({Factor, FactorCall, FactorSolve})
    assert kinds & {Solve, Call}


def test_value_and_derivatives_of_a_likelihood_share_one_factorisation() -> None:
    shapes = {"x": ["n"], "mu": ["n"], "S": ["n", "n"]}
    f = gf.parse("-logdet(S)/2 - (x-mu)'*inv(S)*(x-mu)/2", shapes=shapes, assume={"S": "spd"})
    source = gf.source(f, f.gradient("mu"), f.gradient("S"))
    assert source.count("_cholesky(S") == 1
    assert "np.linalg.inv(" not in source


def failing(values: Any) -> None:
    run(source_of(inv(S) @ x, logdet(S)), {"S": values, "x": np.ones(len(values))})


def test_a_matrix_that_is_not_definite_is_named() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="S is not positive definite"):
        failing(np.diag([1.0, -1.0, 2.0]))
    with pytest.raises(np.linalg.LinAlgError, match="A is singular"):
        run(source_of(inv(A) @ x, logdet(A)), {"A": np.ones((3, 3)), "x": np.ones(3)})


def test_undefined_entries_stay_undefined() -> None:
    values = np.eye(3)
    values[1, 1] = np.nan
    solution, size = run(source_of(inv(S) @ x, logdet(S)), {"S": values, "x": np.ones(3)})
    assert np.all(np.isnan(solution))
    assert np.isnan(size)


@pytest.mark.parametrize("size", [0, 1, 2, 65, 130])
@pytest.mark.parametrize("definite", [True, False])
def test_every_size(size: int, definite: bool) -> None:
    of = S if definite else A
    rng = np.random.default_rng(size)
    values = rng.normal(size=(size, size)) + np.eye(size)
    values = values @ values.T + np.eye(size) if definite else values
    name = "S" if definite else "A"
    right = rng.normal(size=(size, 2))
    found = run(source_of(inv(of), inv(of) @ B, logdet(of), det(of)), {name: values, "B": right})
    inverse = np.linalg.inv(values)
    np.testing.assert_allclose(found[0], inverse, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found[1], inverse @ right, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found[2], np.linalg.slogdet(values)[1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[3], np.linalg.det(values), rtol=1e-9)
