"""A program over a batch: some inputs have a further, leading axis.

A value has that axis when it depends on such an input; all others stay as they are and are
computed once. With x_b in place of x, f(x_b) is the program's own text with axes moved one
to the right wherever an operation allows it, and :class:`Each` where none does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gradform.codegen.passes.batched_products import BatchedProducts
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Cumulate,
    Diagonal,
    Each,
    Embed,
    Input,
    LogAddExp,
    LogSumExp,
    Norm,
    Operation,
    Product,
    Reduce,
    Reshape,
    Softmax,
    Spread,
    Take,
    Trace,
    Triangular,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values
from gradform.ir.dims import Dim, dim

__all__ = ["batch_size", "batched"]


def batch_size(taken: Collection[str]) -> Dim:
    """The length of the leading axis: a name that is not taken by another size."""
    name = "batch"
    while name in taken:
        name += "_"
    return dim(name)


def batched(
    program: Program, outputs: Sequence[Value], names: Collection[str], size: Dim
) -> tuple[Program, list[Value]]:
    """The program with an axis of length ``size`` in front of the inputs called ``names``.

    Every output has that axis; one that depends on no such input is repeated along it.
    """
    batching = _Batching(program, names, size)
    for value in live_values(program, outputs):
        batching.place(value)
    return batching.result, [batching.output(value) for value in outputs]


class _Batching:
    """The new program, and for each old value the new one and whether it has the axis."""

    def __init__(self, program: Program, names: Collection[str], size: Dim) -> None:
        self.program = program
        self.names = names
        self.size = size
        self.result = Program()
        self.products = BatchedProducts(self.result, size)
        self.values: dict[Value, Value] = {}
        self.stacked: set[Value] = set()

    def place(self, value: Value) -> None:
        instruction = self.program.instructions[value]
        arguments = instruction.arguments
        own = isinstance(instruction.operation, Input) and instruction.operation.name in self.names
        if own or not self.stacked.isdisjoint(arguments):
            self.stacked.add(value)
            self.values[value] = self._batched(instruction)
            return
        same = [self.values[argument] for argument in arguments]
        self.values[value] = self.result.emit(instruction.operation, same, instruction.axes)
        if value in self.program.symmetric:
            self.result.symmetric.add(self.values[value])

    def output(self, value: Value) -> Value:
        axes = (self.size, *self.program.axes(value))
        return self.result.broadcast(self.values[value], axes)

    def _batched(self, instruction: Instruction) -> Value:
        axes = (self.size, *instruction.axes)
        match instruction.operation:
            case Combine() | Product() | LogAddExp() | Broadcast() as operation:
                return self._entrywise(operation, instruction.arguments, axes)
            case Call(function) as operation if function.elementwise:
                return self._entrywise(operation, instruction.arguments, axes)
            case Trace():
                (value,) = self._of(instruction.arguments)
                both = self.result.axes(value)[:2]
                return self.result.reduce(self.result.emit(Diagonal(1, 2), (value,), both), (1,))
            case Embed(axis, start):
                (value,) = self._of(instruction.arguments)
                if not self.program.axes(instruction.arguments[0]):
                    value = self.result.view(value, (0, None))
                return self.result.emit(Embed(axis + 1, start), (value,), axes)
            case View(order):
                (value,) = self._of(instruction.arguments)
                return self.result.view(value, (0, *moved(order)))
            case operation:
                shifted = _shifted(operation)
                if shifted is not None:
                    return self.result.emit(shifted, self._of(instruction.arguments), axes)
                return self._product(instruction)

    def _of(self, arguments: Iterable[Value]) -> list[Value]:
        return [self.values[argument] for argument in arguments]

    def _entrywise(
        self, operation: Operation, arguments: Sequence[Value], axes: Sequence[Dim]
    ) -> Value:
        """Arguments that lack axes get them behind the leading one, so that all broadcast."""
        aligned = [self._aligned(argument, len(axes) - 1) for argument in arguments]
        return self.result.emit(operation, aligned, axes)

    def _aligned(self, argument: Value, rank: int) -> Value:
        own = len(self.program.axes(argument))
        value = self.values[argument]
        if argument not in self.stacked or own == rank:
            return value
        return self.result.view(value, (0, *[None] * (rank - own), *range(1, own + 1)))

    def _product(self, instruction: Instruction) -> Value:
        stacked = tuple(argument in self.stacked for argument in instruction.arguments)
        values = self._of(instruction.arguments)
        found = self.products.product(instruction, values, stacked)
        if found is not None:
            return found
        axes = (self.size, *instruction.axes)
        return self.result.emit(Each(instruction.operation, stacked), values, axes)


def moved(axes: Iterable[int | None]) -> tuple[int | None, ...]:
    """Axes one to the right; new ones stay new."""
    return tuple(None if axis is None else axis + 1 for axis in axes)


def _shifted(operation: Operation) -> Operation | None:
    """The operation of one argument with its axes one to the right, or None."""
    match operation:
        case Input() | Reshape() | Triangular():
            return operation
        case Reduce(axes):
            return Reduce(tuple(axis + 1 for axis in axes))
        case Norm(axes):
            return Norm(tuple(axis + 1 for axis in axes))
        case LogSumExp(axes):
            return LogSumExp(tuple(axis + 1 for axis in axes))
        case Softmax(axes):
            return Softmax(tuple(axis + 1 for axis in axes))
        case Take(picks):
            return Take((None, *picks))
        case Diagonal(first, second):
            return Diagonal(first + 1, second + 1)
        case Spread(pairs):
            return Spread(tuple((first + 1, second + 1) for first, second in pairs))
        case Cumulate(axis, backwards):
            return Cumulate(axis + 1, backwards)
        case _:
            return None
