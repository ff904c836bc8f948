"""A program with known sizes as an expression for each entry of its outputs.

An array of expressions is an array of integers, their places in a graph; what only moves
entries is then done by NumPy itself, and 0 is zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import product as indices_of
from math import prod
from typing import Any

import numpy as np

from gradform.codegen.buffers.entrywise import Factor, Term, after_differences, product, total
from gradform.codegen.program.indices import Label, indices
from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Constant,
    Cumulate,
    Diagonal,
    Dot,
    Einsum,
    Embed,
    Gram,
    Identity,
    Input,
    LogAddExp,
    Matmul,
    Norm,
    Number,
    Operation,
    Outer,
    Pick,
    Position,
    Product,
    Range,
    Reduce,
    Reshape,
    Size,
    Spread,
    Take,
    Tensordot,
    Trace,
    Triangle,
    Triangular,
    View,
)
from gradform.codegen.program.straight_line import Instruction, Program, Value, live_values
from gradform.codegen.scalars.graph import Graph
from gradform.codegen.scalars.pad import EntryPad, each
from gradform.ir.dims import Dim
from gradform.ir.leaves import NUMBERS
from gradform.ir.nodes import Coefficient

__all__ = ["LANGUAGE", "Expansion", "expandable"]

LANGUAGE = "python"
_LEAVES = (Constant, Identity, Input, Number, Size, Triangle)
_MOVES = (Broadcast, Diagonal, Embed, Reshape, Spread, Take, Triangular, View)
_SUMS = (Dot, Einsum, Gram, Matmul, Outer, Reduce, Tensordot, Trace)
_ENTRYWISE = (Combine, LogAddExp, Product)
# The larger one, and what the smaller one adds to it.
_LOGADDEXP = "({0} if {0} >= {1} else {1}) + math.log1p(math.exp(-abs({0} - {1})))"


def expandable(operation: Operation) -> bool:
    """Whether the entries of a value can be written with floats."""
    if isinstance(operation, Call):
        return operation.function.elementwise and LANGUAGE in operation.function.spell
    return isinstance(operation, (*_LEAVES, *_MOVES, *_SUMS, *_ENTRYWISE, Cumulate, Norm))


class Expansion:
    """``inputs`` are the arrays of expressions of the variables."""

    def __init__(
        self, program: Program, sizes: Mapping[str, int], graph: Graph, inputs: Mapping[str, Any]
    ) -> None:
        self.program = program
        self.sizes = sizes
        self.graph = graph
        self.inputs = inputs
        self.pad = EntryPad(graph)
        self.found: dict[Value, Any] = {}

    def expand(self, outputs: Sequence[Value]) -> list[Any]:
        """The arrays of the outputs; raises TooLarge."""
        for value in live_values(self.program, outputs):
            self.found[value] = self._array(value)
        return [self.found[value] for value in outputs]

    def shape(self, axes: Sequence[Dim]) -> tuple[int, ...]:
        return tuple(axis.evaluate(self.sizes) for axis in axes)

    def _array(self, value: Value) -> Any:
        instruction = self.program.instructions[value]
        arrays = [self.found[argument] for argument in instruction.arguments]
        match instruction.operation:
            case Combine(coefficients):
                return self._combined(instruction, coefficients)
            case Product(coefficient, powers):
                return self._multiplied(instruction, coefficient, powers)
            case Call(function):
                template = function.spell[LANGUAGE]
                return each(lambda *entries: self.graph.call(template, entries), *arrays)
            case LogAddExp():
                return each(lambda *entries: self.graph.call(_LOGADDEXP, entries), *arrays)
            case Norm(axes):
                return self._norm(arrays[0], axes, self.shape(instruction.axes))
            case Cumulate(axis, backwards):
                return self._cumulated(arrays[0], axis, backwards)
            case operation if isinstance(operation, _SUMS):
                return self._summed(value, arrays)
            case operation if isinstance(operation, _LEAVES):
                return self._leaf(operation, self.shape(instruction.axes))
            case operation:
                return self._moved(operation, arrays[0], self.shape(instruction.axes))

    # ------------------------------------------------------------ arithmetic

    def _combined(self, instruction: Instruction, coefficients: Sequence[Coefficient]) -> Any:
        terms: list[Term] = []
        for coefficient, argument in zip(coefficients, instruction.arguments, strict=True):
            axes = self.program.axes(argument)
            operand = self.pad.operand(self.found[argument], full=axes == instruction.axes)
            terms.append((coefficient, operand, axes))
        last = after_differences([(c, own) for c, _, own in terms])
        found = total(self.pad, terms[:last], instruction.axes)
        if terms[last:]:
            found = total(self.pad, [(1, found, instruction.axes), *terms[last:]], instruction.axes)
        return self._whole(found.code, instruction)

    def _multiplied(
        self, instruction: Instruction, coefficient: Coefficient, powers: Sequence[Coefficient]
    ) -> Any:
        factors: list[Factor] = []
        for argument, power in zip(instruction.arguments, powers, strict=True):
            axes = self.program.axes(argument)
            operand = self.pad.operand(self.found[argument], full=axes == instruction.axes)
            factors.append((operand, power, axes))
        found = product(self.pad, coefficient, factors, instruction.axes)
        return self._whole(found.code, instruction)

    def _whole(self, code: str, instruction: Instruction) -> Any:
        found, shape = self.pad.arrays[code], self.shape(instruction.axes)
        return found if found.shape == shape else np.broadcast_to(found, shape)

    def _add(self, left: int, right: int) -> int:
        return self.graph.binary("add", left, right)

    def _norm(self, array: Any, axes: Sequence[int], shape: tuple[int, ...]) -> Any:
        kept = [k for k in range(array.ndim) if k not in axes]
        rows = array.transpose([*kept, *axes]).reshape(prod(shape), -1)
        places = ", ".join(f"{{{k}}}" for k in range(rows.shape[1]))
        norms = [self.graph.call(f"math.hypot({places})", row) for row in rows.tolist()]
        return np.array(norms, dtype=int).reshape(shape)

    def _cumulated(self, array: Any, axis: int, backwards: bool) -> Any:
        moved = np.moveaxis(array, axis, 0)
        steps = list(moved[::-1] if backwards else moved)
        for k in range(1, len(steps)):
            steps[k] = each(self._add, steps[k - 1], steps[k])
        return np.moveaxis(np.stack(steps[::-1] if backwards else steps), 0, axis)

    def _summed(self, value: Value, arrays: Sequence[Any]) -> Any:
        """``result[r…] = Σ Π argument[a…]``, in the order of the indices."""
        operands, result = self._labels(value)
        if len(arrays) < len(operands):
            arrays = [*arrays, *arrays]
        extents: dict[Label, int] = {}
        for own, array in zip(operands, arrays, strict=True):
            extents.update(zip(own, array.shape, strict=True))
        inner = [label for label in extents if label is not None and label not in result]
        found = np.zeros(self.shape(self.program.axes(value)), dtype=int)
        for place in np.ndindex(*found.shape):
            at: dict[Label, int] = dict(zip(result, place, strict=True))
            at[None] = 0
            for chosen in indices_of(*(range(extents[label]) for label in inner)):
                at.update(zip(inner, chosen, strict=True))
                factors = [
                    int(array[tuple(at[label] for label in own)])
                    for own, array in zip(operands, arrays, strict=True)
                ]
                found[place] = self._add(int(found[place]), reduce(self._times, factors))
        return found

    def _labels(self, value: Value) -> tuple[Sequence[Sequence[Label]], Sequence[Label]]:
        """Labels of the axes of the factors and of the result; None for axes of size one."""
        match self.program.operation(value):
            case Gram(0):
                return ((0, 1), (0, 2)), (1, 2)
            case Gram():
                return ((1, 0), (2, 0)), (1, 2)
            case _:
                found = indices(self.program, value)
                return found.arguments, found.result

    def _times(self, left: int, right: int) -> int:
        return self.graph.binary("multiply", left, right)

    # ------------------------------------------------------------ places

    def _leaf(self, operation: Operation, shape: Sequence[int]) -> Any:
        one = np.array(self.graph.number(1.0))
        match operation:
            case Input(name):
                return self.inputs[name]
            case Number():
                return self.pad.arrays[self.pad.number(operation.value).code]
            case Constant(name):
                return np.array(self.graph.number(NUMBERS[name]))
            case Size(size):
                return np.array(self.graph.number(float(size.evaluate(self.sizes))))
            case Identity(offset):
                return one * np.eye(shape[0], shape[1], offset.evaluate(self.sizes), dtype=int)
            case _:
                return one * np.tril(np.ones(shape, dtype=int))

    def _moved(self, operation: Operation, array: Any, shape: tuple[int, ...]) -> Any:
        match operation:
            case View(order):
                kept = array.transpose([k for k in order if k is not None])
                return kept[tuple(None if k is None else slice(None) for k in order)]
            case Take(picks):
                return array[tuple(map(self._pick, picks))]
            case Broadcast():
                return np.broadcast_to(array, shape)
            case Reshape():
                return array.reshape(shape)
            case Diagonal(first, second):
                return np.diagonal(array, 0, first, second)
            case Triangular(upper):
                return np.triu(array) if upper else np.tril(array)
            case Embed(axis, start):
                found = np.zeros(shape, dtype=int)
                first = start.evaluate(self.sizes)
                inside = slice(first, first + (array.shape[axis] if array.ndim else 1))
                found[(slice(None),) * axis + (inside,)] = array
                return found
            case Spread(pairs):
                return _spread(array, pairs, shape)
            case _:
                raise AssertionError(f"{operation} moves nothing")

    def _pick(self, pick: Pick) -> int | slice:
        match pick:
            case Position(index):
                return index.evaluate(self.sizes)
            case Range(start, length):
                first = start.evaluate(self.sizes)
                return slice(first, first + length.evaluate(self.sizes))
            case None:
                return slice(None)


def _spread(array: Any, pairs: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> Any:
    found = np.zeros(shape, dtype=int)
    twin = {second: first for first, second in pairs}
    kept = [axis for axis in range(len(shape)) if axis not in twin]
    sources = [_source(twin, axis) for axis in range(len(shape))]
    for place in np.ndindex(*array.shape):
        at = dict(zip(kept, place, strict=True))
        found[tuple(at[source] for source in sources)] = array[place]
    return found


def _source(twin: Mapping[int, int], axis: int) -> int:
    while axis in twin:
        axis = twin[axis]
    return axis
