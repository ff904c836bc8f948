"""Softmax through the logarithm of its sum, so that a sum over rows stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import Call, LogSumExp, Softmax
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.functions.elementwise import exp

__all__ = ["softmax_apart"]


def softmax_apart(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with exp(z - log Σ exp z) for every softmax(z).

    A softmax over rows needs all rows at once; of this, only the sum does.
    """

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        if isinstance(instruction.operation, Softmax):
            return _apart(target, instruction.operation, instruction, arguments[0])
        return target.emit(instruction.operation, arguments, instruction.axes)

    return rewritten(program, outputs, emit)


def _apart(target: Program, operation: Softmax, instruction: Instruction, value: Value) -> Value:
    kept = [k for k in range(len(instruction.axes)) if k not in operation.axes]
    sizes = [instruction.axes[k] for k in kept]
    total = target.emit(LogSumExp(operation.axes), (value,), sizes)
    total = target.align(total, kept, range(len(instruction.axes)))
    return target.emit(Call(exp), (target.combine([(1, value), (-1, total)]),), instruction.axes)
