"""Every function that expressions hold, in generated code."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.functions import all_functions
from gradform.functions.record import Function
from gradform.functions.samples import SAMPLES
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
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
    lists = [text.split(", ") for text in record.arguments]
    words = max((w for w in lists if len(w) <= len(record.parameters)), key=len)
    kinds = record.kinds(len(words))
    arguments: list[Node] = [
        symbol(name, (n,) * (1 if record.elementwise else len(SAMPLES[word].shape)))
        if kind == "expr"
        else build.constant(int(word), (n,) * record.elementwise)
        for name, word, kind in zip("xyz", words, kinds, strict=False)
    ]
    node = record.apply(*arguments)
    given = {each.name: values(record, each.rank) for each in symbols_of([node])}
    result = run(source_of(Expr(node)), given)
    expected = evaluate_node(node, given, SIZES)
    np.testing.assert_allclose(result, expected, rtol=1e-10)
