"""All identities of the golden data as native code, against NumPy, in both precisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.task import Task
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.native_cases import linked
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Row, answer

BLOCKS = [ROWS[k : k + 43] for k in range(0, len(ROWS), 43)]


def _tasks(row: Row) -> list[Task]:
    """The value and the derivative."""
    value = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
    return [what.compile().task for what in (value, answer(row, check=False))]


def _check(rows: Sequence[Row], dtype: str, points: int, tolerance: float) -> None:
    cases: list[tuple[Row, Task, dict[str, int], dict[str, Any]]] = []
    for row in rows:
        for task in _tasks(row):
            for sizes, inputs, _ in list(frozen_points(row))[:points]:
                names = [*(each.name for each in task.parameters), *task.sizes]
                every = {**sizes, **inputs}
                cases.append((row, task, sizes, {name: every[name] for name in names}))
    runs = linked([(task, sizes) for _, task, sizes, _ in cases], Options(dtype=dtype))
    for (row, task, _, given), run in zip(cases, runs, strict=True):
        expected = np.asarray(compiled(task, Options())(**given))
        found = np.asarray(run(**given))
        assert found.shape == expected.shape, row.id
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            found, expected, rtol=0, atol=tolerance * scale, err_msg=f"{row.id} {task.name}"
        )


@pytest.mark.parametrize("rows", BLOCKS, ids=lambda rows: rows[0].id)
def test_double_precision(rows: Sequence[Row]) -> None:
    _check(rows, "float64", 2, 1e-8)


@pytest.mark.parametrize("rows", BLOCKS, ids=lambda rows: rows[0].id)
def test_single_precision(rows: Sequence[Row]) -> None:
    _check(rows, "float32", 1, 2e-3)
