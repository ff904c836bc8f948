"""A product of arrays on the way to a program: labelled items, structured leaves, outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import TypeAlias

from gradform.codegen.program.straight_line import Value
from gradform.functions.record import Function
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Leaf
from gradform.records import record, replaced

__all__ = ["Item", "Kind", "Label", "Network", "PlacedLeaf"]

Label: TypeAlias = int


class Kind(Enum):
    """How an item is given."""

    ARRAY = "the array itself"
    INVERSE = "the matrix whose inverse is meant"
    LOWER = "the lower triangle of ones; the value is not used"
    MAP = "a linear map of matrices, such as a Fréchet derivative; the value is not used"

    __hash__ = object.__hash__  # each is one object; Enum hashes its name anew each time


@record
class Item:
    """One factor: a value with labelled axes and a power.

    ``function`` is the record of an inverse or of a linear map, whose ``arguments`` are
    those beside the matrix it maps. What is ``apart`` is not to be multiplied with its like:
    the product may leave the range of numbers.
    """

    value: Value
    labels: tuple[Label, ...]
    power: Coefficient = 1
    kind: Kind = Kind.ARRAY
    function: Function | None = None
    arguments: tuple[Value, ...] = ()
    apart: bool = False

    def renamed(self, old: Label, new: Label) -> Item:
        return replaced(self, labels=renamed(self.labels, old, new))


@record
class PlacedLeaf:
    """A structured leaf with its labels."""

    leaf: Leaf
    labels: tuple[Label, ...]

    def renamed(self, old: Label, new: Label) -> PlacedLeaf:
        return replaced(self, labels=renamed(self.labels, old, new))


def renamed(labels: tuple[Label, ...], old: Label, new: Label) -> tuple[Label, ...]:
    return tuple(new if label == old else label for label in labels)


class Network:
    """``coefficient · Σ Π items · leaves`` over the labels that are not in ``out``."""

    __slots__ = ("_unused", "coefficient", "dims", "items", "leaves", "out")

    def __init__(self, coefficient: Coefficient, out: list[Label], dims: dict[Label, Dim]) -> None:
        self.coefficient = coefficient
        self.out = out
        self.dims = dims
        self.items: list[Item] = []
        self.leaves: list[PlacedLeaf] = []
        self._unused: Label = max(dims, default=-1) + 1

    def fresh(self, size: Dim) -> Label:
        """A label that was never used before, not even by a leaf that is gone."""
        label = self._unused
        self._unused += 1
        self.dims[label] = size
        return label

    def rename(self, old: Label, new: Label) -> None:
        """Put one label for another in items and leaves; ``old`` is no longer summed."""
        self.items = [item.renamed(old, new) for item in self.items]
        self.leaves = [leaf.renamed(old, new) for leaf in self.leaves]
        self.dims.pop(old, None)

    def carriers(self, label: Label) -> list[Item]:
        return [item for item in self.items if label in item.labels]

    def leaf_carriers(self, label: Label, kind: str | None = None) -> list[PlacedLeaf]:
        return [
            placed
            for placed in self.leaves
            if label in placed.labels and kind in (None, placed.leaf.kind)
        ]

    def carried(self) -> set[Label]:
        """All labels that items or leaves have."""
        return labels_of([*self.items, *self.leaves])

    def detach(self, labels: tuple[Label, ...], held: Collection[Label] = ()) -> Network | None:
        """Take out everything connected with ``labels``, as a network of its own.

        None, and nothing taken, when that part has a label of the outputs or of ``held``:
        it is then no tensor with just these labels.
        """
        barrier = {*self.out, *held}
        if len(set(labels)) < len(labels) or not barrier.isdisjoint(labels):
            return None
        reached = set(labels)
        frontier = set(labels)
        members: list[Item | PlacedLeaf] = []
        rest: list[Item | PlacedLeaf] = [*self.items, *self.leaves]
        while frontier:
            touched = [entry for entry in rest if not frontier.isdisjoint(entry.labels)]
            rest = [entry for entry in rest if frontier.isdisjoint(entry.labels)]
            members.extend(touched)
            frontier = labels_of(touched) - reached
            if not barrier.isdisjoint(frontier):
                return None
            reached |= frontier
        self.items = [entry for entry in rest if isinstance(entry, Item)]
        self.leaves = [entry for entry in rest if isinstance(entry, PlacedLeaf)]
        dims = {label: self.dims[label] for label in sorted(reached)}
        for label in reached:
            del self.dims[label]
        part = Network(1, list(labels), dims)
        part.items = [entry for entry in members if isinstance(entry, Item)]
        part.leaves = [entry for entry in members if isinstance(entry, PlacedLeaf)]
        return part


def labels_of(entries: Iterable[Item | PlacedLeaf]) -> set[Label]:
    return {label for entry in entries for label in entry.labels}
