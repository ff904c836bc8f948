"""A product as a network of classes of labels, and its connected components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from gradform.codegen.structured.forms import Band
from gradform.codegen.structured.terms import Classes, Unstructured, linked
from gradform.ir import build
from gradform.ir.dims import ZERO_DIM, Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node
from gradform.records import record

__all__ = ["Component", "DiagonalPlace", "Network"]


@record
class DiagonalPlace:
    """A class with one row and one column: entry b stands at (row + down, column + along)."""

    base: int
    row: int
    column: int
    down: Dim
    along: Dim
    is_main: bool

    def band(self, network: Network, contents: Sequence[Factor]) -> Band:
        """The one diagonal, whose entries are the product of ``contents``."""
        dims = network.dims
        node = network.expression(contents, (self.base,))
        return Band(node, self.down, self.along, dims[self.row], dims[self.column])


@record(eq=False)
class Component:
    """Classes that factors join, by their labels: rows, columns, and bases of diagonals."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    diagonals: tuple[int, ...]
    contents: tuple[Factor, ...]

    def outputs(self, network: Network) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Row labels and column labels, those of the diagonals first."""
        places = [network.diagonal(each) for each in self.diagonals]
        down = tuple(place.row for place in places)
        along = tuple(place.column for place in places)
        return down + self.rows, along + self.columns


class Network:
    """The factors of a product with labels; the first ``split`` outputs are rows."""

    def __init__(self, term: Node, split: int) -> None:
        factors: Sequence[Factor] = [(term, tuple(range(term.rank)), 1)]
        self.coefficient: Coefficient = 1
        self.dims: dict[int, Dim] = dict(enumerate(term.axes))
        if isinstance(term, Contraction):
            factors, self.coefficient = term.factors, term.coefficient
            self.dims = dict(enumerate(term.dims))
        self.rows = list(range(split))
        self.columns = list(range(split, term.rank))
        factors = self._unjoined(list(factors))
        self.classes = Classes(self.dims)
        contents = list(linked(tuple(factors), self.classes))
        self._members = self.classes.members()
        self._bases = {root: self.classes.base(m) for root, m in self._members.items()}
        self._diagonals: dict[int, DiagonalPlace] = {}
        self._scalars: list[Factor] = []
        self._lone: list[int] = []
        self.components = self._found_components(contents)

    def _unjoined(self, factors: list[Factor]) -> list[Factor]:
        """An output that joins two axes becomes the two: read row by row nothing changes."""
        for factor in [f for f in factors if _joins(f)]:
            joined, *pair = factor[1]
            elsewhere = [f for f in factors if f is not factor and joined in f[1]]
            if joined not in self.rows + self.columns or elsewhere:
                continue
            side = self.rows if joined in self.rows else self.columns
            factors.remove(factor)
            at = side.index(joined)
            del side[at]
            for place, label in enumerate(pair, at):
                side.insert(place, self._as_output(label, factors))
            del self.dims[joined]
        return factors

    def _as_output(self, label: int, factors: list[Factor]) -> int:
        """A label that may become an output: one that is already is tied to a new one."""
        if label not in self.rows + self.columns:
            return label
        fresh = max(self.dims) + 1
        self.dims[fresh] = self.dims[label]
        factors.append((build.delta(self.dims[label]), (label, fresh), 1))
        return fresh

    # ------------------------------------------------------------ components

    def _found_components(self, contents: Sequence[Factor]) -> list[Component]:
        group = {root: root for root in self._members}

        def top(root: int) -> int:
            while group[root] != root:
                root = group[root]
            return root

        for _, labels, _ in contents:
            roots = [self.classes.find(label)[0] for label in labels]
            for other in roots[1:]:
                group[top(other)] = top(roots[0])
        found: dict[int, list[int]] = {}
        for root in self._members:
            found.setdefault(top(root), []).append(root)
        held: dict[int, list[Factor]] = {root: [] for root in found}
        for factor in contents:
            if factor[1]:
                held[top(self.classes.find(factor[1][0])[0])].append(factor)
            else:
                self._scalars.append(factor)
        return [self._component(roots, held[root]) for root, roots in found.items()]

    def _component(self, roots: Sequence[int], contents: Sequence[Factor]) -> Component:
        rows: list[int] = []
        columns: list[int] = []
        diagonals: list[int] = []
        for root in roots:
            down = [x for x in self._members[root] if x in self.rows]
            along = [x for x in self._members[root] if x in self.columns]
            if len(down) > 1 or len(along) > 1:
                raise Unstructured
            if down and along:
                self._diagonals[self._bases[root]] = self._place(root, down[0], along[0])
                diagonals.append(self._bases[root])
            else:
                rows.extend(down)
                columns.extend(along)
        rows.sort(key=self.rows.index)
        columns.sort(key=self.columns.index)
        diagonals.sort(key=lambda base: self.rows.index(self._diagonals[base].row))
        if not rows and not columns and not diagonals:
            self._scalars.extend(contents)
            if not contents:
                self._lone.extend(self._bases[root] for root in roots)
        return Component(tuple(rows), tuple(columns), tuple(diagonals), tuple(contents))

    def _place(self, root: int, row: int, column: int) -> DiagonalPlace:
        base = self._bases[root]
        down, along = self.classes.between(base, row), self.classes.between(base, column)
        same = self.dims[base] is self.dims[row] is self.dims[column]
        return DiagonalPlace(base, row, column, down, along, same and down is along is ZERO_DIM)

    def diagonal(self, base: int) -> DiagonalPlace:
        return self._diagonals[base]

    # ------------------------------------------------------------ expressions

    def labels(self, factor: Factor) -> set[int]:
        """The classes a factor touches: an output by its own label, others by their base."""
        return {self._named(label) for label in factor[1]}

    def _named(self, label: int) -> int:
        root = self.classes.find(label)[0]
        base = self._bases[root]
        if base in self._diagonals:
            return base
        outputs = [x for x in self._members[root] if x in self.rows or x in self.columns]
        return outputs[0] if outputs else base

    def touches(self, factor: Factor, labels: Iterable[int]) -> bool:
        return not self.labels(factor).isdisjoint(labels)

    def expression(self, contents: Sequence[Factor], out: Sequence[int]) -> Node:
        """The product of some factors, with the axes of ``out``; the other classes are summed."""
        used = {*out, *(label for _, labels, _ in contents for label in labels)}
        dims: dict[build.Label, Dim] = {}
        ties: list[Factor] = []
        for label in sorted(used):
            base = self._bases[self.classes.find(label)[0]]
            dims[label], dims[base] = self.dims[label], self.dims[base]
            if label != base:
                start = self.classes.between(base, label)
                selected = build.select(self.dims[label], start, self.dims[base])
                ties.append((selected, (base, label), 1))
        return build.contract(1, [*ties, *contents], tuple(out), dims)

    def groups(self) -> list[Sequence[Factor]]:
        """The factors of each component, then those without rows and columns."""
        shown = [each for each in self.components if each.rows or each.columns or each.diagonals]
        return [*(each.contents for each in shown), self._scalars]

    def scalar(self) -> Node | None:
        """The product of all that has neither rows nor columns; None for 1."""
        node = self.expression(self._scalars, ())
        sums = [build.size_of(self.dims[base]) for base in self._lone]
        node = reduce(build.hadamard, [*sums, node])
        return None if build.constant_value(node) == 1 else node


def _joins(factor: Factor) -> bool:
    node, _, power = factor
    return isinstance(node, Leaf) and node.kind == "flatten" and power > 0
