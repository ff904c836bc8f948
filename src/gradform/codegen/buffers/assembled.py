"""Arrays put together from zeros and what stands in some places of them.

A piece is written, or added, into its places: neither the zeros around it nor indices are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gradform.codegen.buffers.lifetimes import Lifetimes
from gradform.codegen.buffers.pad import Operand, Pad
from gradform.codegen.program.operations import Broadcast, Embed, Number, Spread
from gradform.codegen.program.straight_line import Program, Value
from gradform.codegen.python.spelling import Speller
from gradform.codegen.text.pieces import Text
from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import Coefficient, exact, magnitude

__all__ = ["assembled", "placed"]

_LETTERS = "ijklmnopqrstuvwxyz"


class _Writing(Protocol):
    @property
    def program(self) -> Program: ...
    @property
    def pad(self) -> Pad: ...
    @property
    def speller(self) -> Speller: ...
    @property
    def lifetimes(self) -> Lifetimes: ...
    @property
    def position(self) -> int: ...
    @property
    def texts(self) -> dict[Value, Text]: ...


def assembled(
    writing: _Writing, axes: Sequence[Dim], terms: Sequence[tuple[Coefficient, Value]]
) -> Operand:
    """An array of zeros and pieces. Of two, the one that is no number stands there first."""
    terms = sorted(terms, key=lambda term: (term[0] < 0, _is_number(writing, term[1])))
    coefficient, first = terms[0]
    shape = writing.speller.shape(axes)
    rest = _rest(writing, first) if coefficient > 0 else None
    name = None
    if rest is not None and coefficient == 1:
        name = _around(writing, shape, first, [value for _, value in terms[2:]])
    if name is None:
        name = writing.pad.assign(f"np.{'zeros' if rest is None else 'empty'}({shape})")
        if coefficient > 0:
            _place(writing, name, first, "=", coefficient)
    for place in rest or ():
        writing.pad.line(f"{name}[{place}] = 0.0")
    remaining = terms[1:] if coefficient > 0 else terms
    return placed(writing, Operand(name, True, True), remaining)


def _around(writing: _Writing, shape: str, value: Value, later: Sequence[Value]) -> str | None:
    """The array around a piece that nobody else looks at, made before that is.

    What is added changes the piece too: it may be the first that is added, but none ``later``.
    """
    instruction = writing.program.instructions[value]
    (piece,) = instruction.arguments
    free = writing.lifetimes.is_free(piece, writing.position)
    if not free or any(writing.lifetimes.overlap(piece, other) for other in later):
        return None
    assert isinstance(instruction.operation, Embed)
    operation, program = instruction.operation, writing.program
    place = _range(writing.speller, operation.axis, operation.start, piece, program)
    return writing.pad.made_inside(writing.texts[piece].code, shape, place)


def placed(writing: _Writing, into: Operand, terms: Sequence[tuple[Coefficient, Value]]) -> Operand:
    """The array with pieces added."""
    for coefficient, value in terms:
        sign = "+=" if coefficient > 0 else "-="
        _place(writing, into.code, value, sign, magnitude(coefficient))
    return into


def _is_number(writing: _Writing, value: Value) -> bool:
    (piece,) = writing.program.instructions[value].arguments
    return not writing.program.axes(_repeated(writing, piece))


def _rest(writing: _Writing, value: Value) -> list[str] | None:
    """Where a piece leaves few zeros: before and behind it. None for another piece."""
    instruction = writing.program.instructions[value]
    whole, inside = instruction.axes, writing.program.axes(instruction.arguments[0])
    match instruction.operation:
        case Embed(0, start) if inside and not (whole[0] - inside[0]).names:
            stop = start + inside[0]
            before = [f":{writing.speller.size(start)}"] if start.terms else []
            return before + [f"{writing.speller.size(stop)}:"] * (stop is not whole[0])
        case _:
            return None


def _place(writing: _Writing, name: str, value: Value, sign: str, coefficient: Coefficient) -> None:
    """Write the piece of an instruction, times a number, into its places of an array."""
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
    writing.pad.line(f"{target} {sign} {_multiple(writing, coefficient, piece)}")


def _multiple(writing: _Writing, coefficient: Coefficient, piece: Value) -> str:
    number = writing.program.operation(_repeated(writing, piece))
    if isinstance(number, Number):
        return writing.pad.number(exact(coefficient * number.value)).code
    code = writing.texts[piece].code
    return code if coefficient == 1 else f"{writing.pad.number(coefficient).code} * {code}"


def _repeated(writing: _Writing, piece: Value) -> Value:
    """What stands in every place, if it was only repeated."""
    instruction = writing.program.instructions[piece]
    repeated = isinstance(instruction.operation, Broadcast)
    return instruction.arguments[0] if repeated else piece


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
