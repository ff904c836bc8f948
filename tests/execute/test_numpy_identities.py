"""All identities of the golden data as compiled NumPy programs, in the forms they choose."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.execute import numpy as numpy_programs
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.identities import neutral_task, points, within
from tests.golden.rows import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value_and_derivative_are_those_of_the_data(row: Row) -> None:
    program = compiled(neutral_task(row), Options())
    for point in points(row):
        given = {**point.inputs, **point.sizes}
        value, derivative = program(*(given[name] for name in program.parameters))
        within(value, point.value, 1e-8, f"value of {row.id}")
        within(derivative, point.derivative, 1e-8, f"derivative of {row.id}")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_calls_that_came_often_change_nothing(
    row: Row, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs without checks gives the same numbers, in arrays of its own, and leaves what it
    was given as it was.
    """
    monkeypatch.setattr(numpy_programs, "_OFTEN", 1)
    program = compiled(neutral_task(row), Options(dtype=dtype))
    point = next(points(row))
    given = [np.array(point.inputs[each.name], dtype)[()] for each in program.task.parameters]
    sizes = [point.sizes[name] for name in program.task.sizes]
    before = [np.array(array) for array in given]
    with np.errstate(all="ignore"):
        first, *later = [program(*given, *sizes) for _ in range(4)]
    for found in later:
        for array, wanted in zip(found, first, strict=True):
            np.testing.assert_array_equal(array, wanted)
    for array, unchanged in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, unchanged)
        assert not any(np.shares_memory(array, result) for result in later[-1])
    assert not np.shares_memory(later[0][1], later[1][1])
