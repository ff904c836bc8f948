"""Random programs as native code, against an einsum of their expressions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gradform.codegen.native import kernel
from gradform.codegen.native.definitions import matrices
from gradform.codegen.native.statements import fills, turned, unrolled
from gradform.execute.options import Options
from gradform.ir.nodes import Node
from tests.execute.batches import task_of
from tests.execute.native_cases import linked
from tests.support.ir_eval import evaluate_node
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)


def check(cases: Sequence[Sequence[Node]], threads: int | None = None) -> None:
    """Every output of every case at a random point."""
    runs = linked([(task_of(*nodes), SIZES) for nodes in cases], Options(threads=threads))
    for seed, (nodes, run) in enumerate(zip(cases, runs, strict=True)):
        arguments = arguments_for(symbols_of(nodes), seed)
        sizes = {name: SIZES[name] for name in task_of(*nodes).sizes}
        found = run(**arguments, **sizes)
        for node, result in zip(nodes, found if len(nodes) > 1 else (found,), strict=True):
            expected = evaluate_node(node, arguments, SIZES)
            scale = max(1e-6, float(np.max(np.abs(expected), initial=0.0)))
            assert np.shape(result) == expected.shape
            np.testing.assert_allclose(
                result, expected, rtol=1e-9, atol=1e-9 * scale, err_msg=f"case {seed}"
            )


@pytest.mark.parametrize("kind", ["any", "leaf", "joined", "matrix"])
@pytest.mark.parametrize("block", range(2))
def test_products(kind: str, block: int) -> None:
    check([[random_product(seed, kind)] for seed in range(100 * block, 100 * block + 100)])


@pytest.mark.parametrize("block", range(2))
def test_several_outputs(block: int) -> None:
    seeds = range(50 * block, 50 * block + 50)
    check([[random_expression(1000 * seed + k) for k in range(3)] for seed in seeds])


def test_derivatives_of_matrix_functions() -> None:
    check([[random_product(seed, "derivative")] for seed in range(40)])


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is taken for large: blocks of rows, calls of BLAS, scratch memory, loops,
    tiles."""
    monkeypatch.setattr(kernel, "CACHE", 16)
    monkeypatch.setattr(kernel, "GEMM_ROWS", 2)
    monkeypatch.setattr(kernel, "LEAST_ROWS", 1)
    monkeypatch.setattr(kernel, "LOCAL", 0)
    monkeypatch.setattr(matrices, "LEAST_WORK", 1)
    monkeypatch.setattr(matrices, "LEAST_SIDE", 2)
    monkeypatch.setattr(unrolled, "MOST", 0)
    monkeypatch.setattr(fills, "SMALL", 2)
    monkeypatch.setattr(turned, "LARGE", 0)
    monkeypatch.setattr(turned, "SIDE", 2)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("threads", [None, 2])
@pytest.mark.parametrize("kind", ["any", "leaf", "joined", "matrix"])
def test_products_taken_for_large(kind: str, threads: int | None) -> None:
    check([[random_product(seed, kind)] for seed in range(400, 500)], threads)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("threads", [None, 2])
def test_several_outputs_taken_for_large(threads: int | None) -> None:
    check(
        [[random_expression(1000 * seed + k) for k in range(3)] for seed in range(100, 160)],
        threads,
    )
