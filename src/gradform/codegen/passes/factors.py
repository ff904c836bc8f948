"""Systems, inverses and determinants of one matrix by one factorisation of it.

A matrix that is known to be positive definite is factored by Cholesky's method, which takes
half of the work; any other one only when several operations share its factors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.operations import (
    Call,
    Factor,
    FactorCall,
    FactorSolve,
    Operation,
    Solve,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values

__all__ = ["shared_factors"]


def shared_factors(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with a factorisation of each matrix where that is worth it."""
    live = live_values(program, outputs)
    matrices = {
        value: _matrix_of(program, value) for value in live if _by_factors(program.operation(value))
    }
    counts = Counter(matrices.values())
    chosen = {
        value
        for value, matrix in matrices.items()
        if matrix in program.definite or counts[matrix] > 1
    }
    if not chosen:
        return program, list(outputs)

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        if value not in chosen:
            return target.emit(instruction.operation, arguments, instruction.axes)
        positive = matrices[value] in program.definite
        return _by_shared_factors(target, instruction, arguments, positive)

    return rewritten(program, outputs, emit)


def _by_factors(operation: Operation) -> bool:
    if isinstance(operation, Call):
        return operation.function.from_factors is not None
    return isinstance(operation, Solve)


def _matrix_of(program: Program, value: Value) -> Value:
    """The matrix that an operation factors, or whose transpose it factors."""
    matrix = program.instructions[value].arguments[0]
    return program.instructions[matrix].arguments[0] if _is_turned(program, matrix) else matrix


def _is_turned(program: Program, matrix: Value) -> bool:
    operation = program.operation(matrix)
    return isinstance(operation, View) and operation.order == (1, 0)


def _by_shared_factors(
    target: Program, instruction: Instruction, arguments: Sequence[Value], positive: bool
) -> Value:
    matrix, *right = arguments
    turned = _is_turned(target, matrix)
    if turned:
        (matrix,) = target.instructions[matrix].arguments
    factors = target.emit(Factor(positive), (matrix,), target.axes(matrix))
    if isinstance(instruction.operation, Solve):
        operation = FactorSolve(positive, turned and not positive)
        return target.emit(operation, (factors, *right), instruction.axes)
    assert isinstance(instruction.operation, Call)
    found = target.emit(
        FactorCall(instruction.operation.function, positive), (factors,), instruction.axes
    )
    if turned and instruction.axes:
        return target.view(found, (1, 0))
    return found
