"""Every function that expressions hold, in generated code."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.functions import all_functions
from gradform.functions.record import Function
from gradform.ir.expr import Expr
from gradform.ir.nodes import symbol
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.codegen.codegen_cases import SIZES, n, run, source_of, symbols_of

PRIMITIVES = [record for record in all_functions() if record.is_primitive]
VECTORS = {"large": (4.5, 6.0), "positive": (0.5, 2.0), None: (0.1, 0.9)}


def values(record: Function, rank: int) -> Array:
    """Points in the domain: entries of the declared kind, matrices positive definite."""
    rng = np.random.default_rng(3)
    low, high = VECTORS.get(record.domain, (0.1, 0.9))
    if rank == 1:
        return np.asarray(rng.uniform(low, high, SIZES["n"]))
    square = rng.normal(size=(SIZES["n"], SIZES["n"]))
    return np.asarray(square @ square.T / 4 + np.eye(SIZES["n"]))


@pytest.mark.parametrize("record", PRIMITIVES, ids=lambda record: record.name)
def test_function(record: Function) -> None:
    rank = 1 if record.elementwise else 2
    arguments = [symbol(name, (n,) * rank) for name in "xyz"[: len(record.parameters)]]
    node = record.apply(*arguments)
    given = {each.name: values(record, rank) for each in symbols_of([node])}
    with np.errstate(invalid="ignore"):  # polygamma of an order that is not whole
        result = run(source_of(Expr(node)), given)
        expected = evaluate_node(node, given, SIZES)
    np.testing.assert_allclose(result, expected, rtol=1e-10)
