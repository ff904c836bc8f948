"""What is refused, where, and what the reader is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gradform.errors import GradformError
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula

_ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "errors.json").read_text(encoding="utf-8")
)
_MEANING = {
    "undefined_variable",
    "unknown_function",
    "dimension_mismatch",
    "scalar_matrix_add",
    "not_square",
    "ambiguous",
    "non_integer_power",
    "arity",
    "index_out_of_range",
}
_ALSO = {"er-ari-5", "er-idx-5", "er-mis-8", "nt-4", "st-6"}
_REFUSED_BY_PARSER = {"nt-2", "st-8"}


def _text(row: dict[str, Any]) -> str:
    if "expr_python" in row:
        return str(eval(row["expr_python"], {"__builtins__": {}}))
    return str(row["expr"])


def _elaborate_row(row: dict[str, Any]) -> Any:
    declared = {name: facts["shape"] for name, facts in row["vars"].items()}
    assume = {
        name: facts["structure"] for name, facts in row["vars"].items() if "structure" in facts
    }
    return elaborate(parse_formula(_text(row)), declared=declared, assume=assume)


def _is_refused(row: dict[str, Any]) -> bool:
    return (row["kind"] in _MEANING or row["id"] in _ALSO) and row["id"] not in _REFUSED_BY_PARSER


@pytest.mark.parametrize("row", [r for r in _ROWS if _is_refused(r)], ids=lambda r: r["id"])
def test_recorded_errors(row: dict[str, Any]) -> None:
    with pytest.raises(GradformError) as caught:
        _elaborate_row(row)
    error = caught.value
    kinds = {row["kind"], *row.get("kind_alternatives", ()), *row.get("acceptable", ())}
    assert error.kind in kinds
    if row["column"] is not None:
        assert error.column in {row["column"], *row.get("column_alternatives", ())}
    for word in row["should_mention"]:
        assert word in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    "row",
    [r for r in _ROWS if r["kind"] == "ok" and r["id"] not in _ALSO | _REFUSED_BY_PARSER],
    ids=lambda r: r["id"],
)
def test_recorded_formulas_are_accepted(row: dict[str, Any]) -> None:
    assert _elaborate_row(row).value.node is not None


def test_enough_rows_are_looked_at() -> None:
    assert sum(map(_is_refused, _ROWS)) >= 44


_DECLARED: Mapping[str, Sequence[str | int]] = {
    "a": (),
    "b": (),
    "x": ("n",),
    "z": ("k",),
    "r": (1, "n"),
    "v": (2,),
    "q": ("2*n-1",),
    "A": ("n", "n"),
    "X": ("m", "n"),
}


def refused(text: str, **options: Any) -> GradformError:
    with pytest.raises(GradformError) as caught:
        elaborate(parse_formula(text), **{"declared": _DECLARED, **options})
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "column", "words"),
    [
        # sums
        ("x + z", "dimension_mismatch", 3, "column vector (n) and a column vector (k)"),
        ("A + x", "dimension_mismatch", 3, "an n x n matrix and a column vector"),
        ("X - X'", "dimension_mismatch", 3, "an n x m matrix from an m x n matrix"),
        ("A + a", "scalar_matrix_add", 3, "matrix(a)"),
        ("r + 1", "scalar_matrix_add", 3, "vector(1)'"),
        ("x + x + a", "scalar_matrix_add", 7, "vector(a)"),
        ("a + b - x", "scalar_matrix_add", 7, "vector(a + b)"),
        # products
        ("A*x*x", "dimension_mismatch", 4, "(A*x)'*x"),
        ("r*r", "dimension_mismatch", 2, "r*r'"),
        ("x*A", "dimension_mismatch", 2, "x'*A"),
        ("X*r", "dimension_mismatch", 2, "X*r'"),
        ("A*z", "dimension_mismatch", 2, "n and k differ"),
        ("x.*z", "dimension_mismatch", 2, ".* needs equal shapes"),
        ("x./r", "dimension_mismatch", 2, "./ needs equal shapes"),
        ("x.^z", "dimension_mismatch", 2, ".^ needs equal shapes"),
        ("x*3/z", "ambiguous", 4, "(x*3)./z"),
        ("2*A/X", "ambiguous", 4, "inv(X)"),
        # powers
        ("x^2", "ambiguous", 2, "x.^2"),
        ("x^2", "ambiguous", 2, "x'*x"),
        ("x^x", "ambiguous", 2, "x.^x"),
        ("A^x", "ambiguous", 2, "A.^x"),
        ("A^A", "ambiguous", 2, "A.^A"),
        ("A^0.5", "non_integer_power", 2, "A.^(0.5)"),
        ("A^n", "non_integer_power", 2, "integer powers"),
        ("A^a", "non_integer_power", 2, "integer powers"),
        ("A^65", "too_long", 2, "64"),
        ("A^-65", "too_long", 2, "64"),
        # blocks
        ("[x, z]", "dimension_mismatch", 5, "number of rows"),
        ("[A; X']", "dimension_mismatch", 5, "number of columns"),
        # entries
        ("x(0)", "index_out_of_range", 3, "begin at 1"),
        ("x(n+1)", "index_out_of_range", 3, "length n"),
        ("q(2*n)", "index_out_of_range", 3, "2*n-1"),
        ("x(3:2)", "index_out_of_range", 3, "empty"),
        ("x(n:n-1)", "index_out_of_range", 3, "empty"),
        ("X(1,n+1)", "index_out_of_range", 5, "length n"),
        ("X(1:m+2,1)", "index_out_of_range", 3, "length m"),
        ("u = A*x; u(n+1)", "index_out_of_range", 12, "u has length n"),
        ("x(1,1)", "arity", 1, "one index"),
        ("x()", "arity", 1, "one index"),
        ("A(1,1,1)", "arity", 1, "two indices"),
        ("x(1.5)", "syntax", 3, "integer"),
        ("A(1,x)", "syntax", 5, "integer"),
        ("x(k*a)", "syntax", 3, "integer"),
        ("u = a; u(2)", "syntax", 8, "u*(2)"),
        ("n(2)", "syntax", 1, "n*(2)"),
        ("pi(2)", "syntax", 1, "pi*(2)"),
        # functions
        ("foo(x)", "unknown_function", 1, "foo"),
        ("xx(1)", "unknown_function", 1, "xx"),
        ("2*sum", "arity", 3, "sum(...)"),
        ("sum(X,1,2)", "arity", 1, "1 or 2 arguments, got 3"),
        ("sum(X,a)", "syntax", 7, "1 or 2"),
        ("sum(1:n)", "syntax", 5, "index"),
        ("a + det(X)", "not_square", 5, "X is an m x n matrix"),
        ("det(x)", "not_square", 1, "square"),
        ("x + vector(x)", "dimension_mismatch", 5, "scalar"),
        ("A + matrix(A)", "dimension_mismatch", 5, "scalar"),
        ("2*vector(1)", "ambiguous", 3, "ones(n)"),
        ("x + eye", "dimension_mismatch", 3, "matrix"),
        ("det(eye)", "ambiguous", 5, "eye(n)"),
        ("sum(matrix(1))", "ambiguous", 5, "ones(m,n)"),
        ("ones(1+p)", "undefined_variable", 8, "'p'"),
        ("ones(x)", "undefined_variable", 6, "a variable"),
        ("ones(0)", "dimension_mismatch", 6, "positive"),
        ("ones(n-n)", "dimension_mismatch", 6, "positive"),
        ("ones(1.5)", "syntax", 6, "integer"),
        ("eig(A)", "structure", 1, "symmetric"),
        ("lambda_max(a*A)", "structure", 1, "a*A"),
        # names
        ("w", "undefined_variable", 1, "'w'"),
        ("Xx", "undefined_variable", 1, "X*x"),
        ("u = w; w = x; u", "undefined_variable", 5, "'w'"),
        ("x = a; x", "redefined", 1, "variable"),
        ("n = a; n", "redefined", 1, "dimension"),
        ("sin = a; a", "redefined", 1, "function"),
        ("pi = a; a", "redefined", 1, "constant"),
        ("eye = a; a", "redefined", 1, "function"),
        ("u = a; u = b; u", "redefined", 8, "definition"),
        # numbers
        ("a/0", "division_by_zero", 2, "zero"),
        ("x./(a-a)", "division_by_zero", 2, "zero"),
        ("0^-1", "division_by_zero", 2, "zero"),
    ],
)
def test_errors(text: str, kind: str, column: int, words: str) -> None:
    error = refused(text)
    assert (error.kind, error.column) == (kind, column)
    assert words in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("ln(a)", "log"),
        ("transpose(A)", "A'"),
        ("determinant(A)", "det"),
        ("inverse(A)", "inv"),
        ("norm(x)", "norm2"),
        ("sine(a)", "sin"),
        ("tanhh(a)", "tanh"),
        ("Exp(a)", "exp"),
    ],
)
def test_unknown_functions_are_explained(text: str, instead: str) -> None:
    error = refused(text)
    assert error.kind == "unknown_function"
    assert instead in error.message.removeprefix(f"Unknown function '{text[:-3]}'")


def test_errors_know_their_text() -> None:
    error = refused("u = a;\nx + u")
    assert (error.line, error.column) == (2, 3)
    assert error.underlined() == "x + u\n  ^"


def test_unknown_sizes_have_readable_names() -> None:
    error = refused("A*x + x'", declared=None)
    assert error.message == "Cannot add a column vector (m) and a row vector (1 x n)."
    error = refused("det([x, A])", declared=None, assume={"A": "symmetric"})
    assert "?" not in error.message
