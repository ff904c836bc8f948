"""The logistic function as a quotient: exp(min(x, 0)) / (1 + exp(-|x|)).

Neither part overflows, and the small values are as accurate as the large ones. What is multiplied
with it joins in without a further array.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import Call, Product
from gradform.codegen.program.straight_line import Program, Value
from gradform.functions.elementwise import exp
from gradform.functions.kinked import abs_, minimum
from gradform.functions.logistic import sigmoid
from gradform.ir.nodes import exact

__all__ = ["logistic_apart"]


def logistic_apart(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with quotients for the logistic function of arrays."""

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        if instruction.operation == Call(sigmoid) and instruction.axes:
            return _quotient(target, arguments[0])
        return target.emit(instruction.operation, arguments, instruction.axes)

    return rewritten(program, outputs, emit)


def _quotient(target: Program, value: Value) -> Value:
    axes = target.axes(value)
    value, negative_size = _with_negative_size(target, value)
    decay = target.emit(Call(exp), (negative_size,), axes)
    below = target.combine([(1, target.number(1)), (1, decay)])
    least = target.emit(Call(minimum), (value, target.number(0)), axes)
    above = target.emit(Call(exp), (least,), axes)
    return target.multiply(1, [(above, 1), (below, -1)])


def _with_negative_size(target: Program, value: Value) -> tuple[Value, Value]:
    """x and -|x|, which is min(-t, t) for x = -t."""
    instruction = target.instructions[value]
    match instruction.operation:
        case Product(coefficient, powers) if coefficient < 0:
            factors = list(zip(instruction.arguments, powers, strict=True))
            opposite = target.multiply(exact(-coefficient), factors)
            value = target.scale(-1, opposite)
            least = target.emit(Call(minimum), (value, opposite), instruction.axes)
            return value, least
        case _:
            size = target.emit(Call(abs_), (value,), instruction.axes)
            return value, target.scale(-1, size)
