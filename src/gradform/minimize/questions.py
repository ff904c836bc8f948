"""What exact arithmetic is asked about a problem: its formula with the sizes of the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from gradform.formula.tree import (
    Definition,
    Formula,
    Name,
    Number,
    Program,
    Slice,
    fold,
    with_children,
)
from gradform.language import Message, say
from gradform.minimize.problem import Problem
from gradform.notation.text import to_text
from gradform.records import replaced
from gradform.syntax.parser import parse_formula

__all__ = ["engine", "rows_of", "source_of", "too_large"]

# More data than this is not given to exact arithmetic.
_MOST_NUMBERS = 200_000
_MOST_VARIABLES = 1_000


def engine(name: str) -> Any:
    """A module of exact arithmetic, which takes time to load."""
    return import_module(f"gradform.nonsmooth.{name}")


def too_large(problem: Problem) -> Message | None:
    """Why exact arithmetic is not asked."""
    numbers = sum(np.size(value) for value in problem.data.values())
    if numbers > _MOST_NUMBERS or problem.packing.size > _MOST_VARIABLES:
        return say(
            "{numbers} numbers and {variables} variables are too many for a proof in exact "
            "arithmetic",
            numbers=numbers,
            variables=problem.packing.size,
        )
    return None


def source_of(problem: Problem) -> str:
    """The function in the input language, with numbers for the sizes it names: x(2:n) with five
    entries is x(2:5)."""
    source = problem.question.source
    program = parse_formula(source) if isinstance(source, str) else source
    variables = problem.formulas.function.variables
    sizes = {name: size for name, size in problem.sizes.items() if name not in variables}
    return to_text(_sized(program, sizes))


def _sized(program: Program, sizes: Mapping[str, int]) -> Program:
    def sized(node: Formula, kids: list[Formula]) -> Formula:
        match node:
            case Name(name) if name in sizes:
                return Number(Fraction(sizes[name]))
            case Slice(start, stop) if start is not None and stop is not None:
                return Slice(kids[0], kids[1])
            case _:
                return with_children(node, kids)

    definitions = tuple(
        Definition(each.name, fold(each.value, sized), each.name_span)
        for each in program.definitions
    )
    return replaced(program, definitions=definitions, body=fold(program.body, sized))


def rows_of(problem: Problem) -> dict[str, tuple[int, ...]]:
    """The shapes of the rows, whose values may be flat."""
    values = {**problem.data, **problem.start}
    variables = problem.formulas.function.variables
    return {
        name: (1, np.size(value))
        for name, value in values.items()
        if name in variables and variables[name].shape.is_row
    }
