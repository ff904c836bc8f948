"""Minkowski sums: the sum rule of subdifferentials."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.ball import Ball
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.cone import Cone
from gradform.sets.entries import Array, Entries, Number, as_rational
from gradform.sets.hull import Hull
from gradform.sets.image import Image
from gradform.sets.matrix_ball import MatrixBall
from gradform.sets.notation import Notation
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added
from gradform.sets.spectral import PsdShift
from gradform.sets.witness import Witness, leaf

__all__ = ["Sum"]


class Sum(Image):
    """S₁ + S₂ + …; σ = σ₁ + σ₂ + …

    ∂(f + g)(x) = ∂f(x) + ∂g(x) when relative interiors of the domains meet
    (Rockafellar, 23.8).
    """

    def __init__(self, *sets: ConvexSet) -> None:
        if not sets or len({s.dim for s in sets}) != 1:
            raise InputError(say("a sum needs sets of one dimension, at least one"), kind="shape")
        self.sets = sets

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return self.sets

    @property
    def dim(self) -> int:
        return self.sets[0].dim

    def push(self, parts: tuple[Array, ...]) -> Array:
        return np.asarray(np.sum(parts, axis=0))

    def pull(self, d: Array) -> tuple[Array, ...]:
        return tuple(d for _ in self.sets)

    def supporting(self, d: Array) -> Array:
        for part in self.sets:
            d = d if part.is_bounded else part.supporting(d)
        return d

    def closest(self, g: Array) -> Witness | None:
        """By formula when all summands but one are points, boxes or a Euclidean ball."""
        if all(isinstance(part, Box | Point) for part in self.sets):
            return self._boxes(g)
        still = [i for i, part in enumerate(self.sets) if isinstance(part, Point)]
        moving = [i for i, part in enumerate(self.sets) if i not in still]
        found = {i: leaf(self.sets[i].extreme(g).vector) for i in still}
        left = g - sum((w.vector for w in found.values()), np.zeros(self.dim))
        round_ones = [i for i in moving if _is_round(self.sets[i])]
        others = [i for i in moving if i not in round_ones]
        if len(others) > 1:
            return None
        centres = {i: _round(self.sets[i])[0] for i in round_ones}
        left = left - sum(centres.values(), np.zeros(self.dim))
        for i in others:
            inner = self.sets[i].closest(left)
            if inner is None:
                return None
            found[i] = inner
            left = left - inner.point
        return self.rebuilt(self._with_balls(found, centres, left))

    def proposals(self, g: Array) -> Iterator[Witness]:
        """The formula; those of the one summand that is no point."""
        moving = [i for i, part in enumerate(self.sets) if not isinstance(part, Point)]
        if len(moving) != 1:
            yield from Image.proposals(self, g)
            return
        still = {i: leaf(_ends(p)[0]) for i, p in enumerate(self.sets) if i not in moving}
        left = g - sum((w.vector for w in still.values()), np.zeros(self.dim))
        for found in self.sets[moving[0]].proposals(left):
            yield self.rebuilt(tuple(still.get(i, found) for i in range(len(self.sets))))

    def _with_balls(
        self, found: dict[int, Witness], centres: dict[int, Array], left: Array
    ) -> tuple[Witness, ...]:
        """What is left is shared among the balls by their radii."""
        radii = {i: _round(self.sets[i])[1] for i in centres}
        total = max(sum(radii.values()), float(np.linalg.norm(left)))
        for i, centre in centres.items():
            found[i] = leaf(centre + (radii[i] / total if total else 0.0) * left)
        return tuple(found[i] for i in range(len(self.sets)))

    def _boxes(self, g: Array) -> Witness:
        """Coordinate by coordinate; slack of one interval is used up before the next."""
        ends = [_ends(part) for part in self.sets]
        starts = [np.clip(0.0, lo, hi) for lo, hi in ends]
        left = g - np.sum(starts, axis=0)
        chosen = []
        for start, (lo, hi) in zip(starts, ends, strict=True):
            value = np.clip(start + left, lo, hi)
            left = left - (value - start)
            chosen.append(leaf(value))
        return self.rebuilt(tuple(chosen))

    def simplified(self) -> ConvexSet:
        """Flattened, points, boxes and like balls added, a point absorbed by what can shift."""
        if self.is_empty:
            return Empty(self.dim)
        merged: list[ConvexSet] = []
        for term in _flattened(self):
            for i, other in enumerate(merged):
                both = _added(other, term)
                if both is not None:
                    merged[i] = both.simplified()
                    break
            else:
                merged.append(term)
        if len(merged) > 1:
            merged = [s for s in merged if not (isinstance(s, Point) and not s.v.any())]
        merged.sort(key=lambda s: not isinstance(s, Point))
        return merged[0] if len(merged) == 1 else Sum(*merged)

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        lifted = [program.element(part, weight) for part in self.sets]
        return [added(column) for column in zip(*lifted, strict=True)]

    def write(self, notation: Notation) -> str:
        shown = []
        for part in self.sets:
            text = part.write(notation)
            shown.append(f"({text})" if isinstance(part, Sum) else text)
        return " + ".join(shown)


def _ends(part: ConvexSet) -> tuple[Array, Array]:
    """Lower and upper ends of a box or point."""
    if isinstance(part, Box):
        return part.lo, part.hi
    at = part.extreme(np.zeros(part.dim)).vector
    return at, at


def _flattened(s: Sum) -> Iterator[ConvexSet]:
    """Summands, simplified, points first so that they are added exactly."""
    found: list[ConvexSet] = []
    for part in s.sets:
        simple = part.simplified()
        found += list(simple.sets) if isinstance(simple, Sum) else [simple]
    yield from sorted(found, key=lambda term: not isinstance(term, Point | Box))


def _is_round(s: ConvexSet) -> bool:
    return (isinstance(s, Ball) and s.norm == "l2") or (
        isinstance(s, MatrixBall) and s.norm == "fro"
    )


def _round(s: ConvexSet) -> tuple[Array, float]:
    assert isinstance(s, Ball | MatrixBall)
    return s.c, s.radius


def _added(one: ConvexSet, two: ConvexSet) -> ConvexSet | None:
    """The sum of two sets as one set of their kinds."""
    match one, two:
        case Point(), Point():
            return Point(added_entries(one.entries, two.entries))
        case Box(), Box():
            return Box(added_entries(one.low, two.low), added_entries(one.high, two.high))
        case Ball(), Ball() if one.norm == two.norm == "l2":
            centre = added_entries(one.center, two.center)
            return Ball("l2", centre, added_entries(one.size, two.size).listed()[0])
        case Cone(), Cone():
            return Cone(
                one.dim,
                [*_lines(one.generators), *_lines(two.generators)],
                [*_lines(one.lineality), *_lines(two.lineality)],
            )
        case (Point(), _):
            return shifted(two, one.entries)
        case (_, Point()):
            return shifted(one, two.entries)
        case _:
            return None


def shifted(s: ConvexSet, by: Entries) -> ConvexSet | None:
    """s + {v} where the kind of s can hold it."""
    match s:
        case Point():
            return Point(added_entries(s.entries, by))
        case Box():
            return Box(added_entries(s.low, by), added_entries(s.high, by))
        case Ball():
            return Ball(s.norm, added_entries(s.center, by), s.size.listed()[0])
        case MatrixBall():
            centre = added_entries(s.center, by)
            return MatrixBall(s.norm, s.shape, centre, s.size.listed()[0])
        case Hull():
            rows = [added_entries(Entries(row), by).listed() for row in s.rows()]
            return Hull(rows)
        case PsdShift():
            return PsdShift(s.n, s.sign, added_entries(s.offset, by))
        case _:
            return s.shifted(by)


def added_entries(one: Entries, two: Entries) -> Entries:
    """The sum of two vectors, exactly where both are written exactly."""
    if one.given is None or two.given is None:
        return Entries(one.values.ravel() + two.values.ravel(), infinite=True)
    pairs = zip(one.given, two.given, strict=True)
    return Entries([_number_sum(a, b) for a, b in pairs], infinite=True)


def _number_sum(a: Number, b: Number) -> Number:
    if a == 0:
        return b
    if b == 0:
        return a
    if isinstance(a, float) or isinstance(b, float):
        return float(Entries([a], infinite=True).values[0] + Entries([b], infinite=True).values[0])
    p, q = as_rational(a), as_rational(b)
    if p is not None and q is not None:
        return p + q
    return float(Entries([a], infinite=True).values[0] + Entries([b], infinite=True).values[0])


def _lines(entries: Entries) -> list[list[Number]]:
    width = int(entries.values.shape[1])
    listed = entries.listed()
    return [listed[i : i + width] for i in range(0, len(listed), width)] if width else []
