"""Sums of arrays with zeros around them as arrays put together.

    embed(a, 0) + embed(b, m) = [a; b]      where a has m entries, b the others

Writers that make text put arrays together by a function of their library; nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.codegen.passes.plain import rewritten
from gradform.codegen.program.blocks import Piece, filling
from gradform.codegen.program.operations import Combine, Concatenate, Embed, View
from gradform.codegen.program.straight_line import Instruction, Program, Value

__all__ = ["with_blocks"]


def with_blocks(program: Program, outputs: Sequence[Value]) -> tuple[Program, list[Value]]:
    """The program with :class:`Concatenate` wherever the pieces of a sum fill an axis."""
    if sum(isinstance(each.operation, Embed) for each in program.instructions) < 2:
        return program, list(outputs)

    def emit(target: Program, value: Value, arguments: Sequence[Value]) -> Value:
        instruction = program.instructions[value]
        for axis in range(len(instruction.axes)):
            pieces = filling(program, value, axis)
            if pieces:
                return _together(target, instruction, arguments, pieces, axis)
        return target.emit(instruction.operation, arguments, instruction.axes)

    return rewritten(program, outputs, emit)


def _together(
    target: Program,
    instruction: Instruction,
    arguments: Sequence[Value],
    pieces: Sequence[Piece],
    axis: int,
) -> Value:
    """The pieces of a sum as one array, which the other terms are added to."""
    assert isinstance(instruction.operation, Combine)
    inside = [target.instructions[arguments[piece.place]].arguments[0] for piece in pieces]
    blocks = _stacked(target, inside, axis) or inside
    common = pieces[0].coefficient
    if any(piece.coefficient != common for piece in pieces):
        common = 1
        blocks = [
            target.scale(piece.coefficient, block)
            for piece, block in zip(pieces, blocks, strict=True)
        ]
    whole = target.emit(Concatenate(axis), blocks, instruction.axes)
    terms = list(zip(instruction.operation.coefficients, arguments, strict=True))
    gone = {piece.place for piece in pieces}
    rest = [term for place, term in enumerate(terms) if place not in gone]
    return target.combine([(common, whole), *rest])


def _stacked(program: Program, blocks: Sequence[Value], axis: int) -> list[Value]:
    """The blocks without that axis, where none of them had it before it was put there."""
    found: list[Value] = []
    for block in blocks:
        instruction = program.instructions[block]
        match instruction.operation:
            case View(order) if order[axis] is None and order.count(None) == 1:
                kept = [k for k in order if k is not None]
                found.append(program.view(instruction.arguments[0], kept))
            case _:
                return []
    return found
