"""Every public identity on JAX and PyTorch: value and derivative, both types, batched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradform.codegen.task import Task
from gradform.execute.backend import compiler
from gradform.execute.options import Options
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import moved_points, stacked
from tests.execute.identities import neutral_task
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Array, Row

# How far float32 is from float64, by the largest entry; inverses lose digits.
SINGLE = 2e-3


def _arguments(
    library: Library, task: Task, sizes: dict[str, int], inputs: dict[str, Array], dtype: str
) -> list[Any]:
    arrays = [library.array(inputs[each.name], dtype) for each in task.parameters]
    return [*arrays, *(sizes[name] for name in task.sizes)]


@each_library
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_identity(library: Library, row: Row) -> None:
    task = neutral_task(row)
    program = compiler(library.name)(task, Options())
    (sizes, inputs, wanted), *_ = frozen_points(row)
    value, derivative = program(*_arguments(library, task, sizes, inputs, "float64"))
    expected = np.asarray(row.points[0]["value"], float)
    close(value.reshape(expected.shape), expected, 1e-8, program.source)
    close(derivative, wanted, 1e-8, program.source)
    assert library.dtype(value) == library.dtype(derivative) == "float64"


@each_library
@pytest.mark.parametrize("row", ROWS[::14], ids=str)
def test_identity_in_single_precision(library: Library, row: Row) -> None:
    task = neutral_task(row)
    program = compiler(library.name)(task, Options(dtype="float32"))
    (sizes, inputs, wanted), *_ = frozen_points(row)
    _, derivative = program(*_arguments(library, task, sizes, inputs, "float32"))
    assert library.dtype(derivative) == "float32"
    scale = max(float(np.max(np.abs(wanted), initial=0.0)), 1e-2)
    assert float(np.max(np.abs(library.numpy(derivative) - wanted), initial=0.0)) <= SINGLE * scale


@each_library
@pytest.mark.parametrize("row", ROWS[3::20], ids=str)
def test_identity_batched(library: Library, row: Row) -> None:
    task = neutral_task(row)
    names = [parameter.name for parameter in task.parameters]
    exact = bool(row.structures or row.data.get("constraint"))
    single = compiler("numpy")(task, Options())
    batched = compiler(library.name)(task, Options(batch=tuple(names)))
    (sizes, inputs, _), *_ = frozen_points(row)
    points = moved_points({name: inputs[name] for name in names}, exact=exact)
    arrays = stacked(points, names)
    found = batched(*_arguments(library, task, sizes, arrays, "float64"))
    for k, point in enumerate(points):
        wanted = single(**point, **{name: sizes[name] for name in task.sizes})
        for result, want in zip(found, wanted, strict=True):
            close(result[k], want, 1e-8, batched.source)
