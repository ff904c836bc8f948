"""Which axes run over the same rows, and what each array is to a class of such axes.

Two axes are one where an operation runs over both with one index. To a class an array is *by
rows* (it has the axis, and each row needs that row of others only), *fixed* or *accumulated* (a
sum over the rows). A pass over the rows computes what is by rows and adds what is accumulated;
``number`` of a pass counts from 0, and fixed arrays are computed before the pass of their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import prod
from string import ascii_letters

from gradform.codegen.native.definitions.arrays import (
    Argument,
    ByFactors,
    Contract,
    Extreme,
    Factored,
    Gemm,
    Kind,
    Move,
    Packed,
    Reshaped,
    Scan,
    Squares,
    Symmetric,
    Unpacked,
)
from gradform.codegen.native.storage.plan import Plan
from gradform.records import record

__all__ = ["Axis", "Passes", "best_class", "letters_of"]

Axis = tuple[int, int]


def letters_of(plan: Plan, array: int) -> tuple[list[str], str] | None:
    """Letters of the arguments and of the result, for sums over products and maxima."""
    definition = plan.arrays[array]
    match definition.kind:
        case Contract(parts, out):
            return list(parts), out
        case Extreme(axes) | Squares(axes):
            rank = len(plan.arrays[definition.arguments[0]].shape)
            names = ascii_letters[:rank]
            scales = ascii_letters[rank] if isinstance(definition.kind, Squares) else ""
            return [names], scales + "".join(x for k, x in enumerate(names) if k not in axes)
        case Gemm(batch, rows, summed, columns, turned):
            letters = iter(ascii_letters)
            b, r, s, c = (
                "".join(islice(letters, count)) for count in (batch, rows, summed, columns)
            )
            left = b + (s + r if turned[0] else r + s)
            right = b + (c + s if turned[1] else s + c)
            return [left, right], b + r + c
        case Symmetric(summed, turned):
            rank = len(definition.shape) // 2
            r, c, s = (
                ascii_letters[:rank],
                ascii_letters[rank : 2 * rank],
                ascii_letters[2 * rank : 2 * rank + summed],
            )
            weights = [s] * (len(definition.arguments) - 1)
            return [r + s if turned else s + r, *weights], r + c
        case _:
            return None


class _Classes:
    """Classes of axes: a forest in which each class has one root."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.parent: dict[Axis, Axis] = {}
        for array in plan.live:
            for one, other in _joined(plan, array):
                self.parent[self.root(one)] = self.root(other)

    def root(self, axis: Axis) -> Axis:
        while axis in self.parent and self.parent[axis] != axis:
            axis = self.parent[axis]
        return axis

    def groups(self) -> dict[Axis, dict[int, int]]:
        """For each class the axis of each array; classes with two axes of one are left out."""
        found: dict[Axis, dict[int, int]] = {}
        crossed: set[Axis] = set()
        for array in self.plan.live:
            for k in range(len(self.plan.arrays[array].shape)):
                root = self.root((array, k))
                own = found.setdefault(root, {})
                if array in own:
                    crossed.add(root)
                own[array] = k
        return {root: own for root, own in found.items() if root not in crossed}


def _joined(plan: Plan, array: int) -> Iterator[tuple[Axis, Axis]]:
    """Pairs of axes, of an array and of its arguments, that have one index."""
    definition = plan.arrays[array]
    match definition.kind:
        case Move(indices):
            (argument,) = definition.arguments
            own = plan.arrays[argument].shape
            for k, index in enumerate(indices):
                axis = index.axis
                if axis is not None and definition.shape[axis] == own[k]:
                    yield (argument, k), (array, axis)
        case Reshaped():
            (argument,) = definition.arguments
            pairs = zip(plan.arrays[argument].shape, definition.shape, strict=False)
            for k, (one, other) in enumerate(pairs):
                if one != other:
                    break
                yield (argument, k), (array, k)
        case Scan(axis):
            for k in range(len(definition.shape)):
                if k != axis:
                    yield (definition.arguments[0], k), (array, k)
        case Packed():
            for k in range(len(definition.shape) - 1):
                yield (definition.arguments[0], k), (array, k)
        case Factored() | ByFactors() | Unpacked() | Argument():
            return
        case _:
            yield from _joined_by_letters(plan, array)


