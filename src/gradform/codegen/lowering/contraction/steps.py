"""Two items contracted into one, each pair in its cheapest form."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradform.codegen.lowering.contraction.entrywise import dense, multiply, plain
from gradform.codegen.lowering.contraction.network import Item, Kind, Label
from gradform.codegen.program.operations import (
    Cumulate,
    Dot,
    Einsum,
    Gram,
    Matmul,
    Solve,
    Tensordot,
    Trace,
    Triangular,
)
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import Dim
from gradform.records import record

__all__ = ["Goal", "Steps"]

_LETTERS = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"


@record
class Goal:
    """What a step is for.

    keep      labels to keep
    out       those of the whole product, in order
    last      whether the step ends it
    beside    labels of what the result will be multiplied with
    """

    keep: frozenset[Label]
    out: tuple[Label, ...]
    last: bool
    beside: tuple[tuple[Label, ...], ...] = ()

    def agreeing(self, pair: Sequence[Label]) -> bool:
        """Whether some array with both labels, to be multiplied entrywise, has this order."""
        if not self.out and len(self.beside) == 1:
            return False  # an inner product, perhaps of a matrix with itself
        orders = [[x for x in labels if x in pair] for labels in self.beside]
        return list(pair) in orders

    def misplaced(self, pair: Sequence[Label]) -> int:
        """How many labels of a matrix are outputs that stand on the wrong side."""
        if len(self.out) < 2:
            return 0
        return (pair[0] == self.out[-1]) + (pair[1] == self.out[0])


class Steps:
    """Emits single steps of contractions."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def join(self, left: Item, right: Item, goal: Goal) -> Item:
        """Two items as one; labels that are not kept are summed."""
        if left.kind is not Kind.ARRAY and right.kind is not Kind.ARRAY:
            right = dense(self.program, right)
        for item, other in ((left, right), (right, left)):
            found = self._structured(item, other, goal.keep)
            if found is not None:
                return found
        return self._joined(dense(self.program, left), dense(self.program, right), goal)

    def _joined(self, left: Item, right: Item, goal: Goal) -> Item:
        shared = [label for label in left.labels if label in right.labels]
        summed = [label for label in shared if label not in goal.keep]
        if not summed:
            target = goal.out if goal.last else _larger_first(left, right)
            return multiply(self.program, 1, [left, right], target)
        left, right = plain(self.program, left), plain(self.program, right)
        if len(summed) == len(shared):
            return self._product(left, right, summed, goal)
        if len(shared) == len(left.labels) == len(right.labels):
            both = multiply(self.program, 1, [left, right], left.labels)
            value = self.program.reduce(both.value, [both.labels.index(x) for x in summed])
            return Item(value, tuple(x for x in both.labels if x in goal.keep))
        return self._einsum(left, right, goal)

    def _product(self, left: Item, right: Item, summed: Sequence[Label], goal: Goal) -> Item:
        """No label of the result is in both: a product of vectors, matrices or tensors."""
        ranks = len(left.labels), len(right.labels)
        if len(summed) == 1:
            (link,) = summed
            if max(ranks) <= 2:
                return self._matmul(left, right, link, goal)
            if ranks[1] <= 2 and left.labels[-1] == right.labels[0] == link:
                return self._last_with_first(left, right)
        if ranks == (2, 2):
            left, right = sorted((left, right), key=lambda item: item.value)
            return Item(self.inner(left.value, self._laid_out(right, left.labels)), ())
        places = (
            tuple(left.labels.index(label) for label in summed),
            tuple(right.labels.index(label) for label in summed),
        )
        labels = tuple(x for x in (*left.labels, *right.labels) if x not in summed)
        axes = self._axes_of(labels, left, right)
        operation = Tensordot(*places)
        return Item(self.program.emit(operation, (left.value, right.value), axes), labels)

    def _last_with_first(self, left: Item, right: Item) -> Item:
        labels = (*left.labels[:-1], *right.labels[1:])
        axes = self._axes_of(labels, left, right)
        return Item(self.program.emit(Matmul(), (left.value, right.value), axes), labels)

    def _laid_out(self, item: Item, labels: Sequence[Label]) -> Value:
        return self.program.align(item.value, item.labels, labels)

    def _axes_of(self, labels: Sequence[Label], *items: Item) -> list[Dim]:
        sizes = {
            label: size
            for item in items
            for label, size in zip(item.labels, self.program.axes(item.value), strict=True)
        }
        return [sizes[label] for label in labels]

    def _matmul(self, left: Item, right: Item, link: Label, goal: Goal) -> Item:
        """``left @ right`` over one label, in the better of the two orientations."""
        if self._stands_second(left) < self._stands_second(right):
            left, right = right, left
        if self._is_square(left, right, link):
            return self._square(left, right, link)
        free = [[x for x in item.labels if x != link] for item in (left, right)]
        if free[0] and free[1] and self._better_turned(left, right, link, goal):
            left, right, free = right, left, free[::-1]
        first = self._laid_out(left, (*free[0], link))
        second = self._laid_out(right, (link, *free[1]))
        return self._last_with_first(Item(first, (*free[0], link)), Item(second, (link, *free[1])))

    def _is_square(self, left: Item, right: Item, link: Label) -> bool:
        """Whether a matrix is multiplied with itself: X' X or X X'."""
        same = left.value == right.value and left.value not in self.program.symmetric
        return (
            same and len(left.labels) == 2 and left.labels.index(link) == right.labels.index(link)
        )

    def _square(self, left: Item, right: Item, link: Label) -> Item:
        axis = left.labels.index(link)
        size = self.program.axes(left.value)[1 - axis]
        value = self.program.emit(Gram(axis), (left.value,), (size, size))
        self.program.symmetric.add(value)
        return Item(value, (left.labels[1 - axis], right.labels[1 - axis]))

    def _stands_second(self, item: Item) -> tuple[int, bool, int]:
        """The larger stands first: a matrix before a vector, of two vectors the simpler."""
        product = isinstance(self.program.operation(item.value), Matmul)
        return len(item.labels), not product, -item.value

    def _better_turned(self, left: Item, right: Item, link: Label, goal: Goal) -> bool:
        """Whether to make the transpose: by what is asked for, what it meets, the transposes."""
        pair = [next(x for x in item.labels if x != link) for item in (left, right)]
        if goal.last:
            return tuple(pair) != goal.out
        if goal.agreeing(pair) != goal.agreeing(pair[::-1]):
            return goal.agreeing(pair[::-1])
        gain = self._transposes(left, right, link) - self._transposes(right, left, link)
        # An output stands where it will be in the end, so that products form a chain.
        return gain > 0 or (gain == 0 and goal.misplaced(pair) > goal.misplaced(pair[::-1]))

    def _transposes(self, left: Item, right: Item, link: Label) -> int:
        turned = ((left, left.labels[0] == link), (right, right.labels[-1] == link))
        return sum(flag and item.value not in self.program.symmetric for item, flag in turned)

    def _einsum(self, left: Item, right: Item, goal: Goal) -> Item:
        every = dict.fromkeys((*left.labels, *right.labels))
        letters = dict(zip(every, _LETTERS, strict=False))
        labels = goal.out if goal.last else tuple(x for x in every if x in goal.keep)

        def spelled(part: Sequence[Label]) -> str:
            return "".join(letters[label] for label in part)

        operation = Einsum(spelled(left.labels), spelled(right.labels), spelled(labels))
        axes = self._axes_of(labels, left, right)
        return Item(self.program.emit(operation, (left.value, right.value), axes), labels)

    # ------------------------------------------------------------ inverses and triangles

    def _structured(self, item: Item, other: Item, keep: Collection[Label]) -> Item | None:
        """The step without writing the inverse or the triangle out, or None."""
        if item.kind is Kind.INVERSE:
            return self.solved(item, other, keep)
        if item.kind is Kind.LOWER:
            return self._cumulated(item, other, keep)
        return None

    def solved(self, item: Item, other: Item, keep: Collection[Label]) -> Item | None:
        """Σ_j inv(X)_ij B_j… = solve(X, B), and with X' for the other index."""
        link, free = _link(item, other, keep)
        if link is None or item.power != 1 or len(other.labels) > 2:
            return None
        if free in other.labels and free in keep:
            return None
        other = plain(self.program, other)
        matrix = item.value
        if link == item.labels[0]:
            matrix = self.program.view(matrix, (1, 0))
        rest = tuple(label for label in other.labels if label != link)
        side = self._laid_out(other, (link, *rest))
        value = self.program.emit(Solve(), (matrix, side), self.program.axes(side))
        if rest == (free,):
            return Item(self.program.emit(Trace(), (value,), ()), ())
        return Item(value, (free, *rest))

    def _cumulated(self, item: Item, other: Item, keep: Collection[Label]) -> Item | None:
        """Σ_j L_ij x_j: running sums, from the end for the other index."""
        row, column = item.labels
        if set(other.labels) == {row, column}:
            triangle = self.triangle(item, other)
            gone = [k for k, label in enumerate(triangle.labels) if label not in keep]
            labels = tuple(label for label in triangle.labels if label in keep)
            return Item(self.program.reduce(triangle.value, gone), labels)
        link, free = _link(item, other, keep)
        if link is None or free in other.labels:
            return None
        other = plain(self.program, other)
        operation = Cumulate(other.labels.index(link), backwards=link == row)
        value = self.program.emit(operation, (other.value,), self.program.axes(other.value))
        return Item(value, tuple(free if label == link else label for label in other.labels))

    def triangle(self, item: Item, other: Item) -> Item:
        """The triangle of ones times a matrix, entry by entry."""
        other = plain(self.program, other)
        operation = Triangular(upper=other.labels != item.labels)
        axes = self.program.axes(other.value)
        return Item(self.program.emit(operation, (other.value,), axes), other.labels)

    def inner(self, left: Value, right: Value) -> Value:
        """The sum of the entrywise product."""
        operation = Matmul() if len(self.program.axes(left)) == 1 else Dot()
        return self.program.emit(operation, (left, right), ())


def _link(item: Item, other: Item, keep: Collection[Label]) -> tuple[Label | None, Label]:
    """The label of a matrix that is summed with another item, and its other label.

    The column comes first: a solve with the matrix itself rather than its transpose.
    """
    row, column = item.labels
    for link, free in ((column, row), (row, column)):
        if link in other.labels and link not in keep:
            return link, free
    return None, row


def _larger_first(left: Item, right: Item) -> tuple[Label, ...]:
    if len(right.labels) > len(left.labels):
        left, right = right, left
    return (*left.labels, *(label for label in right.labels if label not in left.labels))
