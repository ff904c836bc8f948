"""All identities: the operator of a Jacobian or Hessian is its array."""

from __future__ import annotations

import numpy as np
import pytest

from gradform.linear_operators import LinearOperator
from tests.golden.rows import ROWS, Row, answer
from tests.operators.checking import agrees


def _maps() -> list[Row]:
    return [row for row in ROWS if answer(row, check=False).as_part().output.split]


MAPS = _maps()


@pytest.mark.parametrize("row", MAPS, ids=str)
def test_the_operator_is_the_array(row: Row) -> None:
    derivative = answer(row, check=False)
    operators, arrays = derivative.compile(dense=False), derivative.compile()
    for point in row.points[:2]:
        names = {each.name for each in arrays.task.parameters} | set(arrays.task.sizes)
        given = {**point["dims"], **{k: np.asarray(v, float) for k, v in point["inputs"].items()}}
        given = {name: value for name, value in given.items() if name in names}
        operator, dense = operators(**given), arrays(**given)
        assert isinstance(operator, LinearOperator)
        assert operator.tensor_shape == dense.shape
        agrees(operator, dense.reshape(operator.shape))


def test_many_identities_have_a_structure() -> None:
    assert len(MAPS) > 100
