"""Formulas are read once for several questions, and never taken for one another."""

from __future__ import annotations

from typing import Any

import pytest

import gradform as gf
from gradform.derive.reading import read
from gradform.errors import GradformError
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula


def test_one_formula_is_read_once() -> None:
    shapes = {"A": ("n", "n"), "x": ("n",)}
    found = read("x'*A*x", shapes)
    assert read("x'*A*x", {"A": ["n", "n"], "x": ["n"]}) is found
    assert read("x'*A*x", shapes, plain={"x"}) is found  # no structure to be left out


@pytest.mark.parametrize(
    ("shapes", "assume", "infer", "plain"),
    [
        (None, None, None, ()),
        ({"A": ("n", "n"), "x": ("n", 1)}, None, None, ()),
        ({"A": (2, 2), "x": (2,)}, None, None, ()),
        ({"A": ("n", "n"), "x": ("n",)}, {"A": "symmetric"}, None, ()),
        ({"A": ("n", "n"), "x": ("n",)}, {"A": "symmetric"}, None, ("A",)),
        ({"A": ("n", "n"), "x": ("n",)}, None, True, ()),
        ({"x": ("n",), "A": ("n", "n")}, None, None, ()),
    ],
)
def test_other_declarations_are_read_anew(
    shapes: Any, assume: Any, infer: bool | None, plain: tuple[str, ...]
) -> None:
    kept = read("x'*A*x", {"A": ("n", "n"), "x": ("n",)})
    found = read("x'*A*x", shapes, assume, infer, plain)
    fresh = elaborate(
        parse_formula("x'*A*x"), declared=shapes, assume=assume, infer=infer, plain=plain
    )
    assert found is not kept
    assert found.value == fresh.value
    assert list(found.variables.items()) == list(fresh.variables.items())


def test_trees_are_read_as_they_are() -> None:
    program = parse_formula("x'*x")
    first, second = (read(program, {"x": ("n",)}) for _ in range(2))
    assert first.program is second.program is program
    assert first is not second


def test_what_is_equal_to_a_size_is_none() -> None:
    given: Any = {"x": (2.0,)}
    read("x'*x", {"x": (2,)})
    with pytest.raises((GradformError, TypeError, AttributeError)):
        read("x'*x", given)


def test_errors_are_raised_each_time() -> None:
    for _ in range(2):
        with pytest.raises(GradformError, match="operand is missing"):
            read("x +", {"x": ("n",)})


def test_derivatives_do_not_depend_on_earlier_questions() -> None:
    shapes, structure = {"A": ("n", "n"), "x": ("n",)}, {"A": "symmetric"}
    first = [gf.derivative("x'*A*x", wrt, shapes=shapes, check=False).text for wrt in ("x", "A")]
    other = [
        gf.derivative("x'*A*x", wrt, shapes=shapes, assume=structure, check=False).text
        for wrt in ("x", "A")
    ]
    again = [gf.derivative("x'*A*x", wrt, shapes=shapes, check=False).text for wrt in ("x", "A")]
    assert first == again
    assert other[0] == "2*A*x"
    assert first[0] != other[0]
