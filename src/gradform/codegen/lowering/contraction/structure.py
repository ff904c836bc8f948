"""Products with structured leaves, which are never written out where that can be avoided.

Each leaf is removed by one rule. A rule changes the network and may leave a finishing
step for the result: an identity between outputs becomes a diagonal, a unit vector an
index or an embedding, a selection a slice, a joined axis a reshape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.contraction.contract import Contractor
from gradform.codegen.lowering.contraction.entrywise import dense, multiply
from gradform.codegen.lowering.contraction.kronecker import join_kronecker
from gradform.codegen.lowering.contraction.maps import resolve_maps
from gradform.codegen.lowering.contraction.network import Item, Kind, Label, Network, PlacedLeaf
from gradform.codegen.program.blocks import picked
from gradform.codegen.program.operations import Identity, Position, Range
from gradform.codegen.program.straight_line import Program, Value
from gradform.ir.dims import Dim
from gradform.ir.nodes import leaf

__all__ = ["Solver"]

_Finish: TypeAlias = Callable[[Item], Item]
_Labels: TypeAlias = tuple[Label, ...]


class Solver:
    """Emits the instructions for networks."""

    def __init__(self, program: Program, sizes: Mapping[str, int], halves: bool) -> None:
        self.program = program
        self.contractor = Contractor(program, sizes, halves)

    def solve(self, network: Network) -> Item:
        """The value with those labels of ``network.out`` along which it varies, in order."""
        resolve_maps(network, self)
        steps: list[_Finish] = []
        while network.leaves:
            step = self._remove_leaf(network)
            if step is not None:
                steps.append(step)
        result = self.contractor.contract(
            network.coefficient, network.items, network.out, network.dims
        )
        for step in reversed(steps):
            result = step(result)
        return result

    def full(self, network: Network) -> Value:
        """The value with all output labels."""
        order = tuple(network.out)
        axes = {label: network.dims[label] for label in order}
        return self._repeated(self.solve(network), order, axes).value

    def _repeated(self, item: Item, order: _Labels, sizes: dict[Label, Dim]) -> Item:
        """The item repeated along the labels of ``order`` that it lacks."""
        axes = [
            sizes[label]
            if label in sizes
            else self.program.axes(item.value)[item.labels.index(label)]
            for label in order
        ]
        aligned = self.program.align(item.value, item.labels, order)
        return Item(self.program.broadcast(aligned, axes), order)

    def _remove_leaf(self, network: Network) -> _Finish | None:
        """Apply the first rule that fits; identities come first, joined axes last."""
        if any(placed.leaf.kind == "delta" for placed in network.leaves):
            return self._identities(network)
        rules = {"unit": self._unit, "select": self._selection}
        for kind, rule in rules.items():
            for placed in network.leaves:
                if placed.leaf.kind == kind:
                    network.leaves.remove(placed)
                    return rule(network, placed)
        if join_kronecker(self.program, network):
            return None
        for placed in network.leaves:
            if len(network.leaf_carriers(placed.labels[0])) == 1:
                network.leaves.remove(placed)
                return self._joined_axes(network, placed)
        self._written_out(network, network.leaves.pop(0))
        return None

    # ------------------------------------------------------------ identities

    def _identities(self, network: Network) -> _Finish:
        """δ_ij f_j = δ_ij f_i: a diagonal when both are outputs, else a renaming."""
        order = tuple(network.out)
        pairs: list[tuple[Label, Label]] = []
        while True:
            placed = next((p for p in network.leaves if p.leaf.kind == "delta"), None)
            if placed is None:
                break
            network.leaves.remove(placed)
            first, second = placed.labels
            if first in network.out and second in network.out and first != second:
                first, second = sorted((first, second), key=order.index)
                network.out.remove(second)
                pairs.append((first, second))
            elif second in network.out:
                first, second = second, first
            if first != second:
                network.rename(second, first)
        sizes = {label: network.dims[label] for label in network.out}
        base = tuple(network.out)
        return lambda item: self._diagonals(item, pairs, order, base, sizes)

    def _diagonals(
        self,
        item: Item,
        pairs: Sequence[tuple[Label, Label]],
        order: _Labels,
        base: _Labels,
        sizes: dict[Label, Dim],
    ) -> Item:
        """Zeros except where the labels of each pair agree; ``base`` lacks the second ones."""
        if not item.labels and len(pairs) == 1:
            identity = Item(self.program.identity(sizes[pairs[0][0]]), pairs[0])
            return multiply(self.program, 1, [identity, item], pairs[0])
        needed = {*item.labels, *(first for first, _ in pairs if first in base)}
        item = self._repeated(item, tuple(x for x in base if x in needed), sizes)
        for first, second in reversed(pairs):
            labels = tuple(x for x in order if x in item.labels or x == second)
            places = labels.index(first), labels.index(second)
            item = Item(self.program.spread(item.value, *places), labels)
        return item

    # ------------------------------------------------------------ unit vectors

    def _unit(self, network: Network, placed: PlacedLeaf) -> _Finish | None:
        """Σ_i e_k[i] f_i = f_k, and zeros around it when i is an output."""
        (label,) = placed.labels
        (position,) = placed.leaf.params
        size = network.dims[label]
        order = tuple(network.out)
        pick = Position(position)
        delayed = self._held_back(network, label)
        if not delayed:
            network.items = [self._indexed(item, label, pick, ()) for item in network.items]
            network.dims.pop(label)
            if label in order:
                network.out.remove(label)
        elif label not in order:
            network.out.append(label)

        def finish(item: Item) -> Item:
            item = self._indexed(item, label, pick, ())
            return self._embedded_entry(item, label, position, order, size)

        return finish

    def _held_back(self, network: Network, label: Label) -> bool:
        """Whether the rest is better computed in full first, and indexed afterwards."""
        virtual = any(item.kind is not Kind.ARRAY for item in network.carriers(label))
        return virtual or bool(network.leaf_carriers(label))

    def _indexed(self, item: Item, label: Label, pick: Position | Range, renamed: _Labels) -> Item:
        """The item with its axes called ``label`` indexed, and called ``renamed``."""
        while label in item.labels:
            item = dense(self.program, item)
            axis = item.labels.index(label)
            value = picked(self.program, item.value, axis, pick)
            labels = (*item.labels[:axis], *renamed, *item.labels[axis + 1 :])
            item = Item(value, labels, item.power)
        return item

    def _embedded_entry(
        self, item: Item, label: Label, position: Dim, order: _Labels, size: Dim
    ) -> Item:
        """Zeros along ``label`` except at one position; nothing unless it is an output."""
        if label not in order:
            return item
        labels = tuple(x for x in order if x in item.labels or x == label)
        value = item.value
        if item.labels:
            value = self.program.view(
                value, [item.labels.index(x) if x != label else None for x in labels]
            )
        return self._embedded(Item(value, labels), label, label, position, size)

    def _embedded(self, item: Item, old: Label, new: Label, start: Dim, size: Dim) -> Item:
        """Zeros along an axis except from ``start`` on, the axis then called ``new``."""
        axis = item.labels.index(old)
        axes = list(self.program.axes(item.value)) or [size]
        axes[axis] = size
        value = self.program.embed(item.value, axis, start, axes)
        return Item(value, tuple(new if label == old else label for label in item.labels))

    # ------------------------------------------------------------ selections

    def _selection(self, network: Network, placed: PlacedLeaf) -> _Finish | None:
        """Σ_c S_rc f_c is a slice of f; Σ_r S_rc f_r is f with zeros around it."""
        row, column = placed.labels
        (start,) = placed.leaf.params
        pick = Range(start, network.dims[row])
        held_back = self._held_back(network, column)
        if column in network.out and row in network.out:
            carried = any(network.carriers(label) for label in (row, column))
            if carried and not held_back:
                return self._shifted_diagonal(network, row, column, pick)
            self._written_out(network, placed)
            return None
        if not held_back:
            return self._sliced(network, row, column, pick)
        if row not in network.out or row in network.carried():
            self._written_out(network, placed)
            return None
        network.out[network.out.index(row)] = column
        network.dims.pop(row)
        return lambda item: self._indexed(item, column, pick, (row,))

    def _shifted_diagonal(
        self, network: Network, row: Label, column: Label, pick: Range
    ) -> _Finish:
        """S_rc f_r g_c, both outputs: f and a slice of g on a diagonal, zeros around it."""
        order = tuple(network.out)
        size = network.dims.pop(column)
        network.items = [self._indexed(item, column, pick, (row,)) for item in network.items]
        network.out.remove(column)
        first, second = sorted((row, column), key=order.index)

        def finish(item: Item) -> Item:
            item = item.renamed(row, first)
            present = tuple(x for x in order if x in item.labels or x == first)
            item = self._repeated(item, present, {first: pick.length})
            labels = tuple(x for x in order if x in item.labels or x == second)
            places = labels.index(first), labels.index(second)
            item = Item(self.program.spread(item.value, *places), labels)
            return self._embedded(item, column, column, pick.start, size)

        return finish

    def _sliced(self, network: Network, row: Label, column: Label, pick: Range) -> _Finish | None:
        order = tuple(network.out)
        size = network.dims.pop(column)
        network.items = [self._indexed(item, column, pick, (row,)) for item in network.items]
        if column not in order:
            return None
        inner = tuple(row if label == column else label for label in order)
        network.out[:] = inner

        def finish(item: Item) -> Item:
            present = tuple(label for label in inner if label in item.labels or label == row)
            item = self._repeated(item, present, {row: pick.length})
            return self._embedded(item, row, column, pick.start, size)

        return finish

    # ------------------------------------------------------------ joined axes

    def _joined_axes(self, network: Network, placed: PlacedLeaf) -> _Finish | None:
        """F[I,i,j] with I = i·q + j: I stands for the pair (i, j), so axes are reshaped."""
        joined, slow, fast = placed.labels
        size = network.dims.pop(joined)
        position = network.out.index(joined) if joined in network.out else None
        pair = (slow, fast)
        if position is not None:
            network.out.pop(position)
            pair = (
                self._as_output(network, slow, position),
                self._as_output(network, fast, position + 1),
            )
        sizes = {label: network.dims[label] for label in pair}
        network.items = [self._split(item, joined, pair, sizes) for item in network.items]
        if position is None:
            return None
        order = tuple(network.out)
        return lambda item: self._joined(item, pair, joined, order, sizes, size)

    def _as_output(self, network: Network, label: Label, position: int) -> Label:
        """Make a label an output; one that is already is tied to a new one instead."""
        if label in network.out:
            size = network.dims[label]
            old, label = label, network.fresh(size)
            network.leaves.append(PlacedLeaf(leaf("delta", (size, size)), (old, label)))
        network.out.insert(position, label)
        return label

    def _split(self, item: Item, joined: Label, pair: _Labels, sizes: dict[Label, Dim]) -> Item:
        """Axes called ``joined`` reshaped into two."""
        if joined not in item.labels:
            return item
        item = dense(self.program, item)
        labels: list[Label] = []
        axes: list[Dim] = []
        for label, axis in zip(item.labels, self.program.axes(item.value), strict=True):
            labels.extend(pair if label == joined else (label,))
            axes.extend([sizes[x] for x in pair] if label == joined else (axis,))
        return Item(self.program.reshape(item.value, axes), tuple(labels), item.power)

    def _joined(
        self,
        item: Item,
        pair: _Labels,
        joined: Label,
        order: _Labels,
        sizes: dict[Label, Dim],
        size: Dim,
    ) -> Item:
        """Two neighbouring axes reshaped into one."""
        if not any(label in item.labels for label in pair):
            return item
        present = tuple(label for label in order if label in item.labels or label in pair)
        item = self._repeated(item, present, sizes)
        place = present.index(pair[0])
        axes = list(self.program.axes(item.value))
        axes[place : place + 2] = [size]
        labels = (*present[:place], joined, *present[place + 2 :])
        return Item(self.program.reshape(item.value, axes), labels)

    # ------------------------------------------------------------ what remains

    def _written_out(self, network: Network, placed: PlacedLeaf) -> None:
        """A leaf that no rule removes as an array; a joined axis with what it joins."""
        axes = placed.leaf.axes
        if placed.leaf.kind == "select":
            value = self.program.emit(Identity(placed.leaf.params[0]), (), axes)
            network.items.append(Item(value, placed.labels))
            return
        joined, *pair = placed.labels
        part = network.detach((pair[0], pair[1]), (joined,))
        if part is None:
            value = self.program.reshape(self.program.identity(axes[0]), axes)
            network.items.append(Item(value, placed.labels))
        else:
            value = self.program.reshape(self.full(part), axes[:1])
            network.items.append(Item(value, (joined,)))
