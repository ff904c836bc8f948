"""Bad, nasty and unusual inputs: kind and column as the data says, and what to mention."""

from __future__ import annotations

import time

import numpy as np
import pytest

import gradform as gf
from tests.golden.rows import ErrorRow, error_rows

ROWS = tuple(error_rows())
SIZES = {"n": 3, "m": 4, "k": 2}
each_row = pytest.mark.parametrize("row", ROWS, ids=str)


def _ask(row: ErrorRow) -> gf.Derivative:
    found = gf.derivative(row.source, row.data["wrt"], shapes=row.shapes, assume=row.structures)
    assert isinstance(found, gf.Derivative)
    return found


def _error(row: ErrorRow) -> gf.GradformError | None:
    try:
        _ask(row)
    except gf.GradformError as error:
        return error
    return None


def test_all_rows_are_here() -> None:
    assert len(ROWS) == 97


@each_row
def test_kind_and_column(row: ErrorRow) -> None:
    error = _error(row)
    acceptable = set(row.data.get("acceptable", ()))
    if row.data.get("advisory"):
        return  # a warning is as good as a refusal
    if error is None:
        assert (row.kinds | acceptable) & {"ok", "normalise"}
        return
    assert error.kind in row.kinds | acceptable
    if row.data["column"] is not None:
        assert error.column in row.columns


@each_row
def test_message_mentions_what_helps(row: ErrorRow) -> None:
    error = _error(row)
    if error is not None:
        assert [word for word in row.data["should_mention"] if word not in str(error)] == []


@each_row
def test_answers_are_right(row: ErrorRow) -> None:
    if "expected_numpy" not in row.data or _error(row) is not None:
        assert "expected_numpy" not in row.data or "ok" not in row.kinds
        return
    rng = np.random.default_rng(0)
    inputs = {
        name: rng.standard_normal(
            [size if isinstance(size, int) else SIZES[size] for size in shape]
        )
        for name, shape in row.shapes.items()
    }
    wanted = np.asarray(eval(row.data["expected_numpy"], {"np": np, **SIZES, **inputs}))
    np.testing.assert_allclose(_ask(row).tensor(**inputs), wanted, rtol=1e-12, atol=1e-12)


@each_row
def test_no_input_takes_long(row: ErrorRow) -> None:
    begin = time.perf_counter()
    _error(row)
    assert time.perf_counter() - begin < 5
