"""A straight-line program: instructions in static single assignment form.

Equal instructions are one value, so common subexpressions are shared across outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gradform.codegen.operations import (
    Broadcast,
    Identity,
    Number,
    Operation,
    Outer,
    Position,
    Product,
    Range,
    Reduce,
    Reshape,
    Spread,
    Take,
    View,
)
from gradform.ir.dims import ONE, ZERO_DIM, Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Arrangement", "Instruction", "Program", "Value"]

Value: TypeAlias = int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How an output array is made of the neutral tensor.

    Axis k of the array is axis ``axes[k]`` of the tensor; then the entries are read, last
    axis fastest, into ``shape`` when that is given.
    """

    axes: tuple[int, ...]
    shape: tuple[Dim, ...] | None = None

    @staticmethod
    def neutral(rank: int) -> Arrangement:
        """The tensor as it is."""
        return Arrangement(tuple(range(rank)))


@dataclass(frozen=True, slots=True)
class Instruction:
    """An operation on earlier values; ``axes`` is the shape of its result."""

    operation: Operation
    arguments: tuple[Value, ...]
    axes: tuple[Dim, ...]


class Program:
    """Instructions in order; a value is the position of its instruction."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.symmetric: set[Value] = set()
        self._numbers: dict[Instruction, Value] = {}

    def emit(self, operation: Operation, arguments: Sequence[Value], axes: Sequence[Dim]) -> Value:
        """The value of an instruction, which is appended unless an equal one exists."""
        instruction = Instruction(operation, tuple(arguments), tuple(axes))
        value = self._numbers.get(instruction)
        if value is None:
            value = len(self.instructions)
            self.instructions.append(instruction)
            self._numbers[instruction] = value
        return value

    def operation(self, value: Value) -> Operation:
        return self.instructions[value].operation

    def axes(self, value: Value) -> tuple[Dim, ...]:
        return self.instructions[value].axes

    # ------------------------------------------------------------ building blocks

    def number(self, value: Coefficient) -> Value:
        return self.emit(Number(value), (), ())

    def identity(self, n: Dim) -> Value:
        return self.emit(Identity(ZERO_DIM), (), (n, n))

    def view(self, value: Value, order: Sequence[int | None]) -> Value:
        """Axes permuted, with new axes of size one where ``order`` says None."""
        order = tuple(order)
        axes = self.axes(value)
        if order == tuple(range(len(axes))) or (order == (1, 0) and value in self.symmetric):
            return value
        inner = self.operation(value)
        if isinstance(inner, View):
            composed = [None if k is None else inner.order[k] for k in order]
            return self.view(self.instructions[value].arguments[0], composed)
        shape = [ONE if k is None else axes[k] for k in order]
        return self.emit(View(order), (value,), shape)

    def align(self, value: Value, have: Sequence[int], want: Sequence[int]) -> Value:
        """A value with axes labelled ``have``, laid out to broadcast against ``want``."""
        order = [have.index(label) if label in have else None for label in want]
        while order and order[0] is None:
            del order[0]
        return self.view(value, order)

    def take(self, value: Value, axis: int, pick: Position | Range) -> Value:
        """One index, or a run of indices, of an axis."""
        picks: list[Position | Range | None] = [None] * len(self.axes(value))
        picks[axis] = pick
        inner = self.operation(value)
        if isinstance(inner, Take):
            picks = _composed(inner, axis, pick)
            value = self.instructions[value].arguments[0]
        shape: list[Dim] = []
        for size, chosen in zip(self.axes(value), picks, strict=True):
            if not isinstance(chosen, Position):
                shape.append(size if chosen is None else chosen.length)
        return self.emit(Take(tuple(picks)), (value,), shape)

    def reduce(self, value: Value, axes: Sequence[int]) -> Value:
        """The sum over some axes."""
        if not axes:
            return value
        shape = [size for k, size in enumerate(self.axes(value)) if k not in axes]
        return self.emit(Reduce(tuple(axes)), (value,), shape)

    def power(self, value: Value, exponent: Coefficient) -> Value:
        """Entrywise power."""
        if exponent == 1:
            return value
        return self.emit(Product(1, (exponent,)), (value,), self.axes(value))

    def scale(self, coefficient: Coefficient, value: Value) -> Value:
        if coefficient == 1:
            return value
        return self.emit(Product(coefficient, (1,)), (value,), self.axes(value))

    def number_apart(self, value: Value) -> tuple[Coefficient, Value | None]:
        """(c, v) with value = c·v where that saves work later; v is None for a constant.

        Signs of arrays, and any factor of a scalar, are better applied further out.
        """
        instruction = self.instructions[value]
        match instruction.operation:
            case Number(number):
                return number, None
            case Product(coefficient, powers) if coefficient != 1:
                if powers == (1,) and (coefficient == -1 or not instruction.axes):
                    return coefficient, instruction.arguments[0]
                if not instruction.axes:
                    return coefficient, self.emit(Product(1, powers), instruction.arguments, ())
            case Outer():
                number, left = self.number_apart(instruction.arguments[0])
                if number == -1 and left is not None:
                    right = instruction.arguments[1]
                    return -1, self.emit(Outer(), (left, right), instruction.axes)
        return 1, value

    def broadcast(self, value: Value, axes: Sequence[Dim]) -> Value:
        """A value aligned with the last axes, repeated to the full shape."""
        if self.axes(value) == tuple(axes):
            return value
        return self.emit(Broadcast(), (value,), axes)

    def reshape(self, value: Value, axes: Sequence[Dim]) -> Value:
        if self.axes(value) == tuple(axes):
            return value
        return self.emit(Reshape(), (value,), axes)

    def spread(self, value: Value, first: int, second: int) -> Value:
        """Zeros with the value where the indices at ``first`` and the new ``second`` agree."""
        axes = list(self.axes(value))
        axes.insert(second, axes[first])
        inner = self.operation(value)
        pairs = [(first, second)]
        if isinstance(inner, Spread):
            value = self.instructions[value].arguments[0]
            moved = [(a + (a >= second), b + (b >= second)) for a, b in inner.pairs]
            pairs = sorted([*moved, *pairs], key=lambda pair: pair[1])
        return self.emit(Spread(tuple(pairs)), (value,), axes)


def _composed(inner: Take, axis: int, pick: Position | Range) -> list[Position | Range | None]:
    """The picks of an inner indexing with one more on an axis of its result."""
    picks = list(inner.picks)
    left = [k for k, chosen in enumerate(picks) if not isinstance(chosen, Position)]
    chosen = picks[left[axis]]
    start = chosen.start if isinstance(chosen, Range) else ZERO_DIM
    if isinstance(pick, Position):
        picks[left[axis]] = Position(start + pick.index)
    else:
        picks[left[axis]] = Range(start + pick.start, pick.length)
    return picks
