"""Batched NumPy programs against a loop over the points."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.batches import agree, moved_points, stacked, task_of
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Row, answer
from tests.support.samples import SampleCall, sample_calls
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)

CALLS = [call for call in sample_calls() if call.names]


def _batches(names: list[str]) -> list[tuple[str, ...]]:
    """All variables, and each alone: products of what has the axis with what has not."""
    return [tuple(names), *((name,) for name in names if len(names) > 1)]


def _some(batches: list[tuple[str, ...]], turn: int) -> list[tuple[str, ...]]:
    """All variables, and one alone, by turns."""
    return [batches[0], *batches[1:][turn % (len(batches) - 1) :][:1]] if batches[1:] else batches


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_identities(row: Row) -> None:
    exact = bool(row.structures or row.data.get("constraint"))
    value = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
    asked: list[Any] = [value, answer(row, check=False)]
    for turn, what in enumerate(asked, ROWS.index(row)):
        single = what.compile("numpy")
        names = [parameter.name for parameter in single.task.parameters]
        for batch in _some(_batches(names), turn) if names else []:
            program = what.compile("numpy", batch=batch)
            for sizes, inputs, _ in frozen_points(row):
                points = moved_points({name: inputs[name] for name in names}, exact=exact)
                extra = {name: sizes[name] for name in single.task.sizes}
                agree(single, program, {**stacked(points, batch), **extra})


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_functions(call: SampleCall) -> None:
    task = task_of(call.node())
    names = [parameter.name for parameter in task.parameters]
    points = [{name: call.point(k)[name] for name in names} for k in range(3)]
    single = compiled(task, Options())
    extra = {name: SIZES[name] for name in task.sizes}
    for batch in _batches(names) if names else []:
        program = compiled(task, Options(batch=batch))
        agree(single, program, {**stacked(points, batch), **extra})


def _check_random(task: Task, seed: int) -> None:
    names = [parameter.name for parameter in task.parameters]
    nodes = symbols_of(task.nodes)
    points = [arguments_for(nodes, 7 * seed + k) for k in range(3)]
    extra = {name: SIZES[name] for name in task.sizes}
    single = compiled(task, Options())
    choices = [*_batches(names), *combinations(names, 2)][:8] if names else []
    for batch in choices:
        program = compiled(task, Options(batch=batch))
        agree(single, program, {**stacked(points, batch), **extra}, tolerance=1e-8)


@pytest.mark.parametrize("kind", ["any", "leaf", "joined", "matrix", "derivative"])
@pytest.mark.parametrize("block", range(4))
def test_random_products(kind: str, block: int) -> None:
    for seed in range(10 * block, 10 * block + 10):
        _check_random(task_of(random_product(seed, kind)), seed)


@pytest.mark.parametrize("block", range(4))
def test_several_random_outputs(block: int) -> None:
    for seed in range(10 * block, 10 * block + 10):
        _check_random(task_of(*(random_expression(1000 * seed + k) for k in range(2))), seed)


# ---------------------------------------------------------------- what the axis means

QUADRATIC = gf.parse("x'*A*x + b", shapes={"x": ("n",), "A": ("n", "n"), "b": ()})


def test_what_does_not_depend_on_the_batch_is_computed_once() -> None:
    program = gf.parse("inv(A)*x", shapes={"x": ("n",), "A": ("n", "n")}).compile(batch="x")
    assert program.source.count("np.linalg.solve") == 1
    assert "_each" not in program.source


def test_outputs_without_the_batch_are_repeated() -> None:
    value, hessian = gf.compile(QUADRATIC, QUADRATIC.hessian("x"), batch="b")(
        x=np.ones(2), A=np.eye(2), b=np.arange(3.0)
    )
    assert value.tolist() == [2.0, 3.0, 4.0]
    assert hessian.tolist() == [[[2.0, 0.0], [0.0, 2.0]]] * 3
    hessian[0] = 0.0
    assert hessian[1].any()


def test_an_empty_batch() -> None:
    program = QUADRATIC.gradient("x").compile(batch="x")
    assert program(x=np.zeros((0, 3)), A=np.eye(3)).shape == (0, 3)


def test_a_batch_of_different_lengths() -> None:
    program = QUADRATIC.compile(batch=["x", "b"])
    with pytest.raises(ArrayError, match=r"b must have a leading axis of length 5"):
        program(x=np.zeros((5, 3)), A=np.eye(3), b=np.zeros(4))


def test_a_missing_leading_axis() -> None:
    program = QUADRATIC.compile(batch="x")
    with pytest.raises(ArrayError, match=r"shape \(n,\) behind its leading axis, got \(\)"):
        program(x=np.zeros(3), A=np.eye(3), b=1.0)


def test_a_row_is_a_matrix_of_one_row_or_a_vector() -> None:
    program = gf.parse("z*A*z'", shapes={"z": (1, "n"), "A": ("n", "n")}).compile(batch="z")
    z = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(program(z=z, A=np.eye(3)), [5.0, 50.0])
    np.testing.assert_array_equal(program(z=z[:, None], A=np.eye(3)), [5.0, 50.0])


def test_sizes_called_like_the_batch() -> None:
    """A size of the user may have any name."""
    program = gf.parse("x'*x", shapes={"x": ("batch",)}).compile(batch=True)
    assert program(x=np.ones((2, 3))).tolist() == [3.0, 3.0]
    with pytest.raises(ArrayError, match=r"\(batch,\) behind its leading axis"):
        program(x=np.ones(3))
