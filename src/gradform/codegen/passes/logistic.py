"""Quotients in place of the logistic function: y·sigmoid(x) = y/(1 + exp(-x))."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.logistic import one_plus_exp
from gradform.codegen.program.operations import Call, Product
from gradform.codegen.program.straight_line import Instruction, Program, Value
from gradform.functions.logistic import sigmoid
from gradform.ir.nodes import Coefficient

__all__ = ["logistic_apart"]


def logistic_apart(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with products divided by 1 + exp(-x) where they had sigmoid(x)."""
    calls = {Call(sigmoid)}
    if not any(each.operation in calls for each in program.instructions):
        return program, list(outputs)

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        match instruction.operation:
            case Call(function) if function is sigmoid:
                return _quotient(target, arguments[0])
            case Product(coefficient, powers):
                return _product(target, instruction, coefficient, powers, arguments)
            case operation:
                return target.emit(operation, arguments, instruction.axes)

    return rewritten(program, outputs, emit)


def _quotient(program: Program, value: Value) -> Value:
    """1/(1 + exp(-x))"""
    below = program.emit(Call(one_plus_exp), (_negative(program, value),), program.axes(value))
    return program.power(below, -1)


def _negative(program: Program, value: Value) -> Value:
    instruction = program.instructions[value]
    match instruction.operation:
        case Product(coefficient, powers):
            factors = list(zip(instruction.arguments, powers, strict=True))
            return program.multiply(-coefficient, factors)
        case _:
            return program.scale(-1, value)


def _product(
    program: Program,
    instruction: Instruction,
    coefficient: Coefficient,
    powers: Sequence[Coefficient],
    arguments: Sequence[Value],
) -> Value:
    factors: list[tuple[Value, Coefficient]] = []
    for argument, power in zip(arguments, powers, strict=True):
        below = _below(program, argument)
        same_axes = below is not None and program.axes(below) == program.axes(argument)
        factors.append((below, -power) if below is not None and same_axes else (argument, power))
    operation = Product(coefficient, tuple(power for _, power in factors))
    return program.emit(operation, [value for value, _ in factors], instruction.axes)


def _below(program: Program, value: Value) -> Value | None:
    """What a quotient of this kind divides by."""
    instruction = program.instructions[value]
    if instruction.operation != Product(1, (-1,)):
        return None
    (below,) = instruction.arguments
    return below if program.operation(below) == Call(one_plus_exp) else None
