"""A straight-line program: instructions in static single assignment form.

Equal instructions are one value, so common subexpressions are shared across outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TypeAlias, TypeVar

from gradform.codegen.program.operations import (
    Broadcast,
    Combine,
    Embed,
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
from gradform.records import record

__all__ = ["Arrangement", "Instruction", "Program", "Value", "live_values"]

Value: TypeAlias = int

# Python cannot compile one expression with thousands of terms.
LONGEST = 64

_T = TypeVar("_T")
_Key: TypeAlias = tuple[Operation, tuple[Value, ...], tuple[Dim, ...]]


@record
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


@record
class Instruction:
    """An operation on earlier values; ``axes`` is the shape of its result."""

    operation: Operation
    arguments: tuple[Value, ...]
    axes: tuple[Dim, ...]


class Program:
    """Instructions in order; a value is the position of its instruction.

    ``symmetric`` are matrices equal to their transposes, ``definite`` positive definite
    ones, ``nonnegative`` values without negative entries, as far as this is known.
    """

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.symmetric: set[Value] = set()
        self.definite: set[Value] = set()
        self.nonnegative: set[Value] = set()
        self._numbers: dict[_Key, Value] = {}

    def emit(self, operation: Operation, arguments: Sequence[Value], axes: Sequence[Dim]) -> Value:
        """The value of an instruction, which is appended unless an equal one exists."""
        key = operation, tuple(arguments), tuple(axes)
        value = self._numbers.get(key)
        if value is None:
            value = self._numbers[key] = len(self.instructions)
            self.instructions.append(Instruction(*key))
        return value

    def operation(self, value: Value) -> Operation:
        return self.instructions[value].operation

    def axes(self, value: Value) -> tuple[Dim, ...]:
        return self.instructions[value].axes

    def facts(self, other: Program) -> list[tuple[set[Value], set[Value]]]:
        """What is known of values here, beside the same of another program."""
        return [
            (self.symmetric, other.symmetric),
            (self.definite, other.definite),
            (self.nonnegative, other.nonnegative),
        ]

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
        return self.multiply(1, [(value, exponent)])

    def scale(self, coefficient: Coefficient, value: Value) -> Value:
        return self.multiply(coefficient, [(value, 1)])

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
                    factors = list(zip(instruction.arguments, powers, strict=True))
                    return coefficient, self.multiply(1, factors)
            case Outer():
                number, left = self.number_apart(instruction.arguments[0])
                if number == -1 and left is not None:
                    right = instruction.arguments[1]
                    return -1, self.emit(Outer(), (left, right), instruction.axes)
        return 1, value

    def combine(self, terms: Sequence[tuple[Coefficient, Value]]) -> Value:
        """``Σ coefficient · value`` with broadcasting, in parts when it is very long."""
        if len(terms) == 1:
            return self.scale(*terms[0])
        if len(terms) > LONGEST:
            parts = [(1, self.combine(part)) for part in _parts(terms)]
            return self.combine(parts)
        values = [value for _, value in terms]
        operation = Combine(tuple(coefficient for coefficient, _ in terms))
        return self.emit(operation, values, self._broadcast_axes(values))

    def multiply(
        self, coefficient: Coefficient, factors: Sequence[tuple[Value, Coefficient]]
    ) -> Value:
        """``coefficient · Π value ^ power`` with broadcasting, in parts when it is very long."""
        if coefficient == 1 and len(factors) == 1 and factors[0][1] == 1:
            return factors[0][0]
        if len(factors) > LONGEST:
            parts = [(self.multiply(1, part), 1) for part in _parts(factors)]
            return self.multiply(coefficient, parts)
        factors = _with_joint_powers(factors)
        values = [value for value, _ in factors]
        operation = Product(coefficient, tuple(power for _, power in factors))
        return self.emit(operation, values, self._broadcast_axes(values))

    def _broadcast_axes(self, values: Sequence[Value]) -> tuple[Dim, ...]:
        shapes = [self.axes(value)[::-1] for value in values]
        return tuple(
            next((size for size in sizes if size is not ONE), ONE)
            for sizes in zip_longest(*shapes, fillvalue=ONE)
        )[::-1]

    def gathered(
        self, terms: Sequence[tuple[Coefficient, Value]]
    ) -> list[tuple[Coefficient, Value]]:
        """Terms of a sum, with those that are zero outside the same place made one."""
        groups: dict[object, list[tuple[Coefficient, Value]]] = {}
        for coefficient, value in terms:
            instruction = self.instructions[value]
            key: object = value
            if isinstance(instruction.operation, Embed | Spread):
                inner = self.axes(instruction.arguments[0])
                key = (instruction.operation, instruction.axes, inner)
            groups.setdefault(key, []).append((coefficient, value))
        return [group[0] if len(group) == 1 else self._joint(group) for group in groups.values()]

    def _joint(self, group: Sequence[tuple[Coefficient, Value]]) -> tuple[Coefficient, Value]:
        outer = self.instructions[group[0][1]]
        inner = [(c, self.instructions[value].arguments[0]) for c, value in group]
        inner.sort(key=lambda term: (term[0] < 0, term[1]))
        return 1, self.emit(outer.operation, (self.combine(inner),), outer.axes)

    def broadcast(self, value: Value, axes: Sequence[Dim]) -> Value:
        """A value aligned with the last axes, repeated to the full shape."""
        if self.axes(value) == tuple(axes):
            return value
        return self.emit(Broadcast(), (value,), axes)

    def reshape(self, value: Value, axes: Sequence[Dim]) -> Value:
        if self.axes(value) == tuple(axes):
            return value
        return self.emit(Reshape(), (value,), axes)

    def embed(self, value: Value, axis: int, start: Dim, axes: Sequence[Dim]) -> Value:
        """Zeros of the shape ``axes`` with the value from ``start`` on along an axis.

        Of two axes the first is filled up last, so that what stands in the same rows can be
        joined.
        """
        instruction = self.instructions[value]
        inner = instruction.operation
        if isinstance(inner, Embed) and inner.axis < axis:
            (value,) = instruction.arguments
            inside = [*self.axes(value)]
            inside[axis] = axes[axis]
            value = self.embed(value, axis, start, inside)
            axis, start = inner.axis, inner.start
        return self.emit(Embed(axis, start), (value,), axes)

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


def live_values(program: Program, outputs: Iterable[Value]) -> list[Value]:
    """The values that the outputs need, in order."""
    needed = set(outputs)
    for value in range(len(program.instructions) - 1, -1, -1):
        if value in needed:
            needed.update(program.instructions[value].arguments)
    return sorted(needed)


def _with_joint_powers(
    factors: Sequence[tuple[Value, Coefficient]],
) -> Sequence[tuple[Value, Coefficient]]:
    """x · x² = x³, for whole powers of one sign: these exist wherever the factors do."""
    found: dict[tuple[Value, object], Coefficient] = {}
    for place, (value, power) in enumerate(factors):
        key = (value, power > 0 if isinstance(power, int) else ("alone", place))
        found[key] = found.get(key, 0) + power
    return [(value, power) for (value, _), power in found.items()]


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


def _parts(items: Sequence[_T]) -> list[Sequence[_T]]:
    return [items[k : k + LONGEST] for k in range(0, len(items), LONGEST)]
