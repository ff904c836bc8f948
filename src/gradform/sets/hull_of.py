"""Convex hulls of unions."""

from __future__ import annotations

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array
from gradform.sets.hull import Hull
from gradform.sets.notation import Notation
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.witness import Witness

__all__ = ["HullOf"]


class HullOf(ConvexSet):
    """cl conv(S₁ ∪ S₂ ∪ …): the subdifferential of a maximum of convex functions.

    σ = max σᵢ (Hiriart-Urruty & Lemaréchal, V.3.3); elements are Σ λᵢ·sᵢ, λ in the simplex.
    """

    def __init__(self, *sets: ConvexSet) -> None:
        if not sets or len({s.dim for s in sets}) != 1:
            raise InputError(say("a hull needs sets of one dimension, at least one"), kind="shape")
        self.sets = sets

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return self.sets

    @property
    def dim(self) -> int:
        return self.sets[0].dim

    @property
    def is_empty(self) -> bool:
        return all(part.is_empty for part in self.sets)

    @property
    def is_bounded(self) -> bool:
        return all(part.is_bounded or part.is_empty for part in self.sets)

    def extreme(self, d: Array) -> Witness:
        found = [None if part.is_empty else part.extreme(d) for part in self.sets]
        values = [_value(witness, d) for witness in found]
        best = int(np.argmax(values))
        parts = tuple(
            witness if i == best and witness is not None else _nothing(part, witness)
            for i, (part, witness) in enumerate(zip(self.sets, found, strict=True))
        )
        return self.rebuilt(parts)

    def rebuilt(self, parts: tuple[Witness, ...]) -> Witness:
        """Parts add up with their weights."""
        vector = np.sum([part.vector for part in parts], axis=0)
        return Witness(vector, float(sum(part.weight for part in parts)), parts)

    def magnitude(self, witness: Witness) -> float:
        inner = zip(self.sets, witness.parts, strict=True)
        return sum(part.magnitude(found) for part, found in inner if found.weight > 0)

    def supporting(self, d: Array) -> Array:
        for part in self.sets:
            d = d if part.is_empty or part.is_bounded else part.supporting(d)
        return d

    def closest(self, g: Array) -> Witness | None:
        full = [i for i, part in enumerate(self.sets) if not part.is_empty]
        if len(full) > 1:
            return None
        found = self.sets[full[0]].closest(g)
        if found is None:
            return None
        return self.rebuilt(
            tuple(
                found if i == full[0] else _nothing(part, None) for i, part in enumerate(self.sets)
            )
        )

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        full = [part for part in self.sets if not part.is_empty]
        weights = rng.dirichlet(np.full(len(full), 0.5), size=count)
        samples = np.stack([part.sampled(count, rng) for part in full])
        return np.asarray(np.einsum("nk,knd->nd", weights, samples))

    def simplified(self) -> ConvexSet:
        """Nested hulls joined, empty sets dropped; a hull of points where all are points."""
        flat: list[ConvexSet] = []
        for part in self.sets:
            simple = part.simplified()
            flat += simple.sets if isinstance(simple, HullOf) else [simple]
        flat = [part for part in flat if not part.is_empty]
        points = [part for part in flat if isinstance(part, Point | Hull)]
        others = [part for part in flat if not isinstance(part, Point | Hull)]
        rows = [row for part in points for row in _rows(part)]
        hull: list[ConvexSet] = [Hull(rows).simplified()] if rows else []
        found = [*others, *hull]
        if not found:
            return Empty(self.dim)
        return found[0] if len(found) == 1 else HullOf(*found)

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        shares = program.new(len(self.sets), nonnegative=True)
        program.zero.append(added([*shares, scaled(-1, weight)]))
        pairs = zip(self.sets, shares, strict=True)
        lifted = [program.element(part, share) for part, share in pairs]
        return [added(column) for column in zip(*lifted, strict=True)]

    def write(self, notation: Notation) -> str:
        between = f" {notation.union} "
        return f"{notation.word('conv')}({between.join(p.write(notation) for p in self.sets)})"


def _value(witness: Witness | None, d: Array) -> float:
    if witness is None:
        return -np.inf
    return np.inf if witness.weight == 0 else float(d @ witness.point)


def _nothing(part: ConvexSet, like: Witness | None) -> Witness:
    """Share 0 of a part, shaped like one of its witnesses."""
    if like is None and not part.is_empty:
        like = part.extreme(np.zeros(part.dim))
    parts = () if like is None else tuple(_shrunk(inner) for inner in like.parts)
    return Witness(np.zeros(part.dim), 0.0, parts)


def _shrunk(witness: Witness) -> Witness:
    parts = tuple(_shrunk(inner) for inner in witness.parts)
    return Witness(np.zeros_like(witness.vector), 0.0, parts)


def _rows(part: ConvexSet) -> list[list[object]]:
    if isinstance(part, Hull):
        return [list(row) for row in part.rows()]
    assert isinstance(part, Point)
    return [list(part.entries.listed())]
