"""In which order the entries of matrices stand in memory.

A pass over two matrices is fast when both stand in the same order. A product can be had
either way: (A B) by columns is (B' A')'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.program.operations import Call, Combine, Matmul, Product, Softmax, View
from gradform.codegen.program.straight_line import Program, Value

__all__ = ["values_by_columns"]

_ENTRYWISE = (Combine, Product)


def values_by_columns(program: Program, live: Sequence[Value]) -> frozenset[Value]:
    """The matrices that stand by columns. Variables are taken to stand by rows."""
    users: dict[Value, list[Value]] = {}
    for value in live:
        for argument in program.instructions[value].arguments:
            users.setdefault(argument, []).append(value)
    found: set[Value] = set()
    for value in live:
        if len(program.axes(value)) == 2 and _by_columns(program, value, found, users):
            found.add(value)
    return frozenset(found)


def _by_columns(
    program: Program, value: Value, found: set[Value], users: Mapping[Value, Sequence[Value]]
) -> bool:
    instruction = program.instructions[value]
    matrices = [a for a in instruction.arguments if program.axes(a) == instruction.axes]
    match instruction.operation:
        case View((1, 0)):
            return instruction.arguments[0] not in found
        case Matmul():
            votes = [
                _stands_by_columns(program, other, found)
                for user in users.get(value, ())
                if isinstance(program.operation(user), _ENTRYWISE)
                for other in program.instructions[user].arguments
                if other < value or _is_turned(program, other)
                if other != value and program.axes(other) == instruction.axes
            ]
            return bool(votes) and all(votes)
        case Combine() | Product() | Call() | Softmax():
            return bool(matrices) and found.issuperset(matrices)
        case _:
            return False


def _is_turned(program: Program, value: Value) -> bool:
    return program.operation(value) == View((1, 0))


def _stands_by_columns(program: Program, value: Value, found: set[Value]) -> bool:
    """The same for a value that may come later: the transpose of one that came."""
    if _is_turned(program, value):
        return program.instructions[value].arguments[0] not in found
    return value in found
