"""Contraction of items without structured leaves: each step in its cheapest form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gradform.codegen.network import Item, Kind, Label
from gradform.codegen.operations import (
    Cumulate,
    Diagonal,
    Dot,
    Einsum,
    Matmul,
    Size,
    Solve,
    Tensordot,
    Trace,
    Triangular,
)
from gradform.codegen.plan import EXHAUSTIVE_LIMIT, Join, contraction_order
from gradform.codegen.products import dense, multiply, plain
from gradform.codegen.program import Program, Value
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Contractor"]

_Signature: TypeAlias = tuple[object, ...]
_LETTERS = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"


@dataclass(frozen=True, slots=True)
class _Goal:
    """What a step is for: labels to keep, those of the whole product in order, if it ends."""

    keep: frozenset[Label]
    out: tuple[Label, ...]
    last: bool

    def misplaced(self, pair: Sequence[Label]) -> int:
        """How many labels of a matrix are outputs that stand on the wrong side."""
        if len(self.out) < 2:
            return 0
        return (pair[0] == self.out[-1]) + (pair[1] == self.out[0])


class Contractor:
    """Emits contractions, and remembers them so that later ones reuse their parts."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[_Signature, tuple[Value, tuple[int, ...]]] = {}

    def contract(
        self,
        coefficient: Coefficient,
        items: Sequence[Item],
        out: Sequence[Label],
        dims: Mapping[Label, Dim],
    ) -> Item:
        """``coefficient · Σ Π items`` with those labels of ``out`` that items have."""
        items = [item for item in items if item.kind is not Kind.LOWER or len(set(item.labels)) > 1]
        uses = Counter(label for item in items for label in set(item.labels))
        uses.update(out)
        items = [self._without_repeats(item, uses) for item in items]
        items += [Item(self.size(dims[label]), ()) for label in dims if not uses[label]]
        items = [self._reduced(item, uses) for item in items]
        parts = [self._component(group, out, dims) for group in _components(items, out)]
        return multiply(self.program, coefficient, parts, out)

    def size(self, size: Dim) -> Value:
        """A dimension as a number; what summing over a label that nothing carries gives."""
        if size.value is not None:
            return self.program.number(size.value)
        return self.program.emit(Size(size), (), ())

    # ------------------------------------------------------------ single items

    def _without_repeats(self, item: Item, uses: Counter[Label]) -> Item:
        """Take diagonals until every label occurs once; Σ_i A_ii is a trace."""
        while len(set(item.labels)) < len(item.labels):
            item = dense(self.program, item)
            first, second, label = _repeated(item.labels)
            axes = self.program.axes(item.value)
            if len(axes) == 2 and uses[label] == 1 and item.power == 1:
                return Item(self.program.emit(Trace(), (item.value,), ()), ())
            rest = [k for k in range(len(axes)) if k not in (first, second)]
            value = self.program.emit(
                Diagonal(first, second), (item.value,), [*(axes[k] for k in rest), axes[first]]
            )
            item = Item(value, (*(item.labels[k] for k in rest), label), item.power)
        return item

    def _reduced(self, item: Item, uses: Counter[Label]) -> Item:
        """Sum over labels that only this item has."""
        private = [label for label in item.labels if uses[label] == 1]
        if not private:
            return item
        if item.kind is Kind.INVERSE and item.power == 1:
            item = self._inverse_of_ones(item, private.pop())
        if item.power == 2 and item.kind is Kind.ARRAY and len(private) == len(item.labels):
            return Item(self._inner(item.value, item.value), ())
        item = plain(self.program, item)
        value = self.program.reduce(item.value, [item.labels.index(label) for label in private])
        return Item(value, tuple(label for label in item.labels if label not in private))

    def _inverse_of_ones(self, item: Item, label: Label) -> Item:
        """Σ_j inv(X)_ij = solve(X, 1)."""
        n = self.program.axes(item.value)[0]
        ones = Item(self.program.broadcast(self.program.number(1), (n,)), (label,))
        found = self._solved(item, ones, ())
        assert found is not None, "a vector of ones is a right-hand side"
        return found

    def _inner(self, left: Value, right: Value) -> Value:
        """The sum of the entrywise product."""
        operation = Matmul() if len(self.program.axes(left)) == 1 else Dot()
        return self.program.emit(operation, (left, right), ())

    # ------------------------------------------------------------ connected items

    def _component(
        self, items: Sequence[Item], out: Sequence[Label], dims: Mapping[Label, Dim]
    ) -> Item:
        """Items connected by summed labels, contracted in the planned order."""
        if len(items) == 1:
            return items[0]
        if len(items) > EXHAUSTIVE_LIMIT:
            items = self._merge_equal_labels(items)
        every = frozenset(range(len(items)))
        wanted = tuple(x for x in out if any(x in item.labels for item in items))

        def signature(members: frozenset[int]) -> tuple[_Signature, dict[Label, int]]:
            return _signature(items, members, every, out)

        live = dict(enumerate(items))
        order = contraction_order(items, out, dims, lambda m: signature(m)[0] in self._known)
        for number, step in enumerate(order, len(items)):
            if isinstance(step, Join):
                left, right = live.pop(step.left), live.pop(step.right)
                keep = {x for item in live.values() for x in item.labels}.union(out)
                found = self._step(left, right, _Goal(frozenset(keep), wanted, not live))
                if step.members:
                    self._remember(signature(step.members), found)
            else:
                for k in step.members:
                    del live[k]
                found = self._recall(signature(step.members))
            live[number] = found
        (result,) = live.values()
        return result

    def _remember(self, signature: tuple[_Signature, dict[Label, int]], found: Item) -> None:
        key, names = signature
        self._known[key] = (found.value, tuple(names[label] for label in found.labels))

    def _recall(self, signature: tuple[_Signature, dict[Label, int]]) -> Item:
        key, names = signature
        value, places = self._known[key]
        label_of = {place: label for label, place in names.items()}
        return Item(value, tuple(label_of[place] for place in places))

    def _merge_equal_labels(self, items: Sequence[Item]) -> list[Item]:
        """Of several items with the same labels all but one are multiplied entrywise."""
        groups: dict[frozenset[Label], list[Item]] = {}
        for item in items:
            groups.setdefault(frozenset(item.labels), []).append(item)
        merged: list[Item] = []
        for group in groups.values():
            if len(group) > 2:
                group = [multiply(self.program, 1, group[:-1], group[0].labels), group[-1]]
            merged.extend(group)
        return merged

    def _step(self, left: Item, right: Item, goal: _Goal) -> Item:
        """Two items as one; labels that are not kept are summed."""
        if left.kind is not Kind.ARRAY and right.kind is not Kind.ARRAY:
            right = dense(self.program, right)
        for item, other in ((left, right), (right, left)):
            found = self._structured(item, other, goal.keep)
            if found is not None:
                return found
        return self._joined(dense(self.program, left), dense(self.program, right), goal)

    def _joined(self, left: Item, right: Item, goal: _Goal) -> Item:
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

    def _product(self, left: Item, right: Item, summed: Sequence[Label], goal: _Goal) -> Item:
        """No label of the result is in both: a product of vectors, matrices or tensors."""
        ranks = len(left.labels), len(right.labels)
        if len(summed) == 1:
            (link,) = summed
            if max(ranks) <= 2:
                return self._matmul(left, right, link, goal)
            if ranks[1] <= 2 and left.labels[-1] == right.labels[0] == link:
                return self._last_with_first(left, right)
        if ranks == (2, 2):
            return Item(self._inner(left.value, self._laid_out(right, left.labels)), ())
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

    def _matmul(self, left: Item, right: Item, link: Label, goal: _Goal) -> Item:
        """``left @ right`` over one label, in the better of the two orientations."""
        if self._stands_second(left) < self._stands_second(right):
            left, right = right, left
        free = [[x for x in item.labels if x != link] for item in (left, right)]
        if free[0] and free[1] and self._better_turned(left, right, link, goal):
            left, right, free = right, left, free[::-1]
        first = self._laid_out(left, (*free[0], link))
        second = self._laid_out(right, (link, *free[1]))
        return self._last_with_first(Item(first, (*free[0], link)), Item(second, (link, *free[1])))

    def _stands_second(self, item: Item) -> tuple[int, bool, int]:
        """The larger stands first: a matrix before a vector, of two vectors the simpler."""
        product = isinstance(self.program.operation(item.value), Matmul)
        return len(item.labels), not product, -item.value

    def _better_turned(self, left: Item, right: Item, link: Label, goal: _Goal) -> bool:
        """Whether to make the transpose: by what is asked for, then by fewer transposes."""
        pair = [next(x for x in item.labels if x != link) for item in (left, right)]
        if goal.last:
            return tuple(pair) != goal.out
        gain = self._transposes(left, right, link) - self._transposes(right, left, link)
        # An output stands where it will be in the end, so that products form a chain.
        return gain > 0 or (gain == 0 and goal.misplaced(pair) > goal.misplaced(pair[::-1]))

    def _transposes(self, left: Item, right: Item, link: Label) -> int:
        turned = ((left, left.labels[0] == link), (right, right.labels[-1] == link))
        return sum(flag and item.value not in self.program.symmetric for item, flag in turned)

    def _einsum(self, left: Item, right: Item, goal: _Goal) -> Item:
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
            return self._solved(item, other, keep)
        if item.kind is Kind.LOWER:
            return self._cumulated(item, other, keep)
        return None

    def _solved(self, item: Item, other: Item, keep: Collection[Label]) -> Item | None:
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
        """Σ_j L_ij x_j: running sums; L_ij A_ij: a triangle of A."""
        row, column = item.labels
        if set(other.labels) == {row, column}:
            other = plain(self.program, other)
            axes = self.program.axes(other.value)
            upper = other.labels == (column, row)
            value = self.program.emit(Triangular(upper), (other.value,), axes)
            gone = [k for k, label in enumerate(other.labels) if label not in keep]
            labels = tuple(label for label in other.labels if label in keep)
            return Item(self.program.reduce(value, gone), labels)
        link, free = _link(item, other, keep)
        if link is None or free in other.labels:
            return None
        other = plain(self.program, other)
        operation = Cumulate(other.labels.index(link), backwards=link == row)
        value = self.program.emit(operation, (other.value,), self.program.axes(other.value))
        return Item(value, tuple(free if label == link else label for label in other.labels))


