"""A program in stages: what has a native form, and single operations that NumPy does between.

Stages are programs of their own. What one hands to a later one is an input there, named after
the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gradform.codegen.native.definitions.expand import has_native_form
from gradform.codegen.program.operations import (
    Broadcast,
    Constant,
    Diagonal,
    Factor,
    Identity,
    Input,
    Number,
    Size,
    Spread,
    Take,
    Triangle,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values
from gradform.records import record

__all__ = ["Foreign", "Native", "Stage", "name_of", "stages"]

# Done again in a later stage rather than handed over: it costs nothing, or is no array.
_AGAIN = (
    *(Broadcast, Constant, Diagonal, Factor, Identity, Number, Size, Spread, Take, Triangle),
    View,
)


@record(eq=False)
class Native:
    """A program that is written in C; ``results[k]`` names the value of ``outputs[k]``."""

    program: Program
    inputs: tuple[str, ...]
    outputs: tuple[Value, ...]
    results: tuple[str, ...]


@record
class Foreign:
    """One operation for NumPy, on values by their names."""

    instruction: Instruction
    inputs: tuple[str, ...]
    result: str


Stage: TypeAlias = Native | Foreign


def stages(program: Program, outputs: Sequence[Value]) -> list[Stage]:
    """The stages in order; the outputs go by :func:`name_of`."""
    return _Stages(program, outputs).all()


def name_of(program: Program, value: Value) -> str:
    """The name of a value: that of a variable, else its number."""
    operation = program.operation(value)
    return operation.name if isinstance(operation, Input) else f"%{value}"


class _Stages:
    def __init__(self, program: Program, outputs: Sequence[Value]) -> None:
        self.program = program
        self.outputs = tuple(outputs)
        self.live = live_values(program, outputs)
        self.foreign = {v for v in self.live if not has_native_form(program, v)}
        self.level = self._levels()
        self.targets: dict[int, dict[Value, None]] = {}
        for value in outputs:
            self._want(value)
        for value in self.foreign:
            for argument in program.instructions[value].arguments:
                self._want(argument)

    def _levels(self) -> dict[Value, int]:
        """How many foreign operations in a row a value needs before it."""
        level: dict[Value, int] = {}
        for value in self.live:
            arguments = self.program.instructions[value].arguments
            level[value] = max((level[a] + (a in self.foreign) for a in arguments), default=0)
        return level

    def _want(self, value: Value) -> None:
        if value not in self.foreign and not isinstance(self.program.operation(value), Input):
            self.targets.setdefault(self.level[value], {})[value] = None

    def all(self) -> list[Stage]:
        """The stages; a single native one has the program itself, and its outputs."""
        if not self.foreign:
            names = tuple(name_of(self.program, value) for value in self.outputs)
            return [Native(self.program, (), self.outputs, names)]
        highest = max(self.level.values(), default=0)
        natives = {level: self._native(level) for level in range(highest, -1, -1)}
        found: list[Stage] = []
        for level in range(highest + 1):
            native = natives[level]
            if native is not None:
                found.append(native)
            for value in sorted(v for v in self.foreign if self.level[v] == level):
                instruction = self.program.instructions[value]
                names = tuple(name_of(self.program, a) for a in instruction.arguments)
                found.append(Foreign(instruction, names, name_of(self.program, value)))
        return found

    def _native(self, level: int) -> Native | None:
        """The stage of a level; stages after it have said what they want of it."""
        targets = sorted(self.targets.get(level, ()))
        if not targets:
            return None
        inner, given = self._inside(targets, level)
        part = Program()
        values: dict[Value, Value] = {}
        for value in sorted(inner | given):
            instruction = self.program.instructions[value]
            if value in given:
                operation = Input(name_of(self.program, value))
                values[value] = part.emit(operation, (), instruction.axes)
            else:
                arguments = [values[a] for a in instruction.arguments]
                values[value] = part.emit(instruction.operation, arguments, instruction.axes)
        return Native(
            part,
            tuple(name_of(self.program, value) for value in sorted(given)),
            tuple(values[value] for value in targets),
            tuple(name_of(self.program, value) for value in targets),
        )

    def _inside(self, targets: Sequence[Value], level: int) -> tuple[set[Value], set[Value]]:
        """What the stage computes, and what it is given."""
        inner: set[Value] = set()
        given: set[Value] = set()
        waiting = list(targets)
        while waiting:
            value = waiting.pop()
            if value in inner or value in given:
                continue
            operation = self.program.operation(value)
            handed = self.level[value] < level and not isinstance(operation, _AGAIN)
            if isinstance(operation, Input) or value in self.foreign or handed:
                given.add(value)
                self._want(value)
            else:
                inner.add(value)
                waiting.extend(self.program.instructions[value].arguments)
        return inner, given
