"""Every public identity: the neutral tensor at frozen points and at fresh ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.points import fresh_points, frozen_points
from tests.golden.rows import ROWS, Array, Row, answer

TOLERANCE = 1e-8
ROUNDING = 1e-15
each_row = pytest.mark.parametrize("row", ROWS, ids=str)


def test_all_rows_are_here() -> None:
    assert len(ROWS) == 430


@each_row
def test_frozen_points(row: Row) -> None:
    points = list(frozen_points(row))
    assert len(points) >= 2
    for sizes, inputs, wanted in points:
        _agree(answer(row).tensor(**inputs), wanted)
        _agree(answer(row).tensor(**inputs), row.expected(sizes, inputs))


@each_row
def test_fresh_points(row: Row) -> None:
    for sizes, inputs in fresh_points(row):
        _agree(answer(row).tensor(**inputs), row.expected(sizes, inputs))


def _agree(found: Array, wanted: Array) -> None:
    """Shape exact, max|E - T| at most 1e-8 of max|T|; a zero may come out as rounding."""
    found = np.asarray(found)
    assert found.shape == wanted.shape
    if wanted.size:
        allowed = max(TOLERANCE * float(np.max(np.abs(wanted))), ROUNDING)
        assert float(np.max(np.abs(found - wanted))) <= allowed
