"""Declarations: names, sizes and structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gradform.errors import GradformError, StructureError
from gradform.syntax.declare import STRUCTURES
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula


def declare(**declared: Any) -> Elaborated:
    return elaborate(parse_formula("1"), declared=declared)


def refused(declared: dict[str, Any], **options: Any) -> GradformError:
    with pytest.raises(GradformError) as caught:
        elaborate(parse_formula("1"), declared=declared, **options)
    return caught.value


@pytest.mark.parametrize(
    ("sizes", "rows", "columns"),
    [
        ((), "1", "1"),
        (("n",), "n", "1"),
        ("n", "n", "1"),
        ("rows", "rows", "1"),
        ((1, "n"), "1", "n"),
        (("n", 1), "n", "1"),
        ((1,), "1", "1"),
        ((1, 1), "1", "1"),
        (["m", "n"], "m", "n"),
        ((3, 2), "3", "2"),
        (("n-1", "m+p"), "n-1", "m+p"),
        (("2*n", "m*(n+1)"), "2*n", "m+m*n"),
        (("-1+n", "n_1"), "n-1", "n_1"),
        (("sum", "x"), "sum", "x"),
    ],
)
def test_shapes(sizes: Sequence[str | int], rows: str, columns: str) -> None:
    shape = declare(x=sizes).variables["x"].shape
    assert (str(shape.rows), str(shape.cols)) == (rows, columns)


@pytest.mark.parametrize(
    "name", ["x", "W_2", "x1", "\N{GREEK SMALL LETTER ALPHA}", "Σ_1", "_x", "loss", "x₁", "lambda"]
)
def test_names(name: str) -> None:
    assert list(declare(**{name: ()}).variables) == [name]


@pytest.mark.parametrize(
    "name",
    ["", "2x", "x y", "x'", "a+b", "x.T", "π", "x" * 1000, "\N{CYRILLIC SMALL LETTER HA}", "A "],
)
def test_what_is_no_name(name: str) -> None:
    assert refused({name: ()}).kind == "syntax"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("sin", "a function"),
        ("trace", "a function"),
        ("pi", "a constant"),
        ("eye", "a constant"),
        ("vector", "a function"),
    ],
)
def test_names_that_are_taken(name: str, word: str) -> None:
    error = refused({name: ()})
    assert error.kind == "reserved_name"
    assert word in error.message


@pytest.mark.parametrize("size", ["n+", "n*", "", "n/2", "2.5", "f(n)", "n;m", "n=2", "n^2", "m n"])
def test_what_is_no_size(size: str) -> None:
    error = refused({"x": (size,)})
    assert error.kind == "syntax"
    assert repr(size) in error.message
    assert error.hint is not None


@pytest.mark.parametrize("size", [0, -1, "n-n", "-n", "0", "-2*m-1"])
def test_sizes_are_positive(size: str | int) -> None:
    assert "positive" in refused({"x": (size,)}).message


def test_three_axes_are_too_many() -> None:
    assert "3 sizes" in refused({"x": ("n", "n", "n")}).message


def test_all_structures_are_accepted() -> None:
    for word in STRUCTURES:
        sizes = ("n",) if word in ("onehot", "simplex") else ("n", "n")
        answer = elaborate(parse_formula("1"), declared={"x": sizes}, assume={"x": word})
        assert answer.variables["x"].structure == {word}


@pytest.mark.parametrize(
    ("word", "meant"),
    [("symmetrc", "symmetric"), ("diag", "diagonal"), ("Positive", "positive"), ("psd", "spd")],
)
def test_unknown_structures(word: str, meant: str) -> None:
    error = refused({"A": ("n", "n")}, assume={"A": word})
    assert isinstance(error, StructureError)
    assert f"Did you mean {meant}?" in error.message
    assert "toeplitz" in str(error.hint)


@pytest.mark.parametrize(
    ("sizes", "word"),
    [
        (("m", "n"), "symmetric"),
        (("n",), "spd"),
        ((), "diagonal"),
        ((1, "n"), "toeplitz"),
        (("n", "m"), "orthogonal"),
        (("n", "n"), "simplex"),
        ((), "onehot"),
    ],
)
def test_structures_that_do_not_fit(sizes: Sequence[str], word: str) -> None:
    error = refused({"x": sizes}, assume={"x": ["positive", word]})
    assert isinstance(error, StructureError)
    assert word in error.message


def test_structures_need_a_variable() -> None:
    error = refused({"x": ("n",)}, assume={"y": "positive"})
    assert error.kind == "undefined_variable"
    assert "y" in error.message
