"""Multiples of sets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradform.sets.ball import Ball
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.cone import Cone
from gradform.sets.entries import Array, Entries, Number, as_rational
from gradform.sets.hull import Hull
from gradform.sets.image import Image
from gradform.sets.matrix_ball import MatrixBall
from gradform.sets.notation import Notation, bracketed
from gradform.sets.point import Empty, Point
from gradform.sets.product import Product
from gradform.sets.program import Expression, Program, scaled
from gradform.sets.spectral import PsdShift, Spectraplex
from gradform.sets.sums import Sum
from gradform.sets.witness import Witness

__all__ = ["Scaled"]


class Scaled(Image):
    """c·S; σ(d) = σ_S(c·d). For c = 0 it is {0}."""

    def __init__(self, factor: Number, s: ConvexSet) -> None:
        self.entries = Entries([factor])
        self.set = s

    @property
    def factor(self) -> float:
        """c"""
        return float(self.entries.values[0])

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return (self.set,)

    @property
    def dim(self) -> int:
        return self.set.dim

    def push(self, parts: tuple[Array, ...]) -> Array:
        return self.factor * parts[0]

    def pull(self, d: Array) -> tuple[Array, ...]:
        return (self.factor * d,)

    @property
    def gain(self) -> float:
        return abs(self.factor)

    def supporting(self, d: Array) -> Array:
        return d if self.factor == 0 else self.set.supporting(self.factor * d) / self.factor

    def closest(self, g: Array) -> Witness | None:
        if self.factor == 0:
            found: Witness | None = self.set.extreme(np.zeros(self.dim))
        else:
            found = self.set.closest(g / self.factor)
        return None if found is None else self.rebuilt((found,))

    def proposals(self, g: Array) -> Iterator[Witness]:
        if self.factor == 0:
            yield from Image.proposals(self, g)
            return
        for found in self.set.proposals(g / self.factor):
            yield self.rebuilt((found,))

    def simplified(self) -> ConvexSet:
        """The factor moved into the numbers of the set."""
        if self.is_empty:
            return Empty(self.dim)
        if self.factor == 0:
            return Point([0] * self.dim)
        inner = self.set.simplified()
        found = _multiple(self.entries.listed()[0], inner)
        return Scaled(self.entries.listed()[0], inner) if found is None else found

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (factor,) = program.numbers(self.entries)
        return [scaled(factor, e) for e in program.element(self.set, weight)]

    def write(self, notation: Notation) -> str:
        text = self.set.write(notation)
        inner = bracketed(text) if isinstance(self.set, Image | Box | Cone) else text
        return notation.product(notation.number(self.entries.listed()[0]), inner)


def _multiple(c: Number, s: ConvexSet) -> ConvexSet | None:
    """c·s, c not 0, as a set of the kind of s."""
    negative = float(Entries([c]).values[0]) < 0
    size: Number = _product(-1, c) if negative else c
    match s:
        case Point():
            return Point(times(c, s.entries))
        case Box():
            ends = times(c, s.low), times(c, s.high)
            return Box(*(reversed(ends) if negative else ends))
        case Ball():
            return Ball(s.norm, times(c, s.center), times(size, s.size).listed()[0])
        case MatrixBall():
            radius = times(size, s.size).listed()[0]
            return MatrixBall(s.norm, s.shape, times(c, s.center), radius)
        case Hull():
            return Hull([times(c, Entries(row)).listed() for row in s.rows()])
        case Cone():
            rows = [[_product(-1, v) for v in row] for row in s.generators.values.tolist()]
            return Cone(s.dim, rows, s.lineality) if negative else s
        case Spectraplex() if not negative:
            return Spectraplex(s.n, times(c, s.entries).listed()[0])
        case PsdShift():
            return PsdShift(s.n, -s.sign if negative else s.sign, times(c, s.offset))
        case Scaled():
            return Scaled(_product(c, s.entries.listed()[0]), s.set).simplified()
        case Sum():
            return Sum(*(Scaled(c, part) for part in s.sets)).simplified()
        case Product():
            return Product(*(Scaled(c, part) for part in s.sets)).simplified()
        case _:
            return s if c == 1 else None


def times(c: Number, entries: Entries) -> Entries:
    """c times a vector, exactly where it is written exactly."""
    if entries.given is None:
        return Entries(float(Entries([c]).values[0]) * entries.values.ravel(), infinite=True)
    return Entries([_product(c, v) for v in entries.given], infinite=True)


def _product(c: Number, v: Number) -> Number:
    if c == 1:
        return v
    if not (isinstance(c, float) or isinstance(v, float)):
        p, q = as_rational(c), as_rational(v)
        if p is not None and q is not None:
            return p * q
    return float(Entries([c]).values[0] * Entries([v], infinite=True).values[0])
