"""Exact membership in polyhedra: a feasibility problem solved in rational arithmetic.

Phase one of the simplex method with Bland's rule on Fractions; a float is taken for the
rational number it is. The answer is exact either way: a feasible basis is a decomposition,
and an optimal basis with a positive value is a Farkas certificate.
"""

from __future__ import annotations

from fractions import Fraction

from gradform.errors import UndecidedError
from gradform.language import say
from gradform.sets.entries import Entries
from gradform.sets.oracle import Oracle
from gradform.sets.program import ONE, Expression, Program, added, scaled

__all__ = ["contains_exactly", "feasible"]

_LARGEST = 20_000


def contains_exactly(s: Oracle, g: Entries) -> bool:
    """Whether g, bit for bit, is an element."""
    numbers = g.rationals()
    decided = None if numbers is None else s.decided(numbers)
    if decided is not None:
        return decided
    program = Program(exact=True)
    elements = s.lift(program, ONE)
    wanted = program.numbers(g)
    program.zero += [added([e, {0: -v}]) for e, v in zip(elements, wanted, strict=True)]
    return feasible(program)


def feasible(program: Program) -> bool:
    """Whether linear equations and inequalities with rational coefficients have a solution."""
    rows = _standard_form(program)
    if not rows:
        return True
    columns = len(rows[0]) - 1
    if len(rows) * columns > _LARGEST:
        raise UndecidedError(say("the problem is too large for exact arithmetic"))
    rows = [[-v for v in row] if row[-1] < 0 else row for row in rows]
    costs = [-sum((row[j] for row in rows), Fraction(0)) for j in range(columns + 1)]
    basis: list[int | None] = [None] * len(rows)
    while costs[-1] != 0:
        entering = next((j for j in range(columns) if costs[j] < 0), None)
        if entering is None:
            return False
        leaving = _leaving_row(rows, basis, entering)
        _pivot(rows, costs, leaving, entering)
        basis[leaving] = entering
    return True


def _standard_form(program: Program) -> list[list[Fraction]]:
    """Rows a·y = b over y >= 0: slacks for inequalities, differences for free variables."""
    signed = {next(iter(e)) for e in program.nonnegative if _is_sign(e)}
    others = [e for e in program.nonnegative if not _is_sign(e)]
    equations = program.zero + [
        added([e, scaled(-1, {program.variables + i: 1})]) for i, e in enumerate(others)
    ]
    signed |= {program.variables + i for i in range(len(others))}
    used = sorted({v for equation in equations for v in equation if v})
    columns: dict[int, tuple[int, ...]] = {}
    count = 0
    for variable in used:
        columns[variable] = (count,) if variable in signed else (count, count + 1)
        count += len(columns[variable])
    return [_row(equation, columns, count) for equation in equations]


def _is_sign(inequality: Expression) -> bool:
    """Whether it says that one variable is nonnegative."""
    return len(inequality) == 1 and 0 not in inequality and min(inequality.values()) > 0


def _row(equation: Expression, columns: dict[int, tuple[int, ...]], count: int) -> list[Fraction]:
    row = [Fraction(0)] * (count + 1)
    for variable, coefficient in equation.items():
        if variable == 0:
            row[-1] -= Fraction(coefficient)
            continue
        for sign, column in zip((1, -1), columns[variable], strict=False):
            row[column] += sign * Fraction(coefficient)
    return row


def _leaving_row(rows: list[list[Fraction]], basis: list[int | None], entering: int) -> int:
    """The tightest row; among ties artificial variables first, then Bland's order."""
    ratios = [
        (row[-1] / row[entering], -1 if basis[i] is None else basis[i], i)
        for i, row in enumerate(rows)
        if row[entering] > 0
    ]
    return min(ratios)[2]


def _pivot(rows: list[list[Fraction]], costs: list[Fraction], leaving: int, entering: int) -> None:
    pivot = rows[leaving][entering]
    chosen = rows[leaving] = [v / pivot if v else v for v in rows[leaving]]
    for row in [*(row for i, row in enumerate(rows) if i != leaving), costs]:
        factor = row[entering]
        if factor:
            for j, v in enumerate(chosen):
                if v:
                    row[j] -= factor * v
