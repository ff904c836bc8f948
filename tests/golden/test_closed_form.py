"""Closed forms of the public identities: matrix notation, short, readable again, as LaTeX."""

from __future__ import annotations

import numpy as np
import pytest

import gradform as gf
from tests import katex
from tests.golden.points import frozen_points
from tests.golden.rows import CLOSED, Array, Row, answer
from tests.golden.size import size, tokens
from tests.oracle.asked import written_shape
from tests.oracle.layouts import displayed

TOLERANCE = 1e-8
ROUNDING = 1e-15
each_row = pytest.mark.parametrize("row", CLOSED, ids=str)


def test_size_counts_identifiers_numbers_and_operators() -> None:
    assert tokens("2*(A + A')*x.^2./1e-3") == [
        "2", "*", "A", "+", "A", "'", "*", "x", ".^", "2", "./", "1e-3",
    ]  # fmt: skip
    assert tokens("1./x") == ["1", "./", "x"]
    assert size("softmax(X, 1)") == 3


def test_books_write_391_rows_in_the_input_language() -> None:
    assert len(CLOSED) == 391


@each_row
def test_matrix_notation_exists(row: Row) -> None:
    assert answer(row).text != answer(row).index_notation


def test_most_are_as_short_as_the_book_and_nearly_all_almost() -> None:
    ratios = np.array([size(answer(row).text) / size(str(row.book)) for row in CLOSED])
    assert np.mean(ratios <= 1) >= 0.90
    assert np.mean(ratios <= 1.25) >= 0.98


@each_row
def test_text_reads_back_to_the_same_tensor(row: Row) -> None:
    found = answer(row)
    read = gf.parse(found.text, shapes=found.shapes, assume=row.structures)
    for _, inputs, wanted in frozen_points(row):
        value = _matrix(read(**{name: inputs[name] for name in read.variables}))
        expected = _displayed(row, wanted)
        assert value.shape == expected.shape
        if expected.size:
            allowed = max(TOLERANCE * float(np.max(np.abs(expected))), ROUNDING)
            assert float(np.max(np.abs(value - expected))) <= allowed


def _matrix(value: Array) -> Array:
    """A value as it is written: rows and columns."""
    array = np.asarray(value)
    return array.reshape((*array.shape, 1, 1)[:2])


def _displayed(row: Row, tensor: Array) -> Array:
    """The matrix that the row's layout shows for a neutral tensor."""
    function = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
    out = written_shape(function.shape)
    wrt = [written_shape(row.shapes[row.data["wrt"]])] * row.data.get("order", 1)
    return displayed(tensor, out, wrt, row.layout)


@pytest.mark.skipif(not katex.is_available(), reason="KaTeX needs Node.js")
def test_latex_compiles() -> None:
    assert katex.failures([answer(row).latex for row in CLOSED]) == []


@pytest.mark.skipif(not katex.is_available(), reason="KaTeX needs Node.js")
def test_latex_of_the_function_compiles() -> None:
    functions = [
        gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures) for row in CLOSED
    ]
    assert katex.failures([function.latex for function in functions]) == []
