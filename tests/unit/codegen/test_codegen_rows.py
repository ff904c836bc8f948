"""Values by rows and accumulated values, computed on chunks of rows, against the whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gradform.codegen.lowering.expressions import lower
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.rows import Join, Kind, RowAxes, Rows, best_rows
from gradform.codegen.passes.softmax import softmax_apart
from gradform.codegen.program.straight_line import Arrangement, Program, Value
from gradform.derive.tasks import joint_task
from gradform.ir.nodes import Node
from tests.golden.points import fresh_points
from tests.golden.rows import ROWS, Row, answer
from tests.support.ir_eval import Array
from tests.unit.codegen.codegen_cases import (
    SIZES,
    arguments_for,
    random_expression,
    random_product,
    symbols_of,
)
from tests.unit.codegen.loss_cases import LOSSES, Loss
from tests.unit.codegen.running import run_one

JOINS = {Join.SUM: np.add, Join.LOGARITHM: np.logaddexp, Join.ROOT: np.hypot}

each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)


def lowered(loss: Loss) -> tuple[Program, list[Value]]:
    task = joint_task("f", [part.as_part() for part in loss.parts()])
    return softmax_apart(*program_of(task))


def drawn(loss: Loss, sizes: Mapping[str, int]) -> dict[str, Array]:
    rng = np.random.default_rng(zlib.crc32(loss.name.encode()))
    found: dict[str, Array] = {}
    for name, shape in loss.shapes.items():
        extent = [sizes[each] if isinstance(each, str) else each for each in shape]
        found[name] = rng.normal(size=extent)
    if "S" in found:
        found["S"] = found["S"] @ found["S"].T + np.eye(len(found["S"]))
    return found


@each_loss
def test_data_have_a_separable_axis(loss: Loss) -> None:
    program, outputs = lowered(loss)
    data = {name: 0 for name, shape in loss.shapes.items() if shape[:1] == ("m",)}
    rows = RowAxes(program, outputs).along(data)
    assert dict(rows.inputs) == data
    assert rows.length.name == "m"
    assert rows.separable
    assert rows.count == loss.sweeps


@each_loss
def test_losses_on_chunks(loss: Loss) -> None:
    program, outputs = lowered(loss)
    sizes = {"m": 11, "n": 4, "k": 3, "p": 2}
    assert check_rows(program, outputs, sizes, drawn(loss, sizes))


def test_random_expressions_on_chunks() -> None:
    parted = 0
    for seed in range(400):
        nodes: list[Node] = [random_expression(seed), random_product(seed + 10_000)]
        parted += _check_nodes(nodes, seed)
    assert parted > 1000


@pytest.mark.parametrize("kind", ["joined", "matrix", "derivative"])
def test_structured_factors_on_chunks(kind: str) -> None:
    parted = sum(_check_nodes([random_product(seed, kind)], seed) for seed in range(60))
    assert parted > 60


@pytest.mark.parametrize("block", range(10))
def test_identities_on_chunks(block: int) -> None:
    for row in ROWS[block::10]:
        _check_identity(row)


def test_best_rows_are_the_data() -> None:
    for loss in LOSSES[:7]:
        program, outputs = lowered(loss)
        rows = best_rows(program, outputs, {"m": 1000, "n": 30}, separable=True)
        assert rows is not None
        assert rows.inputs == {"X": 0, "y": 0}


# ---------------------------------------------------------------- what is checked


def _check_nodes(nodes: list[Node], seed: int) -> int:
    program, outputs = lower([(node, Arrangement.neutral(node.rank)) for node in nodes])
    return check_rows(program, outputs, SIZES, arguments_for(symbols_of(nodes), seed))


def _check_identity(row: Row) -> None:
    program, outputs = program_of(joint_task("f", [answer(row, check=False).as_part()]))
    for sizes, inputs in fresh_points(row, 1):
        check_rows(program, outputs, sizes, inputs)


def check_rows(
    program: Program, outputs: list[Value], sizes: Mapping[str, int], inputs: Mapping[str, Any]
) -> int:
    """Along every row axis: how many values were computed on chunks, and agree."""
    axes = RowAxes(program, outputs)
    whole: dict[Value, Any] = {}
    for value in axes.live:
        arguments = [whole[each] for each in program.instructions[value].arguments]
        whole[value] = run_one(program, value, arguments, sizes, inputs)
    return sum(
        _check_along(program, rows, whole, sizes, inputs)
        for rows in axes.each()
        if rows.length.evaluate(sizes)
    )


def _check_along(
    program: Program,
    rows: Rows,
    whole: Mapping[Value, Any],
    sizes: Mapping[str, int],
    inputs: Mapping[str, Any],
) -> int:
    length = rows.length.evaluate(sizes)
    sums: dict[Value, Any] = {}
    for start, stop in _chunks(length):
        chunk = _on_chunk(program, rows, whole, sizes, inputs, (start, stop))
        for value, found in chunk.items():
            if rows.kinds[value] is Kind.BY_ROWS:
                wanted = np.take(whole[value], range(start, stop), rows.axis[value])
                _agree(found, wanted)
            elif value in sums:
                join = JOINS[rows.joins[value]]
                sums[value] = join(sums[value], found)
            else:
                sums[value] = found
    for value, total in sums.items():
        _agree(total, whole[value])
    return len(rows.of_kind(Kind.BY_ROWS, Kind.ACCUMULATED))


def _chunks(length: int) -> Iterator[tuple[int, int]]:
    cuts = [0, 1, max(length // 2, 1), length]
    return ((a, b) for a, b in pairwise(cuts) if a < b)


def _on_chunk(
    program: Program,
    rows: Rows,
    whole: Mapping[Value, Any],
    sizes: Mapping[str, int],
    inputs: Mapping[str, Any],
    part: tuple[int, int],
) -> dict[Value, Any]:
    """The values by rows and the accumulated ones, of some rows of the variables.

    What needs all rows is taken from the whole, as later sweeps do.
    """
    start, stop = part
    variables = {
        name: np.take(array, range(start, stop), rows.inputs[name])
        if name in rows.inputs
        else array
        for name, array in inputs.items()
    }
    found: dict[Value, Any] = {}

    def seen(value: Value) -> Any:
        if value in found and rows.kinds[value] is Kind.BY_ROWS:
            return found[value]
        axis = rows.axis.get(value)
        return whole[value] if axis is None else np.take(whole[value], range(start, stop), axis)

    for value in rows.of_kind(Kind.BY_ROWS, Kind.ACCUMULATED):
        arguments = [seen(each) for each in program.instructions[value].arguments]
        axis = rows.axis.get(value)
        here = None if axis is None else (axis, stop - start)
        found[value] = run_one(program, value, arguments, sizes, variables, here)
    return found


def _agree(found: Any, wanted: Any) -> None:
    assert np.shape(found) == np.shape(wanted)
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10 * scale)
