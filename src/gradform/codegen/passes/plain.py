"""Operations that a target has no words for, as others that every target has."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from gradform.codegen.program.operations import (
    Call,
    Factor,
    FactorCall,
    FactorSolve,
    Gram,
    Input,
    Matmul,
    Solve,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values

__all__ = ["EXTRA", "needed", "plain", "rewritten"]


def plain(
    program: Program, outputs: Sequence[Value], known: Container[type] = ()
) -> tuple[Program, list[Value]]:
    """The program with those of the :data:`EXTRA` operations that are not ``known`` spelled out."""
    foreign = {kind for kind in EXTRA if kind not in known}
    if not any(type(each.operation) in foreign for each in program.instructions):
        return program, list(outputs)

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        if type(instruction.operation) in foreign:
            return EXTRA[type(instruction.operation)](target, instruction, arguments)
        return target.emit(instruction.operation, arguments, instruction.axes)

    return rewritten(program, outputs, emit)


def rewritten(
    program: Program,
    outputs: Sequence[Value],
    emit: Callable[[Program, Value, Sequence[Value]], Value],
) -> tuple[Program, list[Value]]:
    """What the outputs need made anew, one value after the other; what is known of values
    stays."""
    target = Program()
    values: dict[Value, Value] = {}
    for value in live_values(program, outputs):
        arguments = [values[k] for k in program.instructions[value].arguments]
        found = values[value] = emit(target, value, arguments)
        for known, facts in program.facts(target):
            if value in known:
                facts.add(found)
    return target, [values[value] for value in outputs]


def needed(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program without what the outputs do not need; each value just before its first use,
    the inputs before all others."""
    target = Program()
    values: dict[Value, Value] = {}
    live = live_values(program, outputs)
    inputs = [value for value in live if isinstance(program.operation(value), Input)]
    stack = [*reversed(outputs), *reversed(inputs)]
    while stack:
        value = stack[-1]
        instruction = program.instructions[value]
        waiting = [k for k in instruction.arguments if k not in values]
        if value not in values and waiting:
            stack.extend(reversed(waiting))
            continue
        stack.pop()
        if value not in values:
            values[value] = _emitted(program, value, target, values)
    return target, [values[value] for value in outputs]


def _emitted(
    program: Program, value: Value, target: Program, values: Mapping[Value, Value]
) -> Value:
    """An instruction once more, with what is known of its value."""
    instruction = program.instructions[value]
    arguments = [values[k] for k in instruction.arguments]
    found = target.emit(instruction.operation, arguments, instruction.axes)
    for known, facts in program.facts(target):
        if value in known:
            facts.add(found)
    return found


def _product(program: Program, instruction: Instruction, arguments: Sequence[Value]) -> Value:
    """X' Y or X Y'."""
    assert isinstance(instruction.operation, Gram)
    left, right = arguments[0], arguments[-1]
    if instruction.operation.axis == 0:
        left = program.view(left, (1, 0))
    else:
        right = program.view(right, (1, 0))
    return program.emit(Matmul(), (left, right), instruction.axes)


def _matrix(program: Program, instruction: Instruction, arguments: Sequence[Value]) -> Value:
    """The matrix instead of its factors."""
    return arguments[0]


def _solution(program: Program, instruction: Instruction, arguments: Sequence[Value]) -> Value:
    assert isinstance(instruction.operation, FactorSolve)
    matrix, right = arguments
    if instruction.operation.transposed:
        matrix = program.view(matrix, (1, 0))
    return program.emit(Solve(), (matrix, right), instruction.axes)


def _application(program: Program, instruction: Instruction, arguments: Sequence[Value]) -> Value:
    assert isinstance(instruction.operation, FactorCall)
    return program.emit(Call(instruction.operation.function), arguments, instruction.axes)


_Spelled = Callable[[Program, Instruction, Sequence[Value]], Value]

# What a writer need not know, and how it is then spelled.
EXTRA: dict[type, _Spelled] = {
    Gram: _product,
    Factor: _matrix,
    FactorSolve: _solution,
    FactorCall: _application,
}
