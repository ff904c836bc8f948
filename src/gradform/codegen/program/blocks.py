"""Sums whose terms stand side by side: blocks that fill an axis from one end to the other."""

from __future__ import annotations

from typing import NamedTuple

from gradform.codegen.program.operations import Combine, Embed, Position, Range
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import ONE, ZERO_DIM, Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Piece", "filling", "picked"]


class Piece(NamedTuple):
    """The term ``coefficient · embed(block, start)`` at a place of a sum."""

    place: int
    coefficient: Coefficient
    block: Value
    start: Dim
    length: Dim


def filling(program: Program, value: Value, axis: int) -> list[Piece]:
    """The terms of a sum that together fill an axis, in order; none where they do not."""
    instruction = program.instructions[value]
    if not isinstance(instruction.operation, Combine):
        return []
    pieces: dict[Dim, Piece] = {}
    for place, argument in enumerate(instruction.arguments):
        term = program.instructions[argument]
        match term.operation:
            case Embed(where, start) if where == axis and term.axes == instruction.axes:
                (block,) = term.arguments
                inner = program.axes(block)
                length = inner[axis] if inner else ONE
                coefficient = instruction.operation.coefficients[place]
                pieces.setdefault(start, Piece(place, coefficient, block, start, length))
    found: list[Piece] = []
    end = ZERO_DIM
    while end in pieces:
        found.append(pieces.pop(end))
        end = end + found[-1].length
    return found if len(found) > 1 and end == instruction.axes[axis] else []


def picked(program: Program, value: Value, axis: int, pick: Position | Range) -> Value:
    """One index, or a run of indices, of an axis; of an array of blocks, often one of them."""
    pieces = filling(program, value, axis)
    if not pieces or len(pieces) < len(program.instructions[value].arguments):
        return program.take(value, axis, pick)
    start, length = (pick.index, ONE) if isinstance(pick, Position) else (pick.start, pick.length)
    for piece in pieces:
        if (piece.start, piece.length) == (start, length):
            block = program.scale(piece.coefficient, piece.block)
            if isinstance(pick, Range):
                return block if program.axes(block) else program.view(block, (None,))
            return program.take(block, axis, Position(ZERO_DIM)) if program.axes(block) else block
    return program.take(value, axis, pick)
