"""Which sizes the text of a program mentions, and how large they must be at least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradform.codegen.program.operations import (
    Broadcast,
    Concatenate,
    Each,
    Embed,
    Identity,
    Mapped,
    Matmul,
    Pick,
    Position,
    Range,
    Reshape,
    Size,
    Solve,
    Take,
    Triangle,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import ONE, Dim

__all__ = ["least_sizes", "sizes_in", "too_small"]


def sizes_in(program: Program, live: Iterable[Value]) -> set[str]:
    """Names of the sizes that the text of the instructions mentions."""
    return {name for value in live for size in _mentioned(program, value) for name in size.names}


def _mentioned(program: Program, value: Value) -> tuple[Dim, ...]:
    axes = program.axes(value)
    match program.operation(value):
        case Size(size):
            return (size,)
        case Identity(offset):
            return (*axes, offset)
        case Broadcast() | Reshape() | Triangle():
            return axes
        case Mapped():
            return axes[2:]
        case Embed(axis, start):
            return axes[axis], start
        case Take(picks):
            return tuple(size for pick in picks for size in _bounds(pick))
        case Each(Matmul() | Solve()):
            return ()
        case Each():
            return axes
        case _:
            return ()


def _bounds(pick: Pick) -> tuple[Dim, ...]:
    match pick:
        case Position(index):
            return (index,)
        case Range(start, length):
            return start, start + length
        case None:
            return ()


def least_sizes(program: Program, live: Iterable[Value]) -> list[tuple[Dim, Dim]]:
    """(size, least value) wherever an index could fall outside its axis."""
    gaps = dict.fromkeys(gap for value in live for gap in _gaps(program, value))
    return [_sides(gap) for gap in gaps if any(c < 0 for _, c in gap.terms)]


def too_small(
    program: Program, live: Iterable[Value], sizes: Mapping[str, int]
) -> tuple[Dim, int] | None:
    """A size that falls below what an index needs, and its least value; None where all fit."""
    for size, least in least_sizes(program, live):
        bound = least.evaluate(sizes)
        if size.evaluate(sizes) < bound:
            return size, bound
    return None


def _gaps(program: Program, value: Value) -> list[Dim]:
    """What must not be negative: starts of ranges, and what is left behind their ends."""
    instruction = program.instructions[value]
    match instruction.operation:
        case Take(picks):
            axes = program.axes(instruction.arguments[0])
            ranges = [(pick, size) for pick, size in zip(picks, axes, strict=True) if pick]
            return [gap for pick, size in ranges for gap in _room(pick, size)]
        case Embed(axis, start):
            inner = program.axes(instruction.arguments[0])
            length = inner[axis] if inner else ONE
            return _room(Range(start, length), instruction.axes[axis])
        case Concatenate(axis):
            pieces = [program.axes(argument) for argument in instruction.arguments]
            return [axes[axis] for axes in pieces if len(axes) == len(instruction.axes)]
        case Identity(offset):
            rows, columns = instruction.axes
            return _room(Range(offset, rows), columns)
        case _:
            return []


def _room(pick: Position | Range, size: Dim) -> list[Dim]:
    if isinstance(pick, Position):
        pick = Range(pick.index, ONE)
    return [pick.start, size - pick.start - pick.length]


def _sides(gap: Dim) -> tuple[Dim, Dim]:
    """gap >= 0 as left >= right without minus signs."""
    left = Dim.of((monomial, c) for monomial, c in gap.terms if c > 0)
    right = Dim.of((monomial, -c) for monomial, c in gap.terms if c < 0)
    return left, right
