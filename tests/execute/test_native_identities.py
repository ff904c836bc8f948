"""All identities of the golden data as native code, in both precisions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.identities import neutral_task, points, within
from tests.execute.native_cases import linked
from tests.golden.rows import ROWS, Row

BLOCKS = [ROWS[k : k + 43] for k in range(0, len(ROWS), 43)]
# Compiled as for users in single precision; all others are in double precision.
OPTIMISED_IN_SINGLE = BLOCKS[::3]


@pytest.mark.parametrize("rows", BLOCKS, ids=lambda rows: rows[0].id)
def test_double_precision(rows: Sequence[Row]) -> None:
    """Value and derivative are those of the data."""
    cases = [
        (row, task, point) for row in rows for task in [neutral_task(row)] for point in points(row)
    ]
    runs = linked(
        [(task, point.sizes) for _, task, point in cases],
        optimised=rows not in OPTIMISED_IN_SINGLE,
    )
    for (row, task, point), run in zip(cases, runs, strict=True):
        every = {**point.sizes, **point.inputs}
        names = [*(each.name for each in task.parameters), *task.sizes]
        value, derivative = run(**{name: every[name] for name in names})
        within(value, point.value, 1e-8, f"value of {row.id}")
        within(derivative, point.derivative, 1e-8, f"derivative of {row.id}")


@pytest.mark.parametrize("rows", BLOCKS, ids=lambda rows: rows[0].id)
def test_single_precision(rows: Sequence[Row]) -> None:
    """Off by what float32 loses: the double program at the same, rounded inputs."""
    cases = [(row, neutral_task(row), next(points(row))) for row in rows]
    double = Options()
    runs = linked(
        [(task, point.sizes) for _, task, point in cases],
        Options(dtype="float32"),
        optimised=rows in OPTIMISED_IN_SINGLE,
    )
    for (row, task, point), run in zip(cases, runs, strict=True):
        every = {**point.sizes, **{k: np.float32(v) for k, v in point.inputs.items()}}
        names = [*(each.name for each in task.parameters), *task.sizes]
        given = {name: every[name] for name in names}
        for found, wanted in zip(run(**given), compiled(task, double)(**given), strict=True):
            if np.all(np.abs(wanted) < 1e30):
                scale = max(float(np.max(np.abs(wanted), initial=0.0)), 1e-3)
                assert float(np.max(np.abs(found - wanted), initial=0.0)) <= 2e-3 * scale, row.id
