"""Each cell of the table of layouts, by shape and by value.

The table is written out here as data, so that it is checked against the code and not taken from
it. A cell says which shape the derivative has and whether its entries stand as in the
neutral tensor (axes of the value, then of the variable) or transposed.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import gradform as gf
from tests.support.differences import neutral_derivative

Array = NDArray[Any]

LAYOUTS = ("ml", "denominator", "numerator", "mixed")
SIZES = {"m": 3, "n": 4, "p": 2, "q": 5}
SHAPES = {
    "c": (),
    "x": ("n",),
    "r": (1, "n"),
    "X": ("p", "q"),
    "a": ("m",),
    "A": ("m", "n"),
    "B": ("p", "q"),
    "P": ("m", "p"),
    "Q": ("q", "m"),
}


class Row(NamedTuple):
    """A row of the table: a function with that kind of value, by that kind of variable.

    ``cells`` has for each layout the shape, and whether a matrix stands transposed.
    """

    value: str
    variable: str
    function: str
    wrt: str
    numpy: Callable[..., Any]
    cells: tuple[tuple[tuple[Any, ...], bool], ...]


def column(size: str) -> tuple[tuple[Any, ...], bool]:
    return (size,), False


def row(size: str) -> tuple[tuple[Any, ...], bool]:
    return (1, size), False


def straight(*sizes: str) -> tuple[tuple[Any, ...], bool]:
    return sizes, False


def turned(*sizes: str) -> tuple[tuple[Any, ...], bool]:
    return sizes, True


TABLE = [
    Row("scalar", "column", "sum(exp(A*x))", "x", lambda x, A, **_: np.exp(A @ x).sum(),
        (column("n"), column("n"), row("n"), column("n"))),
    Row("scalar", "row", "sum(exp(A*r'))", "r", lambda r, A, **_: np.exp(A @ r.ravel()).sum(),
        (row("n"), row("n"), column("n"), row("n"))),
    Row("column", "scalar", "exp(c*a)", "c", lambda c, a, **_: np.exp(c * a),
        (column("m"), row("m"), column("m"), column("m"))),
    Row("row", "scalar", "exp(c*a)'", "c", lambda c, a, **_: np.exp(c * a),
        (row("m"), column("m"), row("m"), row("m"))),
    Row("column", "column", "tanh(A*x)", "x", lambda x, A, **_: np.tanh(A @ x),
        (turned("n", "m"), turned("n", "m"), straight("m", "n"), straight("m", "n"))),
    Row("row", "row", "tanh(r*A')", "r", lambda r, A, **_: np.tanh(A @ r.ravel()),
        (straight("m", "n"), straight("m", "n"), turned("n", "m"), turned("n", "m"))),
    Row("column", "row", "tanh(A*r')", "r", lambda r, A, **_: np.tanh(A @ r.ravel()),
        (straight("m", "n"),) * 4),
    Row("row", "column", "tanh(x'*A')", "x", lambda x, A, **_: np.tanh(A @ x),
        (turned("n", "m"),) * 4),
    Row("scalar", "matrix", "sum(sin(B.*X))", "X", lambda X, B, **_: np.sin(B * X).sum(),
        (straight("p", "q"), straight("p", "q"), turned("q", "p"), straight("p", "q"))),
    Row("matrix", "scalar", "sin(c*B)", "c", lambda c, B, **_: np.sin(c * B),
        (straight("p", "q"), turned("q", "p"), straight("p", "q"), straight("p", "q"))),
]  # fmt: skip

CELLS = [
    pytest.param(each, layout, cell, id=f"{each.value} by {each.variable}-{layout}")
    for each in TABLE
    for layout, cell in zip(LAYOUTS, each.cells, strict=True)
]


def point() -> dict[str, Array]:
    """Random arrays for all variables."""
    rng = np.random.default_rng(7)
    return {
        name: 0.7 * rng.standard_normal([SIZES.get(str(size), 1) for size in shape])
        for name, shape in SHAPES.items()
    }


def expected_tensor(each: Row, arrays: dict[str, Array]) -> Array:
    """The neutral tensor: one axis for a column or a row."""
    name = each.wrt.rstrip("'")
    found = neutral_derivative(lambda value: each.numpy(**{**arrays, name: value}), arrays[name])
    return found.reshape([extent for extent in found.shape if extent != 1])


@pytest.mark.parametrize(("each", "layout", "cell"), CELLS)
def test_cell_by_shape_and_by_value(
    each: Row, layout: str, cell: tuple[tuple[Any, ...], bool]
) -> None:
    shape, transposed = cell
    derivative = gf.derivative(each.function, each.wrt, shapes=SHAPES, layout=layout)
    assert derivative.shape == shape
    assert derivative.layout == layout
    arrays = point()
    value = derivative(**arrays)
    assert value.shape == tuple(SIZES.get(str(size), 1) for size in shape)
    tensor = expected_tensor(each, arrays)
    np.testing.assert_allclose(derivative.tensor(**arrays), tensor, rtol=1e-7, atol=1e-9)
    shown = tensor.T if transposed else tensor
    np.testing.assert_allclose(np.squeeze(value), np.squeeze(shown), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("each", "layout", "cell"), CELLS)
def test_formula_has_the_shape_and_the_value_of_the_cell(
    each: Row, layout: str, cell: tuple[tuple[Any, ...], bool]
) -> None:
    derivative = gf.derivative(each.function, each.wrt, shapes=SHAPES, layout=layout)
    formula = gf.parse(derivative.text, shapes=SHAPES)
    assert formula.shape == cell[0]
    arrays = point()
    np.testing.assert_allclose(formula(**arrays), derivative(**arrays), rtol=1e-12)


@pytest.mark.parametrize(("each", "layout", "cell"), CELLS)
def test_generated_code_stands_alone(
    each: Row, layout: str, cell: tuple[tuple[Any, ...], bool]
) -> None:
    derivative = gf.derivative(each.function, each.wrt, shapes=SHAPES, layout=layout)
    namespace: dict[str, Any] = {}
    exec(derivative.numpy_source, namespace)
    arrays = point()
    given = {name: arrays[name] for name in signature(namespace["derivative"]).parameters}
    value, found = namespace["derivative"](**given)
    np.testing.assert_array_equal(found, derivative(**arrays))
    np.testing.assert_array_equal(value, derivative.value(**arrays))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_by_a_transposed_variable_as_by_that_kind_of_variable(layout: str) -> None:
    """``x'`` is a row, ``r'`` a column, ``X'`` a q×p matrix."""
    arrays = point()
    pairs = [("sum(exp(A*x))", "x'", "sum(exp(A*r'))", "r"), ("A*x", "x'", "A*r'", "r")]
    for function, wrt, other, variable in pairs:
        by_turned = gf.derivative(function, wrt, shapes=SHAPES, layout=layout)
        by_row = gf.derivative(other, variable, shapes=SHAPES, layout=layout)
        assert by_turned.shape == by_row.shape
        same = {**arrays, "x": arrays["r"].ravel()}
        np.testing.assert_allclose(by_turned(**same), by_row(**same))
    by_matrix = gf.derivative("sum(sin(B.*X))", "X'", shapes=SHAPES, layout=layout)
    assert by_matrix.shape == (("p", "q") if layout == "numerator" else ("q", "p"))
    straight_one = gf.derivative("sum(sin(B.*X))", "X", shapes=SHAPES, layout=layout)
    np.testing.assert_allclose(by_matrix(**arrays), straight_one(**arrays).T)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("wrt", ["x", "r"])
