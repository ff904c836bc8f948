"""Roots of sums of squares in products, so that no square leaves the range of numbers.

The expression writes x S^(-1/2) and x x' S^(-3/2) with S = Σ x². Where squares overflow or
vanish, the root of S and x over it do not: with r = S^(1/2), computed as a whole, these are
u = x/r and u u'/r.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.contraction.network import Label
from gradform.codegen.lowering.squares.forms import Square, SquareSum, orders, square_sum
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, exact
from gradform.records import record

__all__ = ["RootPower", "Unit", "holds_root", "rooted", "take_roots"]


_Names: TypeAlias = Mapping[int, Label]


@record
class Unit:
    """``root[labels] / length(total)[places]``: what is squared over the root of the sum."""

    square: Square
    labels: tuple[Label, ...]
    total: SquareSum
    places: tuple[Label, ...]


@record
class RootPower:
    """``length(total)[places] ^ power``"""

    total: SquareSum
    places: tuple[Label, ...]
    power: Coefficient


# ---------------------------------------------------------------- out of a product


def rooted(nodes: Iterable[Node]) -> frozenset[Node]:
    """The sums of squares that roots are taken of."""
    return frozenset(
        factor
        for node in nodes
        if isinstance(node, Contraction)
        for factor, _, power in node.factors
        if not isinstance(power, int) and square_sum(factor) is not None
    )


def holds_root(term: Contraction, sum_: Node, places: tuple[Label, ...]) -> bool:
    """Whether a product has, or holds in a closed product, what is squared in a sum."""
    total = square_sum(sum_)
    taking = _Taking(term.factors, term.dims, term.rank, ())
    return total is not None and taking.own(total, places) is not None


def take_roots(
    factors: Sequence[Factor], dims: Sequence[Dim], rank: int, known: Container[Node]
) -> tuple[list[Unit], list[RootPower], tuple[Factor, ...], dict[Label, Dim]]:
    """Powers of sums of squares among the factors, paired with what is squared in them.

    Then what is left over, and the sizes of all labels: closed products that hold what is
    squared were opened, and labels inside of what is squared are gone. ``known`` are the sums
    whose roots are there anyway.
    """
    taking = _Taking(factors, dims, rank, known)
    return taking.units, taking.powers, tuple(taking.rest), taking.sizes(factors, len(dims))


class _Taking:
    """One root in a product that keeps an axis is left as it is, and divided by afterwards:
    of A' r, not of r, so that sums over rows come first. All others are divided before.
    """

    def __init__(
        self, factors: Sequence[Factor], dims: Sequence[Dim], rank: int, known: Container[Node]
    ) -> None:
        self.rest = list(factors)
        self.kept: list[Factor] = []
        self.dims = list(dims)
        self.rank = rank
        self.units: list[Unit] = []
        self.powers: list[RootPower] = []
        for factor in factors:
            total = _total(factor, known)
            # A root that was taken before may have been made of it.
            if total is not None and factor in self.rest and self._is_worthwhile(factor):
                self.rest.remove(factor)
                self._take(total, factor[1], 2 * factor[2])
        self.rest += self.kept

    def sizes(self, factors: Sequence[Factor], given: int) -> dict[Label, Dim]:
        """Of all labels but those that are inside of what was taken."""
        left = {label for _, labels, _ in self.rest for label in labels}
        left.update(label for unit in self.units for label in (*unit.labels, *unit.places))
        left.update(label for power in self.powers for label in power.places)
        had = {label for _, labels, _ in factors for label in labels}
        had.update(range(given, len(self.dims)))
        return {k: size for k, size in enumerate(self.dims) if k in left or k not in had}

    def _is_worthwhile(self, factor: Factor) -> bool:
        """Whether a root is taken anyway, or something is divided by a whole power of the sum."""
        if not isinstance(factor[2], int):
            return True
        return any(
            power > 0 and other is not factor[0] and not isinstance(other, Leaf)
            for other, _, power in (*self.rest, *self.kept)
        )

    def _take(self, total: SquareSum, places: tuple[Label, ...], power: Coefficient) -> None:
        while power <= -1:
            found = self.own(total, places)
            if found is None:
                break
            unit, parts = found
            if self._may_wait(unit):
                self.kept += parts
                continue
            self.units.append(unit)
            power += 1
        if power:
            self.powers.append(RootPower(total, places, exact(power)))

    def own(self, total: SquareSum, places: tuple[Label, ...]) -> tuple[Unit, list[Factor]] | None:
        """One of the roots of the sum among the factors, which it then leaves."""
        for square in sorted(total.terms, key=lambda term: -len(term.parts)):
            if square.root is None:
                continue
            found = _matched(square, self.rest, dict(enumerate(places)), self.rank)
            if found is None and not places:
                found = self._inside(square)
            if found is not None:
                names, self.rest = found
                labels = tuple(names[label] for label in square.labels)
                parts = [(f, tuple(names[x] for x in at), p) for f, at, p in square.parts]
                return Unit(square, labels, total, places), parts
        return None

    def _inside(self, square: Square) -> tuple[_Names, list[Factor]] | None:
        """A root inside a closed product, such as x'y, which is opened for it."""
        for factor in self.rest:
            node, _, power = factor
            if not isinstance(node, Contraction) or node.rank or power != 1:
                continue
            first = len(self.dims)
            opened = [(f, tuple(first + x for x in at), p) for f, at, p in node.factors]
            if node.coefficient == 1 and _matched(square, opened, {}, self.rank) is not None:
                self.dims.extend(node.dims)
                rest = [other for other in self.rest if other is not factor]
                return _matched(square, [*rest, *opened], {}, self.rank)
        return None

    def _may_wait(self, unit: Unit) -> bool:
        """Whether what a root is contracted with keeps an axis and has no other one."""
        if self._summed(unit.places):
            return False
        reached = set(unit.labels)
        pending = [*self.rest, *self.kept]
        while touching := [f for f in pending if not self._summed(reached).isdisjoint(f[1])]:
            if any(factor in self.kept for factor in touching):
                return False
            reached.update(label for _, labels, _ in touching for label in labels)
            pending = [factor for factor in pending if factor not in touching]
        return any(label < self.rank for label in reached)

    def _summed(self, labels: Iterable[Label]) -> set[Label]:
        return {label for label in labels if label >= self.rank}


