"""Which sizes the text of a program mentions, and how large they must be at least."""

from __future__ import annotations

from collections.abc import Iterable

from gradform.codegen.operations import (
    Broadcast,
    Embed,
    Identity,
    Input,
    Position,
    Range,
    Reshape,
    Size,
    Take,
)
from gradform.codegen.program import Program, Value
from gradform.ir.dims import Dim

__all__ = ["least_sizes", "sizes_in"]


def sizes_in(program: Program, live: Iterable[Value]) -> set[str]:
    """Names of the sizes that the text of the instructions mentions."""
    found: set[str] = set()
    for value in live:
        instruction = program.instructions[value]
        mentioned: list[Dim] = []
        match instruction.operation:
            case Size(size):
                mentioned = [size]
            case Identity(offset):
                mentioned = [*instruction.axes, offset]
            case Broadcast() | Reshape():
                mentioned = list(instruction.axes)
            case Embed(axis, start):
                mentioned = [instruction.axes[axis], start]
            case Take(picks):
                mentioned = [size for pick in picks for size in _bounds(pick)]
            case _ if not instruction.arguments and not isinstance(instruction.operation, Input):
                mentioned = list(instruction.axes)
        found.update(name for size in mentioned for name in size.names)
    return found


def _bounds(pick: Position | Range | None) -> tuple[Dim, ...]:
    match pick:
        case Position(index):
            return (index,)
        case Range(start, length):
            return (start, start + length)
        case None:
            return ()


def least_sizes(program: Program, live: Iterable[Value]) -> list[tuple[Dim, Dim]]:
    """(size, least value) wherever an index could fall outside its axis."""
    gaps: dict[Dim, None] = {}
    for value in live:
        instruction = program.instructions[value]
        match instruction.operation:
            case Take(picks):
                axes = program.axes(instruction.arguments[0])
                for pick, size in zip(picks, axes, strict=True):
                    if isinstance(pick, Position):
                        gaps.update(dict.fromkeys((pick.index, size - pick.index - 1)))
                    elif isinstance(pick, Range):
                        gaps.update(dict.fromkeys((pick.start, size - pick.start - pick.length)))
            case Embed(axis, start):
                inner = program.axes(instruction.arguments[0])
                length = inner[axis] if inner else dim(1)
                gap = instruction.axes[axis] - start - length
                gaps.update(dict.fromkeys((start, gap)))
            case Identity(offset):
                rows, columns = instruction.axes
                gaps.update(dict.fromkeys((offset, columns - offset - rows)))
    return [_sides(gap) for gap in gaps if _may_be_negative(gap)]


def _may_be_negative(gap: Dim) -> bool:
    return any(coefficient < 0 for _, coefficient in gap.terms)


def _sides(gap: Dim) -> tuple[Dim, Dim]:
    """gap >= 0 as left >= right without minus signs."""
    left = Dim.of((monomial, c) for monomial, c in gap.terms if c > 0)
    right = Dim.of((monomial, -c) for monomial, c in gap.terms if c < 0)
    return left, right
