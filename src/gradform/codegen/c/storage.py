"""Which values of a program get memory; all others are written where their entries are read.

A value is computed once for each time that an entry of it is read. Entries that take work and
are read more than once are stored: because several values read them, or one value reads each of
them many times, as a matrix product does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Diagonal,
    Embed,
    Identity,
    Input,
    Kronecker,
    LogAddExp,
    LogSumExp,
    Mapped,
    Norm,
    Number,
    Outer,
    Product,
    Reduce,
    Reshape,
    Size,
    Softmax,
    Solve,
    Spread,
    Take,
    Trace,
    Triangle,
    Triangular,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import ONE

__all__ = ["needs_memory", "stored_values"]

# Deeper expressions are cut by storing a part.
_DEEPEST = 24

_FREE = (Input, Number, Constant, Size, Identity, Triangle)
_MOVED = (View, Take, Diagonal, Spread, Embed, Triangular, Broadcast)
_ENTRYWISE = (Combine, Product, LogAddExp, Outer, Kronecker)
_READ_ONCE = (View, Take, Diagonal, Reduce, Trace)
_MEMORY = (LogSumExp, Norm, Softmax, Solve, Reshape, Mapped)


def stored_values(program: Program, live: Sequence[Value], outputs: Sequence[Value]) -> set[Value]:
    """The values that get memory, or a variable when they have no axes."""
    stored: set[Value] = set()
    wanted = set(outputs) | {v for value in live for v in _arrays_needed(program, value)}
    uses: Counter[Value] = Counter()
    repeated: set[Value] = set()
    for value in reversed(live):
        if _is_stored(program, value, value in wanted, uses[value] > 1 or value in repeated):
            stored.add(value)
        times = 1 if value in stored else max(uses[value], 1)
        again = value in repeated and value not in stored
        for argument in program.instructions[value].arguments:
            uses[argument] += times
            if again or _reads_again(program, value, argument):
                repeated.add(argument)
    return stored | _too_deep(program, live, stored)


def needs_memory(program: Program, value: Value) -> bool:
    """Whether an operation reads its arrays as such, not entry by entry."""
    operation = program.operation(value)
    if isinstance(operation, Call):
        return not operation.function.elementwise
    return isinstance(operation, _MEMORY)


def _arrays_needed(program: Program, value: Value) -> tuple[Value, ...]:
    instruction = program.instructions[value]
    return instruction.arguments if needs_memory(program, value) else ()


def _is_stored(program: Program, value: Value, wanted: bool, read_again: bool) -> bool:
    operation = program.operation(value)
    if isinstance(operation, _FREE):
        leaf = isinstance(operation, Identity | Triangle)
        return wanted and leaf
    if isinstance(operation, _MOVED) or _is_of_one_entry(program, value):
        return wanted
    if isinstance(operation, _ENTRYWISE) or not _has_statements(program, value):
        return wanted or read_again
    return True


def _is_of_one_entry(program: Program, value: Value) -> bool:
    """A reshape between a number and an array of one entry, which has no memory to share."""
    if not isinstance(program.operation(value), Reshape):
        return False
    return not (program.axes(value) and program.axes(program.instructions[value].arguments[0]))


def _has_statements(program: Program, value: Value) -> bool:
    operation = program.operation(value)
    return not (isinstance(operation, Call) and operation.function.elementwise)


def _reads_again(program: Program, value: Value, argument: Value) -> bool:
    """Whether an entry of the argument is read for several entries, or under a condition."""
    operation = program.operation(value)
    if isinstance(operation, _READ_ONCE):
        return False
    if isinstance(operation, Combine | Product | LogAddExp | Broadcast | Call):
        return _spreads(program, value, argument)
    return True


def _spreads(program: Program, value: Value, argument: Value) -> bool:
    pairs = zip_longest(program.axes(value)[::-1], program.axes(argument)[::-1], fillvalue=ONE)
    return any(own is not given for own, given in pairs)


def _too_deep(program: Program, live: Sequence[Value], stored: set[Value]) -> set[Value]:
    """Values that cut long chains of unstored ones."""
    depth: dict[Value, int] = {}
    cut: set[Value] = set()
    for value in live:
        arguments = program.instructions[value].arguments
        depth[value] = 1 + max((depth[argument] for argument in arguments), default=0)
        if value in stored:
            depth[value] = 0
        elif depth[value] > _DEEPEST:
            depth[value] = 0
            cut.add(value)
    return cut