def _joined_by_letters(plan: Plan, array: int) -> Iterator[tuple[Axis, Axis]]:
    definition = plan.arrays[array]
    found = letters_of(plan, array)
    if found is None:
        for argument in definition.arguments:
            for k in range(len(plan.arrays[argument].shape)):
                yield (argument, k), (array, k)
        return
    inputs, out = found
    first: dict[str, Axis] = {letter: (array, k) for k, letter in enumerate(out)}
    for argument, names in zip(definition.arguments, inputs, strict=True):
        for k, letter in enumerate(names):
            yield (argument, k), first.setdefault(letter, (argument, k))
    if isinstance(definition.kind, Symmetric):
        # Rows and columns of the result are one axis of the argument.
        for k in range(len(out) // 2):
            yield (array, k), (array, len(out) // 2 + k)


@record
class Passes:
    """What each array is to one class of axes of ``size`` rows.

    axis     of the arrays that have one
    rows     arrays by rows, accumulated ones: the number of the pass that makes them
    fixed    other arrays: the number of the pass before which they can be computed
    """

    size: int
    axis: dict[int, int]
    rows: dict[int, int]
    fixed: dict[int, int]

    @staticmethod
    def over(plan: Plan, axis: dict[int, int], size: int) -> Passes:
        rows: dict[int, int] = {}
        fixed: dict[int, int] = {}
        for array in plan.live:
            kind = plan.arrays[array].kind
            arguments = plan.arrays[array].arguments
            aligned = all(_aligned(plan, array, a, axis) for a in arguments if a in axis)
            needs = [_after(a, axis, rows, fixed, aligned) for a in arguments]
            number = max(needs, default=0)
            summed = letters_of(plan, array) is not None and any(a in axis for a in arguments)
            if aligned and (array in axis or summed) and not _needs_all_rows(kind, axis.get(array)):
                rows[array] = number
            else:
                fixed[array] = number
        return Passes(size, axis, rows, fixed)

    def accumulated(self, array: int) -> bool:
        return array in self.rows and array not in self.axis


def _needs_all_rows(kind: Kind, axis: int | None) -> bool:
    """Whether rows along that axis of the result are not made one by one."""
    if isinstance(kind, Scan):
        return kind.axis == axis
    return isinstance(kind, Factored | ByFactors | Unpacked)


def _after(
    argument: int, axis: dict[int, int], rows: dict[int, int], fixed: dict[int, int], aligned: bool
) -> int:
    """The first pass in which the argument can be used; by rows, within its own pass."""
    if argument in rows:
        return rows[argument] + (0 if aligned and argument in axis else 1)
    return fixed[argument]


def _aligned(plan: Plan, array: int, argument: int, axis: dict[int, int]) -> bool:
    """Whether one row of the array needs only that row of the argument."""
    definition = plan.arrays[array]
    place = axis[argument]
    match definition.kind:
        case Move(indices):
            return array in axis and indices[place].axis == axis[array]
        case Reshaped():
            before = plan.arrays[argument].shape[:place]
            return axis.get(array) == place and definition.shape[:place] == before
        case Scan(along):
            return place != along and axis.get(array) == place
        case Packed():
            return array in axis and place == axis[array] < len(definition.shape) - 1
        case Factored() | ByFactors() | Unpacked():
            return False
        case Gemm() | Symmetric():
            return _leads(plan, array, argument, place)
        case _:
            return True


def _leads(plan: Plan, array: int, argument: int, place: int) -> bool:
    """Whether rows are a block of a matrix: the axis comes first in its group."""
    kind = plan.arrays[array].kind
    rank = len(plan.arrays[argument].shape)
    match kind:
        case Symmetric(summed, turned):
            second = rank - summed if turned else summed
            return place in (0, second) and rank > summed
        case Gemm(batch, rows, summed, _, turned):
            first = argument == plan.arrays[array].arguments[0]
            leading = (
                (summed if turned[0] else rows)
                if first
                else (rank - batch - summed if turned[1] else summed)
            )
            return place < batch or place in (batch, batch + leading)
        case _:
            return True


def best_class(plan: Plan) -> Passes | None:
    """The class whose rows carry most memory, if there is any that is worth passes."""
    best: tuple[int, dict[int, int], int] | None = None
    for own in _Classes(plan).groups().values():
        size = max(plan.arrays[array].shape[k] for array, k in own.items())
        held = [a for a in own if plan.is_held(a)]
        # Blocks of the first axis lie together in memory.
        weight = sum(plan.arrays[a].size * (1 if own[a] else 4) for a in held)
        if len(held) > 1 and (best is None or weight > best[0]):
            best = weight, own, size
    return None if best is None else Passes.over(plan, best[1], best[2])


def row_entries(plan: Plan, arrays: Iterable[int], axis: dict[int, int]) -> int:
    """How many entries one row of the arrays has together."""
    return sum(
        prod(size for k, size in enumerate(plan.arrays[a].shape) if k != axis[a]) for a in arrays
    )
