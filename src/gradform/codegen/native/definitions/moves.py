"""Index maps of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from gradform.codegen.native.definitions.arrays import Affine, Move
from gradform.codegen.native.definitions.build import axis_alone
from gradform.codegen.program.operations import (
    Diagonal,
    Embed,
    Identity,
    Operation,
    Pick,
    Position,
    Range,
    Spread,
    Take,
    Triangle,
    Triangular,
    View,
)

__all__ = ["MAPS", "index_map"]

# Operations that are index maps; Identity and Triangle are of the number 1.
MAPS = (Diagonal, Embed, Identity, Spread, Take, Triangle, Triangular, View)


def index_map(
    operation: Operation, own: Sequence[int], shape: Sequence[int], sizes: Mapping[str, int]
) -> Move:
    """The map from indices of the result to those of the argument, which have these shapes."""
    axes = range(len(shape))
    match operation:
        case View(order):
            places = {k: axis for axis, k in enumerate(order) if k is not None}
            return Move(tuple(axis_alone(places[k]) for k in sorted(places)))
        case Take(picks):
            fresh = count()
            return Move(tuple(_picked(pick, fresh, sizes) for pick in picks))
        case Diagonal(first, second):
            kept = iter(axes)
            joint = len(shape) - 1
            places_ = [joint if k in (first, second) else next(kept) for k in range(len(own))]
            return Move(tuple(map(axis_alone, places_)))
        case Spread(pairs):
            seconds = {second for _, second in pairs}
            return Move(
                tuple(axis_alone(k) for k in axes if k not in seconds),
                equal=tuple(Affine(((a, 1), (b, -1))) for a, b in pairs),
            )
        case Embed(axis, start):
            return _embedded(axis, start.evaluate(sizes), own, len(shape))
        case Triangular(upper):
            row, column = axes[-2:]
            sign = 1 if upper else -1
            least = Affine(((column, sign), (row, -sign)))
            return Move(tuple(map(axis_alone, axes)), least=(least,))
        case Identity(offset):
            return Move((), equal=(Affine(((1, 1), (0, -1)), -offset.evaluate(sizes)),))
        case Triangle():
            return Move((), least=(Affine(((0, 1), (1, -1))),))
        case _:
            raise AssertionError(f"{operation} is no index map")


def _picked(pick: Pick, fresh: count[int], sizes: Mapping[str, int]) -> Affine:
    match pick:
        case Position(index):
            return Affine((), index.evaluate(sizes))
        case Range(start, _):
            return Affine(((next(fresh), 1),), start.evaluate(sizes))
        case None:
            return axis_alone(next(fresh))


def _embedded(axis: int, start: int, own: Sequence[int], rank: int) -> Move:
    """An argument without axes is a number, put at one position."""
    length = own[axis] if own else 1
    place = Affine(((axis, 1),), -start)
    indices = [axis_alone(k) for k in range(rank)] if own else []
    if length == 1:
        if own:
            indices[axis] = Affine()
        return Move(tuple(indices), equal=(place,))
    indices[axis] = place
    return Move(tuple(indices), least=(place, Affine(((axis, -1),), start + length - 1)))
