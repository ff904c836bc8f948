"""parse ∘ print = id, for functions as typed and for derivatives as shown.

Printing chooses among spellings of one value (``a - b`` for ``a + -b``); so what is printed
is read to the same value, and printing what was read from it changes nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from gradform.formula.tree import Program
from gradform.notation.text import to_text
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula
from tests.oracle.generate import question
from tests.oracle.jax_eval import evaluate
from tests.properties.cases import Array, Case, Cases

CASES = Cases(150, first=500_000)


def _value(case: Case, program: Program) -> Array:
    """By the second evaluator, which works on trees."""
    asked = case.question
    read = elaborate(program, declared=asked.declared, assume=asked.assumed)
    extents = {
        key: (shape.rows.evaluate(case.sizes), shape.cols.evaluate(case.sizes))
        for key, shape in read.shapes.items()
    }
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(program, case.tables, case.sizes, extents))


@CASES.each
def test_functions_keep_their_value(case: Case) -> None:
    typed = parse_formula(case.question.source)
    read = parse_formula(to_text(typed))
    np.testing.assert_allclose(_value(case, read), _value(case, typed), rtol=1e-12)


@pytest.mark.parametrize("seed", range(500_000, 500_400))
def test_functions_are_printed_as_they_are_read(seed: int) -> None:
    text = to_text(parse_formula(question(seed).source))
    assert to_text(parse_formula(text)) == text


@CASES.each
def test_derivatives_are_printed_as_they_are_read(case: Case) -> None:
    if case.solution.formula is not None:
        text = to_text(case.solution.formula)
        assert to_text(parse_formula(text)) == text