def test_hessians_are_square_in_every_layout(layout: str, wrt: str) -> None:
    function = {"x": "sum(exp(A*x))", "r": "sum(exp(A*r'))"}[wrt]
    derivative = gf.derivative(function, wrt, shapes=SHAPES, layout=layout, order=2)
    assert derivative.shape == ("n", "n")
    arrays = point()
    A, at = arrays["A"], arrays[wrt].ravel()
    expected = A.T @ np.diag(np.exp(A @ at)) @ A
    np.testing.assert_allclose(derivative(**arrays), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("function", "wrt", "tensor", "formula"),
    [
        ("P*X", "X", ("m", "q", "p", "q"), ("m*q", "p*q")),
        ("X*Q", "X", ("p", "m", "p", "q"), ("m*p", "p*q")),
        ("X*Q*a", "X", ("p", "p", "q"), ("p", "p*q")),
        ("a*x'*A'", "x", ("m", "m", "n"), ("m^2", "n")),
    ],
)
def test_beyond_two_axes_the_value_is_neutral_and_the_formula_stacks_columns(
    layout: str, function: str, wrt: str, tensor: tuple[str, ...], formula: tuple[str, str]
) -> None:
    """∂vec(y)/∂vec(x) by the column-by-column rule: transposed in ml and denominator."""
    derivative = gf.derivative(function, wrt, shapes=SHAPES, layout=layout)
    assert derivative.shape == tensor
    arrays = point()
    value = derivative(**arrays)
    np.testing.assert_array_equal(value, derivative.tensor(**arrays))
    trailing = len(SHAPES[wrt])
    lead = value.ndim - trailing
    outer = value.transpose([*reversed(range(lead)), *reversed(range(lead, value.ndim))]).reshape(
        np.prod(value.shape[:lead]), -1
    )
    stacked = outer.T if layout in ("ml", "denominator") else outer
    np.testing.assert_allclose(gf.parse(derivative.text, shapes=SHAPES)(**arrays), stacked)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_conversion_between_layouts(layout: str, other: str) -> None:
    for each in TABLE:
        derivative = gf.derivative(each.function, each.wrt, shapes=SHAPES, layout=layout)
        converted = gf.to_layout(derivative, other)
        assert converted == gf.derivative(each.function, each.wrt, shapes=SHAPES, layout=other)
        assert converted.certificate


def test_gradient_and_jacobian_do_not_depend_on_the_default_layout() -> None:
    for layout in LAYOUTS:
        with gf.settings(layout=layout):
            assert gf.gradient("sum(exp(A*x))", "x").shape == ("n",)
            assert gf.gradient("sum(exp(X))", "X").shape == ("m", "n")
            assert gf.jacobian("A*x", "x").shape == ("m", "n")
            assert gf.hessian("sum(exp(A*x))", "x").shape == ("n", "n")


def test_chain_rule_factors_stand_in_the_order_of_the_layout() -> None:
    """∂z/∂x = (∂y/∂x)(∂z/∂y) in ml and denominator, reversed in numerator."""
    function = "y = A*x; sum(exp(y))"
    assert gf.derivative(function, "x").text == "A'*exp(A*x)"
    assert gf.derivative(function, "x", layout="denominator").text == "A'*exp(A*x)"
    assert gf.derivative(function, "x", layout="numerator").text == "exp(A*x)'*A"


def test_unknown_layout_is_an_input_error() -> None:
    with pytest.raises(gf.InputError) as caught:
        gf.derivative("x'*x", "x", layout="rows")
    assert caught.value.kind == "layout"
    with pytest.raises(gf.InputError):
        gf.settings.layout = "rows"