def _total(factor: Factor, known: Container[Node]) -> SquareSum | None:
    """The sum of squares that a factor is a power of, where its root is of use."""
    node, places, power = factor
    whole = isinstance(power, int)
    if (whole and power > 0) or len(set(places)) < len(places):
        return None
    total = square_sum(node)
    if total is None or (whole and node not in known and not total.is_summed):
        return None
    return total


def _matched(
    square: Square, factors: list[Factor], names: _Names, rank: int
) -> tuple[_Names, list[Factor]] | None:
    """The labels that the root has among the factors, and these without it."""
    for found, left in _assigned(square.parts, factors, names):
        own = {found[label] for label in square.inner}
        if all(label >= rank for label in own) and all(own.isdisjoint(at) for _, at, _ in left):
            return found, left
    return None


def _assigned(
    parts: Sequence[Factor], factors: list[Factor], names: _Names
) -> Iterator[tuple[_Names, list[Factor]]]:
    """All ways to find the parts of a root among the factors."""
    if not parts:
        yield names, factors
        return
    node, labels, power = parts[0]
    for k, (other, theirs, available) in enumerate(factors):
        if other is not node or not (0 < power <= available or available <= power < 0):
            continue
        for order in orders(node, theirs):
            joined = _joined(names, labels, order)
            if joined is not None:
                less = exact(available - power)
                kept = [(other, theirs, less)] if less else []
                yield from _assigned(parts[1:], [*factors[:k], *kept, *factors[k + 1 :]], joined)


def _joined(names: _Names, labels: Sequence[int], theirs: Sequence[Label]) -> _Names | None:
    found = dict(names)
    for own, other in zip(labels, theirs, strict=True):
        if found.setdefault(own, other) != other:
            return None
    return found if len(set(found.values())) == len(found) else None
