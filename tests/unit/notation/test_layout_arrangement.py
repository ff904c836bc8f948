"""Where the axes of a derivative go: the table of the layouts, entry by entry."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradform.errors import InputError
from gradform.functions.shapes import SCALAR, Shape
from gradform.ir.dims import ONE, Dim, dim
from gradform.notation.layout import LAYOUTS, Arrangement, arrange, check_layout
from tests.oracle.layouts import displayed
from tests.support.ir_eval import Array

m, n, p, q = (dim(name) for name in "mnpq")
SIZES = {"m": 2, "n": 3, "p": 4, "q": 5}

COLUMN_Y, ROW_Y = Shape(m, ONE), Shape(ONE, m)
COLUMN_X, ROW_X = Shape(n, ONE), Shape(ONE, n)
MATRIX = Shape(p, q)

# y by x, and the shape in each layout, as in the table of the layouts
TABLE: dict[str, tuple[Shape, Shape, dict[str, tuple[Dim, Dim]]]] = {
    "scalar by scalar": (SCALAR, SCALAR, dict.fromkeys(LAYOUTS, (ONE, ONE))),
    "scalar by column": (
        SCALAR,
        COLUMN_X,
        {"ml": (n, ONE), "denominator": (n, ONE), "numerator": (ONE, n), "mixed": (n, ONE)},
    ),
    "scalar by row": (
        SCALAR,
        ROW_X,
        {"ml": (ONE, n), "denominator": (ONE, n), "numerator": (n, ONE), "mixed": (ONE, n)},
    ),
    "column by scalar": (
        COLUMN_Y,
        SCALAR,
        {"ml": (m, ONE), "denominator": (ONE, m), "numerator": (m, ONE), "mixed": (m, ONE)},
    ),
    "row by scalar": (
        ROW_Y,
        SCALAR,
        {"ml": (ONE, m), "denominator": (m, ONE), "numerator": (ONE, m), "mixed": (ONE, m)},
    ),
    "column by column": (
        COLUMN_Y,
        COLUMN_X,
        {"ml": (n, m), "denominator": (n, m), "numerator": (m, n), "mixed": (m, n)},
    ),
    "row by row": (
        ROW_Y,
        ROW_X,
        {"ml": (m, n), "denominator": (m, n), "numerator": (n, m), "mixed": (n, m)},
    ),
    "column by row": (COLUMN_Y, ROW_X, dict.fromkeys(LAYOUTS, (m, n))),
    "row by column": (ROW_Y, COLUMN_X, dict.fromkeys(LAYOUTS, (n, m))),
    "scalar by matrix": (
        SCALAR,
        MATRIX,
        {"ml": (p, q), "denominator": (p, q), "numerator": (q, p), "mixed": (p, q)},
    ),
    "matrix by scalar": (
        MATRIX,
        SCALAR,
        {"ml": (p, q), "denominator": (q, p), "numerator": (p, q), "mixed": (p, q)},
    ),
}
each_pair = pytest.mark.parametrize("pair", TABLE)
each_layout = pytest.mark.parametrize("layout", LAYOUTS)


@each_pair
@each_layout
def test_shape(pair: str, layout: str) -> None:
    out, wrt, shapes = TABLE[pair]
    found = arrange(out, [wrt], layout)
    assert (found.shape.rows, found.shape.cols) == shapes[layout]
    assert not found.vec


def test_the_table_is_complete() -> None:
    kinds = {pair for pair, _ in (name.split(" by ") for name in TABLE)}
    assert kinds == {"scalar", "column", "row", "matrix"}
    assert all(set(shapes) == set(LAYOUTS) for _, _, shapes in TABLE.values())


# ---------------------------------------------------------------- values

SHAPES = [SCALAR, COLUMN_Y, ROW_Y, COLUMN_X, ROW_X, MATRIX, Shape(q, p)]


def shown(arrangement: Arrangement, tensor: Array) -> Array:
    """The matrix that rows and columns of an arrangement make of the neutral tensor."""
    down = [tensor.shape[k] for k in arrangement.rows]
    along = [tensor.shape[k] for k in arrangement.cols]
    moved = tensor.transpose([*arrangement.rows, *arrangement.cols])
    return moved.reshape(int(np.prod(down, dtype=int)), int(np.prod(along, dtype=int)))


@each_layout
def test_first_derivatives_are_shown_as_the_table_says(layout: str) -> None:
    for out, wrt in product(SHAPES, repeat=2):
        _compare(out, [wrt], layout)


@each_layout
def test_second_derivatives_are_shown_as_the_table_says(layout: str) -> None:
    for out, first, second in product(SHAPES, repeat=3):
        _compare(out, [first, second], layout)


def _compare(out: Shape, wrt: list[Shape], layout: str) -> None:
    arrangement = arrange(out, wrt, layout)
    extent = [axis.evaluate(SIZES) for axis in arrangement.axes]
    tensor = np.random.default_rng(0).normal(size=extent)
    found, wanted = shown(arrangement, tensor), displayed(tensor, out, wrt, layout)
    np.testing.assert_array_equal(found, wanted)
    shape = arrangement.shape
    assert found.shape == (shape.rows.evaluate(SIZES), shape.cols.evaluate(SIZES))


@each_layout
def test_every_axis_stands_in_one_place(layout: str) -> None:
    for out, first, second in product(SHAPES, repeat=3):
        found = arrange(out, [first, second], layout)
        assert sorted([*found.rows, *found.cols]) == list(range(len(found.axes)))
        assert found.vec == (len(found.axes) > 2)
        assert found.axes == (*out.axes, *first.axes, *second.axes)


@each_layout
def test_hessians_are_square_in_every_layout(layout: str) -> None:
    for x in (COLUMN_X, ROW_X):
        assert arrange(SCALAR, [x, x], layout).shape == Shape(n, n)
    two = arrange(SCALAR, [COLUMN_X, COLUMN_Y], layout)
    assert two.shape == Shape(n, m)
    by_matrix = arrange(SCALAR, [MATRIX, MATRIX], layout)
    assert by_matrix.vec
    assert (by_matrix.rows, by_matrix.cols) == ((1, 0), (3, 2))


@pytest.mark.parametrize(
    ("layout", "rows", "cols"),
    [
        ("ml", (3, 2), (1, 0)),
        ("denominator", (3, 2), (1, 0)),
        ("numerator", (1, 0), (3, 2)),
        ("mixed", (1, 0), (3, 2)),
    ],
)
def test_matrices_by_matrices_stack_their_columns(
    layout: str, rows: tuple[int, ...], cols: tuple[int, ...]
) -> None:
    found = arrange(MATRIX, [Shape(m, n)], layout)
    assert (found.rows, found.cols, found.vec) == (rows, cols, True)
    assert found.shape == (
        Shape(m * n, p * q) if layout in ("ml", "denominator") else Shape(p * q, m * n)
    )
    assert found.value_axes == (p, q, m, n)
    assert found.order == (0, 1, 2, 3)


def test_values_of_rows_keep_two_axes() -> None:
    row = arrange(SCALAR, [ROW_X], "ml")
    assert row.is_row
    assert row.value_axes == (ONE, n)
    column = arrange(SCALAR, [COLUMN_X], "ml")
    assert not column.is_row
    assert column.value_axes == (n,)
    turned = arrange(COLUMN_Y, [COLUMN_X], "ml")
    assert turned.value_axes == (n, m)
    assert turned.order == (1, 0)


def test_scalars_among_the_variables_add_nothing() -> None:
    for layout in LAYOUTS:
        assert arrange(COLUMN_Y, [SCALAR, COLUMN_X], layout) == arrange(
            COLUMN_Y, [COLUMN_X], layout
        )
        assert arrange(SCALAR, [COLUMN_X, SCALAR], layout) == arrange(SCALAR, [COLUMN_X], layout)
        assert arrange(ROW_Y, [SCALAR, SCALAR], layout) == arrange(ROW_Y, [SCALAR], layout)


def test_unknown_layouts_are_refused() -> None:
    assert [check_layout(layout) for layout in LAYOUTS] == list(LAYOUTS)
    for layout in ("", "ML", "numer", "transposed"):
        with pytest.raises(InputError, match="layout"):
            arrange(SCALAR, [COLUMN_X], layout)
