"""The order in which the items of a product are contracted, two at a time.

Costs are those at the actual sizes, or at sizes of about a hundred while these are not
known. Up to eight items the cheapest order is
found by dynamic programming over subsets, beyond that a greedy order is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from math import prod
from typing import TypeAlias

from gradform.codegen.lowering.contraction.network import Item, Kind, Label
from gradform.codegen.program.straight_line import Value
from gradform.ir.dims import Dim
from gradform.records import record

__all__ = [
    "Context",
    "Join",
    "Reuse",
    "Step",
    "contraction_cost",
    "contraction_order",
    "planned_size",
    "values_of",
]

EXHAUSTIVE_LIMIT = 8
TYPICAL_SIZE = 100

# Beyond so many items with one label only neighbours are considered, to stay linear.
CROWD = 16

# A multiplication inside a matrix product costs a fraction of one in an elementwise pass
# over memory; einsum loops without either advantage.
BLAS_FACTOR = 0.125
LOOP_FACTOR = 2.0
# Between equal costs, ``A @ x`` is preferred to ``A.T @ x``: it is more often shared. Then
# chains are read from the left, and systems solved for what stands to their right.
TRANSPOSE_PENALTY = 0.01
ORDER_PENALTY = 0.001


@record
class Join:
    """Contract two operands; the result gets the next number. ``members``: which items."""

    left: int
    right: int
    members: frozenset[int]


@record
class Reuse:
    """Take a result that an earlier product already computed for these items."""

    members: frozenset[int]


Step: TypeAlias = Join | Reuse


def values_of(items: Iterable[Item]) -> tuple[Value, ...]:
    """The values that a product is made of, in order."""
    return tuple(sorted([item.value for item in items]))


def planned_size(size: Dim, sizes: Mapping[str, int]) -> float:
    """The size to plan with; a size that is not known is taken to be typical."""
    value = size.value
    if value is None:
        value = size.evaluate({name: sizes.get(name, TYPICAL_SIZE) for name in size.names})
    return float(max(value, 1))


@record
class Context:
    """What a plan takes into account besides the items.

    symmetric   values of symmetric matrices, which need no transposing
    name        a name for the product of some of the items, equal for equal products
    known       names of the products that earlier plans computed
    made        the values these are products of, in order: most products need no name
    sizes       what is known of the sizes
    """

    symmetric: Container[Value]
    name: Callable[[frozenset[int]], Hashable]
    known: Container[Hashable]
    made: Container[tuple[Value, ...]]
    sizes: Mapping[str, int]


def contraction_order(
    items: Sequence[Item], out: Sequence[Label], dims: Mapping[Label, Dim], context: Context
) -> list[Step]:
    """Steps that contract all items; operand n + k is the result of step k."""
    if len(items) == 2:
        both = frozenset((0, 1))
        known = values_of(items) in context.made and context.name(both) in context.known
        return [Reuse(both) if known else Join(0, 1, both)]
    estimate = _Estimate(items, out, dims, context)
    if len(items) <= EXHAUSTIVE_LIMIT:
        return _Exhaustive(estimate, context).steps()
    return _greedy(estimate)


def contraction_cost(
    items: Sequence[Item], out: Sequence[Label], dims: Mapping[Label, Dim], context: Context
) -> float:
    """What the steps cost."""
    if len(items) > EXHAUSTIVE_LIMIT:
        return float("inf")
    return _Exhaustive(_Estimate(items, out, dims, context), context).cost()


class _Estimate:
    """Costs of single steps."""

    def __init__(
        self,
        items: Sequence[Item],
        out: Sequence[Label],
        dims: Mapping[Label, Dim],
        context: Context,
    ) -> None:
        self.items = items
        self.symmetric = context.symmetric
        self.out = frozenset(out)
        carried = [label for label in out if any(label in item.labels for item in items)]
        self.ends = (carried[0], carried[-1]) if len(carried) > 1 else None
        self.sizes = {
            label: planned_size(dims[label], context.sizes)
            for item in items
            for label in item.labels
        }
        self.labels = [frozenset(item.labels) for item in items]
        self._volumes: dict[frozenset[Label], float] = {frozenset(): 1.0}

    def volume(self, labels: frozenset[Label]) -> float:
        total = self._volumes.get(labels)
        if total is None:
            total = self._volumes[labels] = prod(self.sizes[label] for label in labels)
        return total

    def step(
        self,
        left: frozenset[Label],
        right: frozenset[Label],
        keep: frozenset[Label],
        items: tuple[Item | None, Item | None],
    ) -> float:
        """Cost of contracting operands with these labels; ``items`` if they are single."""
        cost = 0.0
        for item, other in ((items[0], right), (items[1], left)):
            if item is not None and item.kind is not Kind.ARRAY:
                direct = self._structured(item, other, keep)
                if direct is not None:
                    return cost + direct
                cost += self._materialised(item)
        shared = left & right
        summed = shared - keep
        every = left | right
        if not summed:
            return cost + self.volume(every)
        penalty = TRANSPOSE_PENALTY if self._transposes(items, summed) else 0.0
        if None not in items and self.ends and self.ends[1] in every:
            penalty += ORDER_PENALTY
        if shared <= summed:
            half = 0.5 if _is_square(items) else 1.0
            work = half * BLAS_FACTOR * self.volume(every) + self.volume(every & keep)
        else:
            work = LOOP_FACTOR * self.volume(every)
        return cost + work + penalty

    def _structured(
        self, item: Item, other: frozenset[Label], keep: frozenset[Label]
    ) -> float | None:
        """Cost of solving with, or of running sums over, the other operand."""
        row, column = item.labels
        link = next((k for k in (column, row) if k in other and k not in keep), None)
        if link is None or len(other) > 2:
            return None
        if (row if link == column else column) in other & keep:
            return None
        if item.kind is Kind.LOWER:
            return self.volume(other)
        n = self.sizes[link]
        turned = link == row and item.value not in self.symmetric
        penalty = TRANSPOSE_PENALTY if turned else 0.0
        if self.ends and self.ends[0] in other:
            penalty += ORDER_PENALTY
        return BLAS_FACTOR * (n**3 / 3 + n * self.volume(other)) + penalty

    def _materialised(self, item: Item) -> float:
        n = self.sizes[item.labels[0]]
        return BLAS_FACTOR * n**3 if item.kind is Kind.INVERSE else n * n

    def _transposes(self, items: tuple[Item | None, Item | None], summed: frozenset[Label]) -> bool:
        """Whether a matrix would have to be transposed."""
        matrices = [item for item in items if item is not None and len(item.labels) == 2]
        if len(matrices) == 2 and len(summed) == 1:
            (link,) = summed
            same = len({item.labels.index(link) for item in matrices}) == 1
            return same and all(item.value not in self.symmetric for item in matrices)
        return any(
            item is not None
            and len(item.labels) == 2
            and item.labels[0] in summed
            and item.value not in self.symmetric
            for item in items
        )


def _is_square(items: tuple[Item | None, Item | None]) -> bool:
    """Whether a matrix is multiplied with itself; its product is then symmetric."""
    left, right = items
    if left is None or right is None or left.value != right.value:
        return False
    return len(left.labels) == 2 and left.kind is right.kind is Kind.ARRAY


class _Exhaustive:
    """The cheapest tree over all subsets of the items, subsets being bit masks."""

    def __init__(self, estimate: _Estimate, context: Context) -> None:
        self.estimate = estimate
        self.context = context
        self.count = len(estimate.items)
        self.full = (1 << self.count) - 1
        self.inside = self._unions(frozenset())
        self.values = self._sorted_values()
        self._names: dict[int, Hashable] = {}
        self.free = [
            self.inside[mask] & (self.inside[self.full & ~mask] | estimate.out)
            for mask in range(self.full + 1)
        ]

    def _unions(self, start: frozenset[Label]) -> list[frozenset[Label]]:
        unions = [start]
        for labels in self.estimate.labels:
            unions.extend([found | labels for found in unions])
        return unions

    def _sorted_values(self) -> list[tuple[Value, ...]]:
        """The values of the items in each subset, in order."""
        found: list[tuple[Value, ...]] = [()]
        for item in self.estimate.items:
            found.extend([tuple(sorted((*values, item.value))) for values in found])
        return found

    def steps(self) -> list[Step]:
        """The best tree as a list of steps, operands before results."""
        splits, _ = self._splits()
        steps: list[Step] = []
        number = {1 << k: k for k in range(self.count)}
        stack = [self.full]
        while stack:
            mask = stack[-1]
            split = splits[mask]
            members = self._members(mask)
            if split == 0:
                steps.append(Reuse(members))
            else:
                waiting = [part for part in (split, mask ^ split) if part not in number]
                if waiting:
                    stack.extend(reversed(waiting))
                    continue
                steps.append(Join(number[split], number[mask ^ split], members))
            number[mask] = self.count + len(steps) - 1
            stack.pop()
        return steps

    def _members(self, mask: int) -> frozenset[int]:
        return frozenset(k for k in range(self.count) if mask >> k & 1)

    def cost(self) -> float:
        return self._splits()[1]

    def _splits(self) -> tuple[dict[int, int], float]:
        """For each subset of two or more the part to compute first; 0 when it is known.

        The cost of the whole comes with it.
        """
        costs = {1 << k: 0.0 for k in range(self.count)}
        splits: dict[int, int] = {}
        for mask in range(1, self.full + 1):
            if mask in costs:
                continue
            if self.values[mask] in self.context.made and self._name(mask) in self.context.known:
                costs[mask], splits[mask] = 0.0, 0
                continue
            best = float("inf")
            for part in self._parts(mask):
                other = mask ^ part
                # Equal parts, as in tr(XYXY), are computed once.
                cost = costs[part] + (0.0 if self._are_equal(part, other) else costs[other])
                if cost < best:
                    cost += self._step(part, other, mask)
                    if cost < best:
                        best, splits[mask] = cost, part
            costs[mask] = best
        return splits, costs[self.full]

    def _are_equal(self, part: int, other: int) -> bool:
        """Whether two products are; single items cost nothing."""
        values = self.values[part]
        if values != self.values[other] or len(values) == 1:
            return False
        return self._name(part) == self._name(other)

    def _name(self, mask: int) -> Hashable:
        if mask not in self._names:
            self._names[mask] = self.context.name(self._members(mask))
        return self._names[mask]

    def _parts(self, mask: int) -> Iterator[int]:
        """The proper subsets with the lowest item, each of which stands for a split."""
        lowest = mask & -mask
        part = (mask - 1) & mask
        while part:
            if part & lowest:
                yield part
            part = (part - 1) & mask

    def _step(self, left: int, right: int, both: int) -> float:
        items = self.estimate.items
        single = (
            items[left.bit_length() - 1] if left & (left - 1) == 0 else None,
            items[right.bit_length() - 1] if right & (right - 1) == 0 else None,
        )
        return self.estimate.step(self.free[left], self.free[right], self.free[both], single)


def _greedy(estimate: _Estimate) -> list[Step]:
    """The cheapest pair first, among pairs that share a label; then what is left over."""
    live: dict[int, frozenset[Label]] = dict(enumerate(estimate.labels))
    holders: dict[Label, set[int]] = {}
    for k, labels in live.items():
        for label in labels:
            holders.setdefault(label, set()).add(k)
    heap: list[tuple[float, int, int]] = []

    def consider(left: int, right: int) -> None:
        keep = _kept(live[left] | live[right], {left, right}, holders, estimate.out)
        items = (_item(estimate, left), _item(estimate, right))
        cost = estimate.step(live[left], live[right], keep, items)
        # What grows the intermediate results is put off, whatever it costs itself.
        growth = estimate.volume(keep) - max(map(estimate.volume, (live[left], live[right])))
        heappush(heap, (cost + growth, min(left, right), max(left, right)))

    for k in live:
        for other in _partners(k, live, holders):
            if other < k:
                consider(other, k)
    steps: list[Step] = []
    while len(live) > 1:
        left, right = _next_pair(heap, live)
        result = len(estimate.items) + len(steps)
        keep = _kept(live[left] | live[right], {left, right}, holders, estimate.out)
        for old in (left, right):
            for label in live.pop(old):
                holders[label].discard(old)
        live[result] = keep
        for label in keep:
            holders[label].add(result)
        steps.append(Join(left, right, frozenset()))
        for other in _partners(result, live, holders):
            consider(other, result)
    return steps


def _item(estimate: _Estimate, k: int) -> Item | None:
    return estimate.items[k] if k < len(estimate.items) else None


def _kept(
    labels: frozenset[Label],
    gone: set[int],
    holders: Mapping[Label, set[int]],
    out: frozenset[Label],
) -> frozenset[Label]:
    return frozenset(label for label in labels if label in out or not holders[label] <= gone)


def _partners(
    k: int, live: Mapping[int, frozenset[Label]], holders: Mapping[Label, set[int]]
) -> list[int]:
    """Operands that share a label with operand k, in order; few for very common labels."""
    found: set[int] = set()
    for label in live[k]:
        others = holders[label] - {k}
        if len(others) > CROWD:
            below = max((other for other in others if other < k), default=min(others))
            found.add(below)
        else:
            found |= others
    return sorted(found)


def _next_pair(
    heap: list[tuple[float, int, int]], live: Mapping[int, frozenset[Label]]
) -> tuple[int, int]:
    while heap:
        _, left, right = heappop(heap)
        if left in live and right in live:
            return left, right
    first, second, *_ = sorted(live)
    return first, second
