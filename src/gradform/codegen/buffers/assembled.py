"""Arrays put together from zeros and what stands in some places of them.

A piece is written, or added, into its places: neither the zeros around it nor indices are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gradform.codegen.buffers.pad import Operand, Pad
from gradform.codegen.program.operations import Embed, Spread
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.pieces import Text
from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import Coefficient, magnitude

__all__ = ["place", "placed"]

_LETTERS = "ijklmnopqrstuvwxyz"


class _Writing(Protocol):
    @property
    def program(self) -> Program: ...
    @property
    def pad(self) -> Pad: ...
    @property
    def speller(self) -> Speller: ...
    @property
    def texts(self) -> dict[Value, Text]: ...


def placed(
    writing: _Writing,
    into: Operand,
    terms: Sequence[tuple[Coefficient, Value]],
    *,
    empty: bool,
) -> Operand:
    """The array with pieces added; ``empty``: it holds zeros so far."""
    for k, (coefficient, value) in enumerate(terms):
        sign = "=" if empty and not k and coefficient > 0 else "+=" if coefficient > 0 else "-="
        scale = (
            "" if abs(coefficient) == 1 else f"{writing.pad.number(magnitude(coefficient)).code} * "
        )
        place(writing, into.code, value, sign, scale)
    return into


def place(writing: _Writing, name: str, value: Value, sign: str = "=", scale: str = "") -> None:
    """Write the piece of an instruction into its places of an array."""
    instruction = writing.program.instructions[value]
    (piece,) = instruction.arguments
    match instruction.operation:
        case Embed(axis, start):
            target = f"{name}[{_range(writing.speller, axis, start, piece, writing.program)}]"
        case Spread(((0, 1),)) if len(instruction.axes) == 2:
            step = writing.speller.size(instruction.axes[0] + 1)
            target = f'{name}.ravel("K")[:: {step}]'
        case Spread(pairs):
            target = _diagonal(name, len(instruction.axes), pairs)
        case operation:
            raise AssertionError(f"{operation} is no piece")
    writing.pad.line(f"{target} {sign} {scale}{writing.texts[piece].code}")


def _range(speller: Speller, axis: int, start: Dim, piece: Value, program: Program) -> str:
    axes = program.axes(piece)
    length = axes[axis] if axes else ONE
    before = ":, " * axis
    if not axes:
        return f"{before}{speller.size(start)}"
    first = speller.size(start) if start.terms else ""
    return f"{before}{first}:{speller.size(start + length)}"


def _diagonal(name: str, rank: int, pairs: Sequence[tuple[int, int]]) -> str:
    """The entries with equal indices on each pair of axes, as a part that can be written to."""
    letters = list(_LETTERS[:rank])
    for first, second in pairs:
        letters[second] = letters[first]
    second_axes = {second for _, second in pairs}
    kept = "".join(letter for k, letter in enumerate(letters) if k not in second_axes)
    return f'np.einsum("{"".join(letters)}->{kept}", {name})[...]'
