"""The textbook list: what is printed, letter by letter, and that it is true.

Each row of ``formulas.json`` is an expression, what it is differentiated by, and the text
that a book prints. The text is read back and evaluated by the second interpreter, and
compared with differences of the function in the layout that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradform.derive.pipeline import Question, Solution, parse_target, solve
from gradform.functions.shapes import Shape
from gradform.notation.text import to_text
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import evaluate
from tests.oracle.layouts import displayed
from tests.support.differences import neutral_derivative
from tests.support.ir_eval import Array

DATA = Path(__file__).parents[2] / "data" / "formulas.json"
SIZES = {"n": 4, "m": 3, "k": 2, "l": 5}


@dataclass(frozen=True)
class Row:
    """One entry of the list."""

    expression: str
    wrt: list[str]
    expected: str
    shapes: dict[str, list[str | int]]
    layout: str = "ml"
    assume: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.expression} by {','.join(self.wrt)} {self.layout}"

    def solution(self) -> Solution:
        question = Question(self.expression, tuple(self.wrt), self.shapes, self.layout, self.assume)
        return solve(question)


ROWS = [Row(**row) for row in json.loads(DATA.read_text(encoding="utf-8"))]
each = pytest.mark.parametrize("row", ROWS, ids=str)


@each
def test_written_as_in_a_textbook(row: Row) -> None:
    formula = row.solution().formula
    assert formula is not None
    assert to_text(formula) == row.expected


@each
def test_the_text_reads_back_as_itself(row: Row) -> None:
    assert to_text(parse_formula(row.expected)) == row.expected


@each
@pytest.mark.parametrize("seed", [0, 1])
def test_the_text_is_the_derivative(row: Row, seed: int) -> None:
    solution = row.solution()
    variables = solution.function.variables
    rng = np.random.default_rng(seed)
    at = {
        name: draw(rng, variable.shape, row.assume.get(name))
        for name, variable in variables.items()
    }
    shown = evaluate(parse_formula(row.expected), at, SIZES)
    wanted = by_differences(row, solution, at)
    assert shown.shape == wanted.shape
    tolerance = (1e-7 if len(row.wrt) == 1 else 1e-4) * max(1.0, float(np.abs(wanted).max()))
    np.testing.assert_allclose(shown, wanted, rtol=0, atol=tolerance)


def draw(rng: np.random.Generator, shape: Shape, structure: str | None) -> Array:
    """A point where everything in the list is defined: square matrices are near 2·I."""
    extent = (shape.rows.evaluate(SIZES), shape.cols.evaluate(SIZES))
    array = np.asarray(rng.normal(size=extent))
    if structure in ("positive", "simplex"):
        positive = rng.uniform(0.4, 2.0, extent)
        return positive / positive.sum() if structure == "simplex" else positive
    if shape.is_matrix and extent[0] == extent[1]:
        array = 2 * np.eye(extent[0]) + 0.3 * array
        return (array + array.T) / 2 if structure in ("symmetric", "spd") else array
    return array


# ---------------------------------------------------------------- the limit definition


def by_differences(row: Row, solution: Solution, at: Mapping[str, Array]) -> Array:
    """The derivative as it is displayed, from values of the function alone."""
    function = solution.function
    out = function.value.shape
    program, shapes = function.program, function.shapes

    def value(env: Mapping[str, Array]) -> Array:
        found = evaluate(program, env, SIZES, shapes)
        return found.reshape(_extent(out))

    derivative, kinds = value, []
    for text in row.wrt:
        name, turned, places = parse_target(text)
        shape = function.variables[name].shape
        derivative = partial(_derivative, derivative, name, shape, places)
        if not places:
            kinds.append(Shape(shape.cols, shape.rows) if turned else shape)
    return displayed(derivative(at), out, kinds, row.layout)


def _derivative(
    function: Any, name: str, shape: Shape, places: tuple[int, ...], at: Mapping[str, Array]
) -> Array:
    """∂function[o…]/∂name[i…], or the entry at one place."""
    table = at[name]
    tensor = neutral_derivative(
        lambda array: function({**at, name: array.reshape(table.shape)}),
        table.reshape(_extent(shape)),
    )
    for place in reversed(places):
        tensor = tensor[..., place - 1]
    return tensor


def _extent(shape: Shape) -> tuple[int, ...]:
    return tuple(axis.evaluate(SIZES) for axis in shape.axes)


# ---------------------------------------------------------------- the list itself


def test_the_list_has_no_row_twice() -> None:
    keys = [str(row) + str(row.assume) for row in ROWS]
    assert len(set(keys)) == len(keys) >= 80


def test_the_list_covers_layouts_and_orders() -> None:
    assert {row.layout for row in ROWS} == {"ml", "denominator", "numerator", "mixed"}
    assert {len(row.wrt) for row in ROWS} == {1, 2}
    kinds = {len(shape) for row in ROWS for shape in row.shapes.values()}
    assert kinds == {0, 1, 2}
