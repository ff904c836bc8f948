"""Over which indices an instruction runs.

Every operation is written as ``result[r…] = Σ f(arguments[a…])`` with a label for each axis:
a label that the result has is free, the others are summed. Two axes with one label run
together. ``A @ x`` is ``(ik, k → i)``, a Hadamard product ``(ij, ij → ij)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, takewhile
from typing import TypeAlias

from gradform.codegen.program.operations import (
    Broadcast,
    Call,
    Combine,
    Cumulate,
    Diagonal,
    Dot,
    Each,
    Einsum,
    Embed,
    FactorSolve,
    Gram,
    Input,
    LogAddExp,
    LogSumExp,
    Matmul,
    Norm,
    Operation,
    Outer,
    Pick,
    Product,
    Range,
    Reduce,
    Reshape,
    Softmax,
    Solve,
    Spread,
    Take,
    Tensordot,
    Trace,
    View,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import ONE, Dim
from gradform.records import record

__all__ = ["Indices", "Label", "indices"]

Label: TypeAlias = "int | None"
Labels: TypeAlias = tuple[Label, ...]


@record
class Indices:
    """Labels of the axes of the arguments and of the result; None for axes of size one.

    mixed       labels along which an entry needs, or is, more than the entry of the same
                index: sorted, accumulated, solved for, placed
    """

    arguments: tuple[Labels, ...]
    result: Labels
    mixed: frozenset[int] = frozenset()

    @property
    def labels(self) -> frozenset[int]:
        """All labels."""
        every = {label for axes in (*self.arguments, self.result) for label in axes}
        return frozenset(label for label in every if label is not None)


def indices(program: Program, value: Value) -> Indices:
    """The labels of an instruction.

    An operation that is not described here mixes all its axes, which is always true.
    """
    instruction = program.instructions[value]
    shapes = [program.axes(argument) for argument in instruction.arguments]
    found = _described(instruction.operation, shapes, instruction.axes)
    arguments = tuple(map(_without_ones, found.arguments, shapes))
    return Indices(arguments, _without_ones(found.result, instruction.axes), found.mixed)


def _without_ones(labels: Labels, axes: Sequence[Dim]) -> Labels:
    return tuple(None if axis is ONE else k for k, axis in zip(labels, axes, strict=True))


def _described(
    operation: Operation, shapes: Sequence[Sequence[Dim]], axes: Sequence[Dim]
) -> Indices:
    ranks = [len(shape) for shape in shapes]
    rank = len(axes)
    match operation:
        case Input():
            return Indices((), _first(rank))
        case Combine() | Product() | LogAddExp() | Broadcast():
            return _entrywise(ranks, rank)
        case Call(function) if function.elementwise:
            return _entrywise(ranks, rank)
        case Matmul() | Gram() | Dot() | Outer() | Tensordot() | Einsum():
            return _product(operation, ranks)
        case Reduce(summed) | Norm(summed) | LogSumExp(summed):
            return Indices((_first(ranks[0]),), _without(ranks[0], summed))
        case Softmax() | Cumulate():
            return Indices((_first(rank),), _first(rank), _running(operation))
        case View() | Diagonal() | Trace() | Spread():
            return _rearranged(operation, ranks[0], rank)
        case Take() | Embed():
            return _placed(operation, ranks[0], rank)
        case Reshape():
            return _reshaped(shapes[0], axes)
        case Each(inner, stacked):
            return _stacked(inner, stacked, shapes, axes)
        case Solve() | FactorSolve():
            right = (2, *range(4, 3 + ranks[1]))
            return Indices(((0, 1), right), (3, *right[1:]), frozenset(range(4)))
        case _:
            return _mixed(ranks, rank)


def _first(count: int) -> Labels:
    return tuple(range(count))


def _without(rank: int, gone: Sequence[int]) -> Labels:
    return tuple(k for k in range(rank) if k not in gone)


def _entrywise(ranks: Sequence[int], rank: int) -> Indices:
    """Arguments are aligned with the last axes of the result."""
    return Indices(tuple(tuple(range(rank - own, rank)) for own in ranks), _first(rank))


def _mixed(ranks: Sequence[int], rank: int) -> Indices:
    """Every axis has a label of its own and is mixed with all others."""
    fresh = count()
    arguments = tuple(tuple(next(fresh) for _ in range(own)) for own in ranks)
    result = tuple(next(fresh) for _ in range(rank))
    return Indices(arguments, result, frozenset(range(next(fresh))))


def _product(
    operation: Matmul | Gram | Dot | Outer | Tensordot | Einsum, ranks: Sequence[int]
) -> Indices:
    match operation:
        case Einsum(left, right, result):
            words = (tuple(map(ord, word)) for word in (left, right, result))
            first, second, out = words
            return Indices((first, second), out)
        case Tensordot(left, right):
            return _contracted(ranks, left, right)
        case Matmul():
            return _contracted(ranks, (ranks[0] - 1,), (0,))
        case Gram(axis) if len(ranks) == 1:
            return Indices(((0, 1),), (1 - axis, 1 - axis))
        case Gram(axis):
            return _contracted(ranks, (axis,), (axis,))
        case Dot():
            return _contracted(ranks, _range(ranks[0]), _range(ranks[0]))
        case Outer():
            return _contracted(ranks, (), ())


def _stacked(
    operation: Operation,
    stacked: Sequence[bool],
    shapes: Sequence[Sequence[Dim]],
    axes: Sequence[Dim],
) -> Indices:
    """One more label for the leading axis of the result and of what is stacked."""
    own = [shape[leads:] for shape, leads in zip(shapes, stacked, strict=True)]
    inner = _described(operation, own, axes[1:])
    joint = max(inner.labels, default=-1) + 1
    pairs = zip(inner.arguments, stacked, strict=True)
    arguments = tuple((joint, *labels) if leads else labels for labels, leads in pairs)
    return Indices(arguments, (joint, *inner.result), inner.mixed)


def _range(count: int) -> tuple[int, ...]:
    return tuple(range(count))


def _contracted(ranks: Sequence[int], left: Sequence[int], right: Sequence[int]) -> Indices:
    """Axes ``left`` of the first run with axes ``right`` of the second and are summed."""
    summed = dict(zip(right, left, strict=True))
    second = tuple(summed.get(k, ranks[0] + k) for k in range(ranks[1]))
    result = (*_without(ranks[0], left), *(label for label in second if label >= ranks[0]))
    return Indices((_first(ranks[0]), second), result)


def _running(operation: Softmax | Cumulate) -> frozenset[int]:
    """The axes along which sums are taken that all entries see."""
    return frozenset(operation.axes if isinstance(operation, Softmax) else (operation.axis,))


def _rearranged(operation: View | Diagonal | Trace | Spread, inner: int, rank: int) -> Indices:
    """Diagonals have one label at two axes, of the argument or of the result."""
    match operation:
        case View(order):
            return Indices((_first(inner),), order)
        case Trace():
            return Indices(((0, 0),), ())
        case Diagonal(first, second):
            joint = tuple(first if k == second else k for k in range(inner))
            return Indices((joint,), (*_without(inner, (first, second)), first))
        case Spread(pairs):
            twin = {second: first for first, second in pairs}
            own = _without(rank, list(twin))
            return Indices((own,), tuple(_source(twin, k) for k in range(rank)))


def _source(twin: dict[int, int], axis: int) -> int:
    while axis in twin:
        axis = twin[axis]
    return axis


def _placed(operation: Take | Embed, inner: int, rank: int) -> Indices:
    """A part of an axis, taken or put elsewhere, is mixed."""
    match operation:
        case Take(picks):
            return _taken(picks)
        case Embed(axis, _):
            apart = tuple(rank if k == axis else k for k in range(rank))
            return Indices((apart[rank - inner :],), _first(rank), frozenset([axis, rank]))


def _taken(picks: Sequence[Pick]) -> Indices:
    """Axes that are kept whole run along; what is picked of the others is mixed."""
    mixed = {k for k, pick in enumerate(picks) if pick is not None}
    fresh = count(len(picks))
    result: list[int] = []
    for k, pick in enumerate(picks):
        if pick is None:
            result.append(k)
        elif isinstance(pick, Range):
            result.append(next(fresh))
            mixed.add(result[-1])
    return Indices((_first(len(picks)),), tuple(result), frozenset(mixed))


def _reshaped(before: Sequence[Dim], after: Sequence[Dim]) -> Indices:
    """Axes in front of what is joined or parted, and behind it, stay."""
    old = [k for k, axis in enumerate(before) if axis is not ONE]
    new = [k for k, axis in enumerate(after) if axis is not ONE]
    front = _equal([before[k] for k in old], [after[k] for k in new])
    back = _equal([before[k] for k in old[front:][::-1]], [after[k] for k in new[front:][::-1]])
    kept = dict(zip(new[:front], old[:front], strict=True))
    kept |= dict(zip(new[len(new) - back :], old[len(old) - back :], strict=True))
    result = tuple(kept.get(k, len(before) + k) for k in range(len(after)))
    stay = frozenset(kept.values())
    every = frozenset((*range(len(before)), *result))
    return Indices((_first(len(before)),), result, every - stay)


def _equal(left: Sequence[Dim], right: Sequence[Dim]) -> int:
    """How many first elements agree."""
    pairs = zip(left, right, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
