"""What is no formula, where it goes wrong and what the reader is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradform.errors import (
    FormulaSyntaxError,
    GradformError,
    LimitError,
    Span,
    UnknownNameError,
)
from gradform.formula.tree import Name, Neg, Power, fold
from gradform.syntax.limits import Limits
from gradform.syntax.parser import parse_formula

_ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "errors.json").read_text(encoding="utf-8")
)
_SYNTACTIC = {"empty", "unexpected_end", "unbalanced", "syntax", "bad_char", "too_deep"}
# Axis, index and scalar-used-as-function errors need the shapes of the variables.
_NEEDS_SHAPES = {"er-ari-5", "er-idx-5", "er-mis-8"}


def _is_syntactic(row: dict[str, Any]) -> bool:
    if row["id"] in _NEEDS_SHAPES or "normalise" in row.get("acceptable", ()):
        return False
    return row["kind"] in _SYNTACTIC or row["id"] == "st-8"


def _text(row: dict[str, Any]) -> str:
    if "expr_python" in row:
        return str(eval(row["expr_python"], {"__builtins__": {}}))
    return str(row["expr"])


def error_of(source: str) -> GradformError:
    with pytest.raises(GradformError) as caught:
        parse_formula(source)
    return caught.value


@pytest.mark.parametrize("row", [r for r in _ROWS if _is_syntactic(r)], ids=lambda r: r["id"])
def test_recorded_syntax_errors(row: dict[str, Any]) -> None:
    error = error_of(_text(row))
    assert error.kind in {row["kind"], *row.get("kind_alternatives", ())}
    if row["column"] is not None:
        assert error.column in {row["column"], *row.get("column_alternatives", ())}
    for word in row["should_mention"]:
        assert word in f"{error.message} {error.hint}"


# Read as what was plainly meant; the others of these rows are rejected.
_NORMALISED = {
    "er-op-6", "er-var-4", "er-chr-1", "er-chr-2", "er-chr-3", "er-chr-5", "er-chr-17",
}  # fmt: skip


@pytest.mark.parametrize(
    "row", [row for row in _ROWS if "normalise" in row.get("acceptable", ())], ids=lambda r: r["id"]
)
def test_recorded_inputs_that_may_be_normalised(row: dict[str, Any]) -> None:
    if row["id"] in _NORMALISED:
        parse_formula(_text(row))
        return
    error = error_of(_text(row))
    assert (error.kind, error.column) == (row["kind"], row["column"])
    for word in row["should_mention"]:
        assert word in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in _ROWS
        if not _is_syntactic(row)
        and "normalise" not in row.get("acceptable", ())
        and row["id"] != "nt-2"
    ],
    ids=lambda row: row["id"],
)
def test_recorded_errors_of_meaning_are_good_syntax(row: dict[str, Any]) -> None:
    parse_formula(_text(row))


@pytest.mark.parametrize(
    ("source", "kind", "column"),
    [
        ("", "empty", 1),
        ("\n \n", "empty", 1),
        ("-", "unexpected_end", 2),
        ("A*(x+", "unexpected_end", 6),
        ("sin(", "unexpected_end", 5),
        ("x + \n", "unexpected_end", 5),
        ("u = ", "unexpected_end", 5),
        ("u = A*x", "unexpected_end", 8),
        ("u = A*x;", "unexpected_end", 9),
        ("u = A*\nv = 2; v", "unexpected_end", 7),
        ("u =\nv = 2; v", "unexpected_end", 4),
        ("sum(exp(x", "unbalanced", 8),
        ("(x]", "unbalanced", 3),
        ("[x)", "unbalanced", 3),
        ("(]", "unbalanced", 2),
        ("[x", "unbalanced", 1),
        ("A(:", "unbalanced", 2),
        ("u = tanh(A*x; u", "unbalanced", 9),
        ("u = tanh(A*x\nv = u; v", "unbalanced", 9),
        ("[]", "syntax", 2),
        ("(A*)", "syntax", 4),
        ("A*)", "unbalanced", 3),
        ("sin(x,)", "syntax", 7),
        ("sin(x,,y)", "syntax", 7),
        ("sin(;x)", "syntax", 5),
        ("[a;]", "syntax", 4),
        ("[,a]", "syntax", 2),
        ("(x,y)", "syntax", 3),
        ("x,y", "syntax", 2),
        ("x;y", "syntax", 2),
        ("x\nu = 2", "syntax", 2),
        ("; x", "syntax", 1),
        ("u = A*; u", "syntax", 7),
        ("u = 2; = 3", "syntax", 8),
        ("f(x) = x", "syntax", 6),
        ("x'*x = 3", "syntax", 6),
        ("(u = 3)", "syntax", 4),
        ("x == y", "bad_char", 3),
        ("x <= y", "bad_char", 3),
        ("< 3", "bad_char", 1),
        ("(x ≠ y)", "bad_char", 4),
        ("[x > y]", "bad_char", 4),
        ("x(2:n < 3)", "bad_char", 7),
        ("x === y", "bad_char", 3),
        ("x ≈ y", "bad_char", 3),
        ("piecewise(x < 0 < y, 1, 2)", "syntax", 17),
        ("piecewise(< 0, 1, 2)", "syntax", 11),
        ("piecewise(x <, 1, 2)", "syntax", 14),
        ("piecewise(x < 0:2, 1, 2)", "syntax", 16),
        ("piecewise(x <", "unexpected_end", 14),
        ("piecewise((x < 0), 1, 2)", "bad_char", 14),
        ("x 2", "syntax", 3),
        ("1.5.2", "syntax", 4),
        ("x'(2)", "syntax", 3),
        ("[a b]", "syntax", 4),
        ("a + '", "syntax", 5),
        ("²", "syntax", 1),
        ("x^²", "syntax", 3),
        ("x:y", "syntax", 2),
        (":", "syntax", 1),
        ("(1:2)", "syntax", 3),
        ("(:)", "syntax", 2),
        ("[:]", "syntax", 2),
        ("x(2:)", "syntax", 5),
        ("x(:3)", "syntax", 4),
        ("x(1:2:3)", "syntax", 6),
        ("x(1+:)", "syntax", 5),
        ("x((1:2))", "syntax", 5),
        ("x(:+1)", "syntax", 4),
        ("2.+x", "bad_char", 2),
        ("x.'", "bad_char", 2),
        ("x.y", "bad_char", 2),
        ("A\\b", "bad_char", 2),
        ("|x|", "bad_char", 1),
        ("{x}", "bad_char", 1),
        ("∂f/∂x", "bad_char", 1),
        # the leftmost error is the one that is shown
        (")x $", "unbalanced", 1),
        ("x $ )", "bad_char", 3),
    ],
)
def test_kind_and_column(source: str, kind: str, column: int) -> None:
    error = error_of(source)
    assert isinstance(error, FormulaSyntaxError)
    assert (error.kind, error.column) == (kind, column)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("x**2", "^"),
        ("sin x", "sin(x)"),
        ("[a b]", "Separate blocks"),
        ("x\ny", "A new line"),
        ("d/dx x'*x", "choose the variable separately"),
        ("d^2/dx^2 x'*x", "choose the variable separately"),
        ("x'*x w.r.t. x", "choose the variable separately"),
        ("∇x'*x", "choose the variable separately"),
        ("(1,5)*x", "1.5"),
        ("x!", "lgamma"),
        ("x % 2", "'%'"),
        ("$x$", "LaTeX"),
        ("A\\b", "solve"),
        ("A⁺", "pinv"),
        ("|x|", "abs"),
        ("∑x", "sum("),
        ("2.*(3.)", "2.0"),
        ("2.+x", "write +"),
        ("u = A*x", "right-hand side"),
        ("u = tanh(A*x; u", "before the ';' at column 13"),
    ],
)
def test_message_or_hint_says(source: str, word: str) -> None:
    error = error_of(source)
    assert word in f"{error.message} {error.hint}"


def test_line_and_column_in_a_text_of_several_lines() -> None:
    error = error_of("u = A*x;\nu'*(u")
    assert (error.line, error.column) == (2, 4)
    assert "line 2, column 4" in error.message
    assert error.underlined() == "u'*(u\n   ^"


def test_long_operands_are_shortened_in_messages() -> None:
    error = error_of("sum(" + "x'*" * 1000 + "x) y")
    assert len(error.message) < 120


# Limits


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_long_runs_of_signs(count: int) -> None:
    assert isinstance(parse_formula("-" * count + "x").body, Name if count % 2 == 0 else Neg)


def test_long_runs_of_transposes() -> None:
    assert isinstance(parse_formula("x" + "'" * 1000).body, Name)


def test_long_chains_of_powers_are_deep_trees_and_no_problem() -> None:
    body = parse_formula("x" + "^2" * 20_000).body
    assert fold(body, lambda node, depths: max(depths, default=0) + isinstance(node, Power)) == (
        20_000
    )


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("f(", ")"), ("[", "]"), ("-(", ")")])
def test_nesting_is_limited(opening: str, closing: str) -> None:
    limits = Limits(nesting=50)
    parse_formula(opening * 50 + "x" + closing * 50, limits)
    with pytest.raises(LimitError) as caught:
        parse_formula(opening * 51 + "x" + closing * 51, limits)
    assert caught.value.kind == "too_deep"
    assert caught.value.span == Span(51 * len(opening) - 1, 51 * len(opening))


@pytest.mark.parametrize("source", ["x" + " " * 200_000, "+x" * 50_001])
def test_length_is_limited(source: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_formula(source)
    assert caught.value.kind == "too_long"


def test_longest_name() -> None:
    parse_formula("q" * 200)
    for source in ("x + " + "q" * 201, "x + " + "q" * 201 + "(x)"):
        with pytest.raises(UnknownNameError) as caught:
            parse_formula(source)
        assert (caught.value.kind, caught.value.column) == ("undefined_variable", 5)
        assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    ("literal", "why"),
    [
        ("1e400", "too large"),
        ("1e999999999", "too large"),
        ("9" * 5000, "too large"),
        ("1e-400", "too small"),
        ("1e-999999999", "too small"),
        ("0." + "1" * 5000, "too long"),
    ],
)
def test_numbers_outside_the_range_of_floats(literal: str, why: str) -> None:
    error = error_of(f"x*{literal}")
    assert (error.kind, error.column) == ("syntax", 3)
    assert why in error.message