def _link(item: Item, other: Item, keep: Collection[Label]) -> tuple[Label | None, Label]:
    """The label of a matrix that is summed with another item, and its other label.

    The column comes first: a solve with the matrix itself rather than its transpose.
    """
    row, column = item.labels
    for link, free in ((column, row), (row, column)):
        if link in other.labels and link not in keep:
            return link, free
    return None, row


def _repeated(labels: Sequence[Label]) -> tuple[int, int, Label]:
    """The first two places with one label."""
    for second, label in enumerate(labels):
        first = labels.index(label)
        if first < second:
            return first, second, label
    raise ValueError("no label occurs twice")


def _larger_first(left: Item, right: Item) -> tuple[Label, ...]:
    if len(right.labels) > len(left.labels):
        left, right = right, left
    return (*left.labels, *(label for label in right.labels if label not in left.labels))


def _components(items: Sequence[Item], out: Sequence[Label]) -> list[list[Item]]:
    """Groups of items that share summed labels, in order of their first item."""
    holder: dict[Label, int] = {}
    group = list(range(len(items)))

    def root(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    for k, item in enumerate(items):
        for label in item.labels:
            if label not in out:
                first, second = sorted((root(holder.setdefault(label, k)), root(k)))
                group[second] = first
    found: dict[int, list[Item]] = {}
    for k, item in enumerate(items):
        found.setdefault(root(k), []).append(item)
    return list(found.values())


def _signature(
    items: Sequence[Item],
    members: frozenset[int],
    every: frozenset[int],
    out: Sequence[Label],
) -> tuple[_Signature, dict[Label, int]]:
    """A name for the product of some items that does not depend on label names."""
    chosen = sorted(
        (items[k] for k in members), key=lambda item: (item.kind.name, item.value, item.power)
    )
    outside = {label for k in every - members for label in items[k].labels}.union(out)
    names: dict[Label, int] = {}
    entries: list[object] = []
    for item in chosen:
        places = tuple(names.setdefault(label, len(names)) for label in item.labels)
        entries.append((item.kind, item.value, item.power, places))
    free = frozenset(place for label, place in names.items() if label in outside)
    return (*entries, free), names
