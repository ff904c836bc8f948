"""Contraction of items without structured leaves: each step in its cheapest form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod

from gradform.codegen.lowering.contraction.entrywise import dense, multiply, plain
from gradform.codegen.lowering.contraction.gram import (
    Signature,
    Split,
    gram,
    signature_of,
    symmetric_split,
)
from gradform.codegen.lowering.contraction.network import Item, Kind, Label
from gradform.codegen.lowering.contraction.plan import (
    BLAS_FACTOR,
    EXHAUSTIVE_LIMIT,
    Context,
    Join,
    contraction_cost,
    contraction_order,
    planned_size,
    values_of,
)
from gradform.codegen.lowering.contraction.steps import Goal, Steps
from gradform.codegen.program.operations import Diagonal, Size, Trace
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient

__all__ = ["Contractor"]


# Numbers are multiplied into a factor when it has so many times fewer entries.
_MUCH_LARGER = 4

# A product with more summed labels is not looked for among sums of earlier ones.
_MOST_SUMMED = 4


class Contractor:
    """Emits contractions, and remembers them so that later ones reuse their parts."""

    def __init__(self, program: Program, sizes: Mapping[str, int], halves: bool) -> None:
        """``halves``: products known to be symmetric will be computed by halves."""
        self.program = program
        self.sizes = sizes
        self.halves = halves
        self.steps = Steps(program)
        self._known: dict[Signature, tuple[Value, tuple[int, ...]]] = {}
        self._made: set[tuple[Value, ...]] = set()

    def contract(
        self,
        coefficient: Coefficient,
        items: Sequence[Item],
        out: Sequence[Label],
        dims: Mapping[Label, Dim],
    ) -> Item:
        """``coefficient · Σ Π items`` with those labels of ``out`` that items have."""
        items = [item for item in items if item.kind is not Kind.LOWER or len(set(item.labels)) > 1]
        items.sort(key=lambda item: item.value)  # variables first, for code that reads well
        uses = _uses(items, out)
        missing = [Item(self.size(dims[label]), ()) for label in dims if label not in uses]
        items = self._triangles([self._without_repeats(item, uses) for item in items])
        uses = _uses(items, out)
        items = [*(self._reduced(item, uses) for item in items), *missing]
        coefficient, items = self._scaled_early(coefficient, items, out, dims)
        parts = [self._component(group, out, dims) for group in _components(items, out)]
        return multiply(self.program, coefficient, self._triangles(parts), out)

    def _scaled_early(
        self,
        coefficient: Coefficient,
        items: Sequence[Item],
        out: Sequence[Label],
        dims: Mapping[Label, Dim],
    ) -> tuple[Coefficient, Sequence[Item]]:
        """Numbers put into a factor that is much smaller than the product."""
        if sum(item.apart for item in items) > 1:
            return coefficient, items
        scalars = [item for item in items if not item.labels]
        arrays = [item for item in items if item.labels]
        summed = any(label not in out for item in arrays for label in item.labels)
        if not summed or len(arrays) < 2 or not (scalars or abs(coefficient) != 1):
            return coefficient, items
        counts = Counter(item.value for item in arrays)
        single = [
            item
            for item in arrays
            if counts[item.value] == 1 and item.kind is Kind.ARRAY and item.power == 1
        ]
        if not single:
            return coefficient, items
        smallest = min(single, key=lambda item: self._volume(item.labels, dims))
        carried = {label for item in arrays for label in item.labels}.intersection(out)
        if self._volume(carried, dims) < _MUCH_LARGER * self._volume(smallest.labels, dims):
            return coefficient, items
        scaled = multiply(self.program, coefficient, [*scalars, smallest], smallest.labels)
        return 1, [scaled if item is smallest else item for item in arrays]

    def _volume(self, labels: Iterable[Label], dims: Mapping[Label, Dim]) -> float:
        return prod(planned_size(dims[label], self.sizes) for label in labels)

    def size(self, size: Dim) -> Value:
        """A dimension as a number; what summing over a label that nothing carries gives."""
        if size.value is not None:
            return self.program.number(size.value)
        return self.program.emit(Size(size), (), ())

    # ------------------------------------------------------------ single items

    def _without_repeats(self, item: Item, uses: Mapping[Label, int]) -> Item:
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

    def _reduced(self, item: Item, uses: Mapping[Label, int]) -> Item:
        """Sum over labels that only this item has."""
        private = [label for label in item.labels if uses[label] == 1]
        if not private:
            return item
        if item.kind is Kind.INVERSE and item.power == 1:
            item = self._inverse_of_ones(item, private.pop())
        if item.power == 2 and item.kind is Kind.ARRAY and len(private) == len(item.labels):
            return Item(self.steps.inner(item.value, item.value), ())
        item = plain(self.program, item)
        value = self.program.reduce(item.value, [item.labels.index(label) for label in private])
        return Item(value, tuple(label for label in item.labels if label not in private))

    def _inverse_of_ones(self, item: Item, label: Label) -> Item:
        """Σ_j inv(X)_ij = solve(X, 1)."""
        n = self.program.axes(item.value)[0]
        ones = Item(self.program.broadcast(self.program.number(1), (n,)), (label,))
        found = self.steps.solved(item, ones, ())
        assert found is not None, "a vector of ones is a right-hand side"
        return found

    def _triangles(self, items: Sequence[Item]) -> list[Item]:
        """L_ij A_ij, with L the triangle of ones, is a triangle of A."""
        rest = [item for item in items if item.kind is not Kind.LOWER]
        for item in items:
            if item.kind is not Kind.LOWER:
                continue
            matrix = next((other for other in rest if set(other.labels) == set(item.labels)), None)
            if matrix is None:
                rest.append(item)
            else:
                rest[rest.index(matrix)] = self.steps.triangle(item, matrix)
        return rest

    # ------------------------------------------------------------ connected items

    def _component(
        self, items: Sequence[Item], out: Sequence[Label], dims: Mapping[Label, Dim]
    ) -> Item:
        """Items connected by summed labels, contracted in the planned order."""
        if len(items) == 1:
            return items[0]
        if len(items) > EXHAUSTIVE_LIMIT:
            items = self._merge_equal_labels(items)
        found = self._known_sum(items, out) or self._symmetric_product(items, out, dims)
        if found is not None:
            return found
        wanted = tuple(x for x in out if any(x in item.labels for item in items))

        def signature(members: frozenset[int]) -> tuple[Signature, dict[Label, int]]:
            return signature_of(items, members, out)

        live = dict(enumerate(items))
        left_over = Counter(label for item in items for label in item.labels)
        left_over.update(out)
        order = contraction_order(items, out, dims, self._context(items, out))
        for number, step in enumerate(order, len(items)):
            if isinstance(step, Join):
                left, right = live.pop(step.left), live.pop(step.right)
                left_over.subtract((*left.labels, *right.labels))
                keep = frozenset(x for x in (*left.labels, *right.labels) if left_over[x])
                found = self.steps.join(
                    left,
                    right,
                    Goal(keep, wanted, not live, tuple(item.labels for item in live.values())),
                )
                if step.members:
                    self._remember([items[k] for k in step.members], signature(step.members), found)
            else:
                for k in step.members:
                    left_over.subtract(live.pop(k).labels)
                found = self._recall(signature(step.members))
            left_over.update(found.labels)
            live[number] = found
        (result,) = live.values()
        return result

    def _context(self, items: Sequence[Item], out: Sequence[Label]) -> Context:
        def name(members: frozenset[int]) -> Signature:
            return signature_of(items, members, out)[0]

        return Context(self.program.symmetric, name, self._known, self._made, self.sizes)

    def _known_sum(self, items: Sequence[Item], out: Sequence[Label]) -> Item | None:
        """The sum over one label of a product that an earlier plan computed, or None."""
        if values_of(items) not in self._made:
            return None
        every = frozenset(range(len(items)))
        summed = dict.fromkeys(x for item in items for x in item.labels if x not in out)
        for label in list(summed)[:_MOST_SUMMED]:
            name = signature_of(items, every, (*out, label))
            if name[0] in self._known:
                found = self._recall(name)
                axis = found.labels.index(label)
                rest = tuple(x for x in found.labels if x != label)
                return Item(self.program.reduce(found.value, (axis,)), rest)
        return None

    def _symmetric_product(
        self, items: Sequence[Item], out: Sequence[Label], dims: Mapping[Label, Dim]
    ) -> Item | None:
        """L' D L, L' S L: half of the work, since the result is symmetric; else None."""
        split = symmetric_split(self.program, items, out)
        if split is None:
            return None
        name = signature_of(items, frozenset(range(len(items))), out)
        if name[0] in self._known:
            return self._recall(name)
        sides = [items[k] for k in split.left]
        if len(sides) > 1 and not self._cheaper_by_halves(items, sides, split, out, dims):
            return None
        left = plain(self.program, self._component(sides, (split.link, *split.ends), dims))
        middle = [items[k] for k in split.middle]
        found = gram(self.program, left, middle, split, halves=self.halves)
        self._remember(items, name, found)
        return found

    def _cheaper_by_halves(
        self,
        items: Sequence[Item],
        sides: Sequence[Item],
        split: Split,
        out: Sequence[Label],
        dims: Mapping[Label, Dim],
    ) -> bool:
        """Whether one side times itself costs less than another order."""
        ends = (split.link, *split.ends)
        whole = contraction_cost(items, out, dims, self._context(items, out))
        one = contraction_cost(sides, ends, dims, self._context(sides, ends))
        link, *others = (planned_size(dims[label], self.sizes) for label in ends)
        return one + BLAS_FACTOR * link * prod(others) ** 2 / 2 <= whole

    def _remember(
        self,
        items: Sequence[Item],
        signature: tuple[Signature, dict[Label, int]],
        found: Item,
    ) -> None:
        key, names = signature
        self._made.add(values_of(items))
        self._known[key] = (found.value, tuple(names[label] for label in found.labels))

    def _recall(self, signature: tuple[Signature, dict[Label, int]]) -> Item:
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


def _uses(items: Iterable[Item], out: Iterable[Label]) -> dict[Label, int]:
    """How many items have each label; being an output counts as one more."""
    uses = dict.fromkeys(out, 1)
    for item in items:
        for label in {*item.labels}:
            uses[label] = uses.get(label, 0) + 1
    return uses


def _repeated(labels: Sequence[Label]) -> tuple[int, int, Label]:
    """The first two places with one label."""
    for second, label in enumerate(labels):
        first = labels.index(label)
        if first < second:
            return first, second, label
    raise ValueError("no label occurs twice")


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
