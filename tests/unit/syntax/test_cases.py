"""Functions by cases: their conditions, from the text to the answer."""

from __future__ import annotations

import numpy as np
import pytest

import gradform as gf
from gradform.errors import GradformError
from gradform.formula.tree import Call, Compare
from gradform.notation.latex import to_latex
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode
from gradform.syntax.parser import parse_formula


def comparison(source: str) -> Compare:
    body = parse_formula(source).body
    assert isinstance(body, Call)
    assert isinstance(body.args[0], Compare)
    return body.args[0]


@pytest.mark.parametrize(
    ("typed", "operator"),
    [("<", "<"), ("<=", "<="), ("≤", "<="), ("==", "=="), ("!=", "!="), ("≠", "!="), (">", ">")],
)
def test_operators(typed: str, operator: str) -> None:
    found = comparison(f"piecewise(x {typed} 1, x, 0)")
    assert found.operator == operator
    assert (found.span.start, found.op_span.start) == (10, 12)
    assert found.op_span.end == 12 + len(typed)


@pytest.mark.parametrize(
    ("text", "unicode", "latex"),
    [
        (
            "piecewise(x < 0, -x, x)",
            "piecewise(x < 0, -x, x)",
            r"\begin{cases} -x & \text{if } x < 0 \\ x & \text{otherwise} \end{cases}",
        ),
        (
            "piecewise(x + 1 != 2*y, x, x >= y, y, 0)",
            "piecewise(x + 1 ≠ 2·y, x, x ≥ y, y, 0)",
            r"\begin{cases} x & \text{if } x + 1 \ne 2y \\ y & \text{if } x \ge y \\ "
            r"0 & \text{otherwise} \end{cases}",
        ),
        (
            "piecewise(x == y, [x], [y])",
            "piecewise(x = y, [x], [y])",
            r"\begin{cases} \begin{bmatrix} x \end{bmatrix} & \text{if } x = y \\ "
            r"\begin{bmatrix} y \end{bmatrix} & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_printed(text: str, unicode: str, latex: str) -> None:
    program = parse_formula(text)
    assert to_text(program) == text
    assert to_unicode(program) == unicode
    assert to_latex(program, shapes={"x": (), "y": ()}) == latex


@pytest.mark.parametrize(
    ("source", "kind", "column", "words"),
    [
        ("sin(x < 0)", "bad_char", 7, "only meant inside piecewise"),
        ("piecewise(x, 1, 2)", "syntax", 11, "is a comparison"),
        ("piecewise(x < 0, x > 1, 2)", "bad_char", 20, "only meant inside piecewise"),
        ("piecewise(x < 0, 1)", "arity", 1, "3, 5, 7, …"),
        ("piecewise(x < 0, 1, x < 1, 2)", "arity", 1, "3, 5, 7, …"),
        ("piecewise(v < w, 1, 2)", "dimension_mismatch", 13, "equal shapes or a scalar"),
        ("piecewise(x < 0, v, w)", "dimension_mismatch", 1, "shapes must agree"),
    ],
)
def test_refused(source: str, kind: str, column: int, words: str) -> None:
    with pytest.raises(GradformError) as caught:
        gf.parse(source, shapes={"x": (), "v": ("n",), "w": ("k",)})
    error = caught.value
    assert (error.kind, error.column) == (kind, column)
    assert words in error.message


@pytest.mark.parametrize(
    ("source", "derivative", "conditions"),
    [
        ("piecewise(x <= 0, 0, x <= 1, x^2/2, x - 1/2)", "piecewise(x <= 0, 0, x <= 1, x, 1)",
         ("x != 0", "x != 1")),
        ("piecewise(x < 0, -2*x, x < 1, x, x^2)", "piecewise(x < 0, -2, x < 1, 1, 2*x)",
         ("x != 0", "x != 1")),
        ("piecewise(1 > x, x^2, x)^2", "piecewise(x < 1, 4*x^3, 2*x)", ("1 != x",)),
        ("piecewise(x != 0, exp(x), 1)", "piecewise(x == 0, 0, exp(x))", ("x != 0",)),
        ("piecewise(3 < 2, x, x^2)", "2*x", ()),
        ("piecewise(x < 1, x, x)", "1", ("x != 1",)),
    ],
)  # fmt: skip
def test_derivative_is_by_cases(source: str, derivative: str, conditions: tuple[str, ...]) -> None:
    found = gf.derivative(source, "x", shapes={"x": ()})
    assert found.text == derivative
    assert found.conditions == conditions


@pytest.mark.parametrize(
    ("source", "at", "value"),
    [
        ("piecewise(x == 0, 0, x^2*sin(1/x))", 0.0, 0.0),
        ("piecewise(x > 0, x*log(x), 0)", 0.0, 0.0),
        ("piecewise(x <= 1, x, log(-x))", 0.5, 1.0),
    ],
)
def test_a_value_that_is_not_taken_may_be_undefined(source: str, at: float, value: float) -> None:
    with np.errstate(all="raise"):
        assert gf.derivative(source, "x", shapes={"x": ()})(x=at) == value


def test_entry_by_entry_with_a_scalar_on_either_side() -> None:
    found = gf.parse("piecewise(x < 1, x, 1 < X*x, 2, a*x)", shapes={
        "x": ("n",), "X": ("n", "n"), "a": (),
    })  # fmt: skip
    x, matrix = np.array([0.5, 3.0, 2.0]), np.diag([1.0, 1.0, -1.0])
    np.testing.assert_allclose(found(x=x, X=matrix, a=10.0), [0.5, 2.0, 20.0])


def test_conditions_from_python() -> None:
    x = gf.scalar("x")
    assert str(gf.piecewise(x < 0, -x, x >= 1, x**2, x)) == "piecewise(x < 0, -x, x >= 1, x^2, x)"
    with pytest.raises(GradformError):
        (x < 0).derivative("x")


def test_sizes_that_no_variable_tells_are_parameters_too() -> None:
    found = gf.derivative("piecewise(c < 1, c, c^2)*ones(n)", "c", shapes={"c": ()}, infer=True)
    np.testing.assert_allclose(found(c=3.0, n=2), [6.0, 6.0])
