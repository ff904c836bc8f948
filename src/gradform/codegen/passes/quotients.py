"""Quotients of quotients as products with reciprocals.

    (a/b) / c = (a/b) · (1/c)

For compilers that would make a/(b·c) of the left side, where b·c may be beyond all numbers
although neither quotient is.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import Product
from gradform.codegen.program.straight_line import Program, Value

__all__ = ["without_nested"]


def without_nested(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with no quotient that is divided, or divided by, as it stands."""

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        operation = instruction.operation
        if not isinstance(operation, Product) or not _nested(program, value):
            return target.emit(operation, arguments, instruction.axes)
        factors = list(zip(arguments, operation.powers, strict=True))
        above = [(factor, power) for factor, power in factors if power > 0]
        below = [(factor, power) for factor, power in factors if power < 0]
        return target.multiply(operation.coefficient, [*above, (target.multiply(1, below), 1)])

    return rewritten(program, outputs, emit)


def _nested(program: Program, value: Value) -> bool:
    """Whether one of the arguments of a quotient is a quotient."""
    arguments = program.instructions[value].arguments
    return _is_quotient(program, value) and any(_is_quotient(program, each) for each in arguments)


def _is_quotient(program: Program, value: Value) -> bool:
    operation = program.operation(value)
    return isinstance(operation, Product) and any(power < 0 for power in operation.powers)
