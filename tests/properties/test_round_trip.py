"""parse ∘ print = id, for functions as typed and for derivatives as shown."""

from __future__ import annotations

from typing import Any

import pytest

from gradform.derive.pipeline import Question as Asked
from gradform.derive.pipeline import solve
from gradform.errors import CannotError
from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)
from gradform.notation.text import to_text
from gradform.syntax.parser import parse_formula
from tests.oracle.generate import question
from tests.properties.cases import Case, cases

CASES = cases(150, first=500_000)
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def form(program: Program) -> tuple[Any, ...]:
    """A program without positions, to compare."""
    definitions = tuple((each.name, _form(each.value)) for each in program.definitions)
    return (*definitions, _form(program.body))


def _form(formula: Formula) -> Any:
    return fold(formula, lambda node, parts: (type(node).__name__, *_facts(node), *parts))


def _facts(node: Formula) -> tuple[Any, ...]:
    match node:
        case Number():
            return (node.value,)
        case Name() | Call():
            return (node.name,)
        case Add():
            return node.signs
        case Mul():
            return node.ops
        case Power():
            return (node.elementwise,)
        case Stack():
            return tuple(len(row) for row in node.rows)
        case Slice():
            return (node.start is None, node.stop is None)
        case Neg() | Transpose():
            return ()


@pytest.mark.parametrize("seed", range(500_000, 500_400))
def test_functions(seed: int) -> None:
    program = parse_formula(question(seed).source)
    assert form(parse_formula(to_text(program))) == form(program)


@each_case
def test_derivatives(case: Case) -> None:
    asked = case.question
    try:
        solution = solve(
            Asked(asked.source, asked.wrt, asked.declared, asked.layout, asked.assumed)
        )
    except CannotError:
        return
    if solution.formula is not None:
        text = to_text(solution.formula)
        assert to_text(parse_formula(text)) == text
