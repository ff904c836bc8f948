"""Random products, read as maps at every place: the operator is the array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.structured.analysis import forms_of
from gradform.codegen.task import Output, Parameter, Task
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from gradform.execute.structured import structured
from gradform.ir.nodes import Node
from gradform.linear_operators import LinearOperator
from tests.operators.checking import agrees
from tests.support.ir_eval import evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
    variable,
)


def _operator(node: Node, split: int, arguments: dict[str, Any]) -> LinearOperator:
    output = Output("out", node, Arrangement.neutral(node.rank), split=split)
    parameters = tuple(Parameter(*variable(each)) for each in symbols_of([node]))
    task = Task("f", (output,), parameters)
    program = structured(task, Options(dense=False), compiled, lambda node: "")
    found = program(**arguments, **{name: SIZES[name] for name in task.sizes})
    assert isinstance(found, LinearOperator)
    return found


@pytest.mark.parametrize("kind", ["any", "leaf", "joined", "matrix"])
@pytest.mark.parametrize("seed", range(120))
def test_a_product_is_its_array(seed: int, kind: str) -> None:
    _check(random_product(seed, kind), seed)


@pytest.mark.parametrize("seed", range(150))
def test_an_expression_is_its_array(seed: int) -> None:
    _check(random_expression(seed), seed)


def _check(node: Node, seed: int) -> None:
    arguments = arguments_for(symbols_of([node]), seed)
    for split in range(1, node.rank):
        expected = evaluate_node(node, arguments, SIZES)
        operator = _operator(node, split, arguments)
        assert operator.rows == expected.shape[:split]
        assert operator.columns == expected.shape[split:]
        agrees(operator, expected.reshape(operator.shape))


def test_many_products_have_a_structure() -> None:
    """The laws above are not about dense matrices only."""
    kinds = {
        type(_operator(node, 1, arguments_for(symbols_of([node]), seed))).__name__
        for seed in range(120)
        for kind in ("any", "leaf", "joined", "matrix")
        if (node := random_product(seed, kind)).rank == 2
    }
    assert {"Diagonal", "LowRank", "Dense"} <= kinds


def test_a_sum_of_very_many_terms_has_no_form() -> None:
    rng = np.random.default_rng(0)
    nodes = [random_product(int(k), "any") for k in rng.integers(0, 10**6, 400)]
    square = [node for node in nodes if node.rank == 2]
    assert all(forms is None or len(forms) <= 49 for forms in (forms_of(n, 1) for n in square))
