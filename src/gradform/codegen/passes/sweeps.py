"""A program parted along its rows: sweeps over chunks of rows, and what lies between them.

    stage 0 · sweep 0 · stage 1 · sweep 1 · … · last stage

A stage computes what does not have the row axis, once. A sweep is run on each chunk of rows;
what it accumulates is added up over the chunks. Values by rows are computed again in each
sweep that needs them, so that no sweep leaves anything behind but its sums.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, count

from gradform.codegen.passes.rows import Join, Kind, Rows
from gradform.codegen.program.operations import (
    Broadcast,
    Combine,
    Constant,
    Identity,
    Input,
    Number,
    Product,
    Size,
    Take,
    Triangle,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import Dim, dim
from gradform.records import record

__all__ = ["Piece", "Sweeps", "parted"]

# Cheaper to compute again in each piece than to hand on.
_CHEAP = (
    Broadcast,
    Combine,
    Constant,
    Identity,
    Input,
    Number,
    Product,
    Size,
    Take,
    Triangle,
    View,
)


@record(eq=False)
class Piece:
    """A program of its own.

    inputs         variables and handed-on values that it takes, by name
    outputs        (name, value) of what it returns
    by_rows        names of the outputs that have the row axis, with the place of it
    joins          of the other outputs of a sweep, how those of several chunks become one
    """

    program: Program
    inputs: tuple[str, ...]
    outputs: tuple[tuple[str, Value], ...]
    by_rows: Mapping[str, int]
    joins: Mapping[str, Join]


@record(eq=False)
class Sweeps:
    """``len(sweeps) + 1`` stages and the sweeps between them.

    The length of the row axis is ``chunk`` in a sweep; as a number, ``Size``, it is that of
    all rows everywhere.
    """

    stages: tuple[Piece, ...]
    sweeps: tuple[Piece, ...]
    chunk: Dim


def parted(
    program: Program,
    outputs: Sequence[tuple[str, Value]],
    rows: Rows,
    taken: Collection[str],
) -> Sweeps:
    """The pieces of a program that is separable along ``rows``.

    Outputs by rows are outputs of a sweep, all others of the last stage. ``taken`` are names
    that no handed-on value may have.
    """
    assert rows.separable, "a program is parted only where it can be"
    parting = _Parting(program, outputs, rows, taken)
    return Sweeps(tuple(parting.stages), tuple(parting.sweeps), parting.chunk)


class _Parting:
    """Pieces, written from the last one back: each asks earlier ones for what it needs."""

    def __init__(
        self,
        program: Program,
        outputs: Sequence[tuple[str, Value]],
        rows: Rows,
        taken: Collection[str],
    ) -> None:
        self.program = program
        self.rows = rows
        self.taken = {*taken, *(label for label, _ in outputs)}
        self.chunk = dim(_fresh("chunk", {name for axis in _axes(program) for name in axis.names}))
        self.names: dict[Value, str] = {}
        self.due = self._dues([value for _, value in outputs])
        by_rows = [each for each in outputs if rows.kinds[each[1]] is Kind.BY_ROWS]
        rest = [each for each in outputs if each not in by_rows]
        self.sweeps: list[Piece] = []
        self.stages = [self._piece(rest, self._in_stage(rows.count))]
        for k in reversed(range(rows.count)):
            own = [each for each in by_rows if rows.sweeps[each[1]] == k]
            self.sweeps.insert(0, self._piece([*own, *self._sums(k)], self._in_sweep(k)))
            self.stages.insert(0, self._piece(self._shared(k), self._in_stage(k)))

    def _dues(self, outputs: Sequence[Value]) -> dict[Value, int]:
        """For values without rows: before which sweep they are needed."""
        due = dict.fromkeys(outputs, self.rows.count)
        for value in reversed(list(self.rows.kinds)):
            swept = self.rows.kinds[value] in (Kind.BY_ROWS, Kind.ACCUMULATED)
            own = self.rows.sweeps[value] if swept else due[value]
            for argument in self.program.instructions[value].arguments:
                due[argument] = min(due.get(argument, self.rows.count), own)
        return due

    def _sums(self, sweep: int) -> list[tuple[str, Value]]:
        """What later pieces need of the sums of a sweep."""
        return [
            (name, value)
            for value, name in sorted(self.names.items())
            if self.rows.kinds[value] is Kind.ACCUMULATED and self.rows.sweeps[value] == sweep
        ]

    def _shared(self, stage: int) -> list[tuple[str, Value]]:
        """What later pieces need of the values of a stage."""
        return [
            (name, value)
            for value, name in sorted(self.names.items())
            if self.rows.kinds[value] is not Kind.ACCUMULATED and self.due[value] == stage
        ]

    def _in_sweep(self, sweep: int) -> Callable[[Value], bool]:
        """Whether a sweep computes a value; otherwise it is handed to it."""
        kinds, sweeps = self.rows.kinds, self.rows.sweeps

        def inside(value: Value) -> bool:
            if kinds[value] is Kind.ACCUMULATED:
                return sweeps[value] == sweep
            return kinds[value] is Kind.BY_ROWS or self._is_cheap(value)

        return inside

    def _in_stage(self, stage: int) -> Callable[[Value], bool]:
        def inside(value: Value) -> bool:
            if self.rows.kinds[value] is Kind.ACCUMULATED:
                return False
            return self.due[value] == stage or self._is_cheap(value)

        return inside

    def _is_cheap(self, value: Value) -> bool:
        return isinstance(self.program.operation(value), _CHEAP)

    def _piece(
        self, outputs: Sequence[tuple[str, Value]], inside: Callable[[Value], bool]
    ) -> Piece:
        rows = self.rows
        copy = Program()
        made: dict[Value, Value] = {}
        for value in self._needed(outputs, inside):
            if inside(value):
                made[value] = self._copied(copy, value, made)
            else:
                axes = self.program.axes(value)
                made[value] = copy.emit(Input(self._name(value)), (), axes)
        for known, facts in self.program.facts(copy):
            facts |= {made[value] for value in known if value in made}
        return Piece(
            copy,
            tuple(i.operation.name for i in copy.instructions if isinstance(i.operation, Input)),
            tuple((name, made[value]) for name, value in outputs),
            {name: rows.axis[v] for name, v in outputs if rows.kinds[v] is Kind.BY_ROWS},
            {name: rows.joins[v] for name, v in outputs if v in rows.joins},
        )

    def _needed(
        self, outputs: Sequence[tuple[str, Value]], inside: Callable[[Value], bool]
    ) -> list[Value]:
        """What a piece computes and what is handed to it, in order."""
        needed = {value for _, value in outputs}
        for value in reversed(list(self.rows.kinds)):
            if value in needed and inside(value):
                needed.update(self.program.instructions[value].arguments)
        return sorted(needed)

    def _copied(self, copy: Program, value: Value, made: Mapping[Value, Value]) -> Value:
        instruction = self.program.instructions[value]
        axes = list(instruction.axes)
        if self.rows.kinds[value] is Kind.BY_ROWS:
            axes[self.rows.axis[value]] = self.chunk
        arguments = [made[argument] for argument in instruction.arguments]
        return copy.emit(instruction.operation, arguments, axes)

    def _name(self, value: Value) -> str:
        """The name under which a value is handed on."""
        if value not in self.names:
            stem = "total" if self.rows.kinds[value] is Kind.ACCUMULATED else "shared"
            self.names[value] = _fresh(stem, self.taken)
            self.taken.add(self.names[value])
        return self.names[value]


def _axes(program: Program) -> Iterable[Dim]:
    return (axis for instruction in program.instructions for axis in instruction.axes)


def _fresh(stem: str, taken: Collection[str]) -> str:
    """The stem, with a number after it when it is taken."""
    numbered = (f"{stem}{k}" for k in count(2))
    return next(name for name in chain([stem], numbered) if name not in taken)
