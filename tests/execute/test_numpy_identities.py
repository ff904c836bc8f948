"""All identities of the golden data as compiled NumPy programs, in the forms they choose."""

from __future__ import annotations

import pytest

from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from tests.execute.identities import neutral_task, points, within
from tests.golden.rows import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value_and_derivative_are_those_of_the_data(row: Row) -> None:
    program = compiled(neutral_task(row), Options())
    for point in points(row):
        given = [point.inputs[name] for name in program.parameters]
        value, derivative = program(*given, *(point.sizes[name] for name in program.task.sizes))
        within(value, point.value, 1e-8, f"value of {row.id}")
        within(derivative, point.derivative, 1e-8, f"derivative of {row.id}")
