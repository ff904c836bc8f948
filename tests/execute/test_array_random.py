"""Random expressions on JAX and PyTorch, as their source is read: against the einsum oracle."""

from __future__ import annotations

import random
from functools import reduce
from importlib import import_module
from operator import add, mul
from typing import Any

import numpy as np
import pytest

from gradform.codegen.python.run import compile_source
from gradform.execute.options import Options
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import task_of
from tests.support.ir_eval import evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    matrix,
    n,
    random_expression,
    symbols_of,
    vector,
)

SQUARE = [matrix(name, n, n) for name in "ABC"]
ROWS = [vector(name, n) for name in "uv"]


def turned_matrices(seed: int) -> Node:
    """Sums and entrywise products of matrices, of which some are transposed, times vectors."""
    rng = random.Random(seed)

    def square() -> Expr:
        found = rng.choice(SQUARE)
        return found.T if rng.random() < 0.5 else found

    def joined() -> Expr:
        return reduce(rng.choice([add, mul]), [square() for _ in range(rng.randint(1, 3))])

    found = rng.choice(ROWS)
    for _ in range(rng.randint(1, 3)):
        found = (joined().T if rng.random() < 0.5 else joined()) @ found
    return rng.choice([found, rng.choice(ROWS) @ found]).node


def check(library: Library, node: Node) -> None:
    task = task_of(node)
    text = import_module(f"gradform.codegen.python.{library.name}").source(task, Options())
    arguments = arguments_for(symbols_of([node]))
    given: list[Any] = [library.array(arguments[each.name]) for each in task.parameters]
    found = compile_source(text, task.name)(*given, *(SIZES[name] for name in task.sizes))
    wanted = evaluate_node(node, arguments, SIZES)
    assert np.shape(library.numpy(found)) == np.shape(wanted), text
    close(found, wanted, 1e-9, text)


@each_library
@pytest.mark.parametrize("block", range(3))
def test_turned_matrices(library: Library, block: int) -> None:
    for seed in range(30 * block, 30 * (block + 1)):
        check(library, turned_matrices(seed))


@each_library
@pytest.mark.parametrize("block", range(3))
def test_expressions(library: Library, block: int) -> None:
    for seed in range(20 * block, 20 * (block + 1)):
        check(library, random_expression(seed))
