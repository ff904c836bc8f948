"""What an error suggests instead: carried out, it leads to a formula, or at least further on."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest

import gradform as gf
from tests.golden.rows import ErrorRow, error_rows

ROWS = tuple(error_rows())
EXAMPLES = {
    "sine(x)": "sin(x)",
    "x'*A*x + norm(x)": "x'*A*x + norm2(x)",
    "xA": "x*A",
    "2x": "2*x",
    "x'*A x": "x'*A*x",
    "x*x": "x'*x",
    "(x + y)*x*y": "(x + y)'*x*y",
    "sum(exp(A*x": "sum(exp(A*x))",
    "[x; sum(y": "[x; sum(y)]",
    "A*(x+y))": "A*(x+y)",
    "x**2": "x^2",
    "a*x + c": "a*x+vector(c)",
    " 1 - x ": " vector(1)-x ",
    "1/x": "1./x",
    "A/S": "A*inv(S)",
    "a(x+y)": "a*(x+y)",
    "х'*A*x": "x'*A*x",
    "A÷a": "A/a",
    "u = A x; u'*u": "u = A*x; u'*u",
    "ln(a)": "log(a)",
    "determinant(A)": "det(A)",
    "x^2": "x.^2",
}
Shapes = Mapping[str, str | tuple[str | int, ...]]
SHAPES: Shapes = {"x": "n", "y": "n", "A": ("n", "n"), "S": ("n", "n"), "a": (), "c": ()}


def _error(source: str, shapes: Shapes = SHAPES) -> gf.GradformError | None:
    try:
        gf.parse(source, shapes=shapes)
    except gf.GradformError as error:
        return error
    return None


@pytest.mark.parametrize(("wrong", "meant"), EXAMPLES.items())
def test_the_first_fix_is_what_was_meant(wrong: str, meant: str) -> None:
    error = _error(wrong)
    assert error is not None
    assert error.fixes[0].applied(wrong) == meant


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_fixes_do_not_leave_the_same_error_in_the_same_place(row: ErrorRow) -> None:
    source, shapes = row.source, row.shapes
    error = _error(source, shapes)
    for fix in () if error is None else error.fixes:
        changed = fix.applied(source)
        assert changed != source
        again = _error(changed, shapes)
        if again is not None:
            assert error is not None
            assert (again.kind, again.column, str(again.message)) != (
                error.kind,
                error.column,
                str(error.message),
            )


def test_fixes_survive_pickling() -> None:
    error = _error("sine(x)")
    assert error is not None
    assert pickle.loads(pickle.dumps(error)).fixes == error.fixes
