"""Boxes: products of closed intervals, ends at infinity allowed."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import NEGLIGIBLE, ConvexSet
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.witness import Witness, leaf

__all__ = ["Box"]

_MOST_FACTORS = 8


class Box(ConvexSet):
    """{s : loᵢ <= sᵢ <= hiᵢ}: subdifferentials of separable functions.

    σ(d) = Σᵢ max(loᵢ·dᵢ, hiᵢ·dᵢ); attained where sᵢ is the end on dᵢ's side.
    """

    def __init__(self, lo: Given, hi: Given) -> None:
        self.low, self.high = Entries(lo, infinite=True), Entries(hi, infinite=True)
        if len(self.low) != len(self.high):
            raise InputError(say("lower and upper ends of a box differ in number"), kind="shape")
        if (self.lo == np.inf).any() or (self.hi == -np.inf).any():
            raise InputError(say("an interval of a box lies at infinity"), kind="value")
        self._is_empty = bool((self.lo > self.hi).any())

    @property
    def lo(self) -> Array:
        """The lower ends."""
        return self.low.values.ravel()

    @property
    def hi(self) -> Array:
        """The upper ends."""
        return self.high.values.ravel()

    @property
    def dim(self) -> int:
        return len(self.low)

    @property
    def is_empty(self) -> bool:
        return self._is_empty

    @property
    def is_bounded(self) -> bool:
        return bool(np.isfinite(self.lo).all() and np.isfinite(self.hi).all())

    def extreme(self, d: Array) -> Witness:
        free = np.where(d > 0, self.hi == np.inf, self.lo == -np.inf)
        if free.any():
            least = NEGLIGIBLE * float(np.linalg.norm(d))
            rising = np.where(free & (np.abs(d) > least), d, 0.0)
            size = float(np.linalg.norm(rising))
            if size:
                return leaf(rising / size, 0.0)
        chosen = np.where(d > 0, self.hi, self.lo)
        inner = np.clip(0.0, self.lo, self.hi)
        return leaf(np.where((d == 0) | ~np.isfinite(chosen), inner, chosen))

    def closest(self, g: Array) -> Witness:
        return leaf(np.clip(g, self.lo, self.hi))

    def supporting(self, d: Array) -> Array:
        free = np.where(d > 0, self.hi == np.inf, self.lo == -np.inf)
        return np.asarray(np.where(free, 0.0, d))

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        spread = rng.exponential(size=(count, self.dim))
        low = np.where(np.isfinite(self.lo), self.lo, np.minimum(self.hi, 0.0) - spread)
        high = np.where(np.isfinite(self.hi), self.hi, np.maximum(self.lo, 0.0) + spread)
        shares = np.clip(rng.uniform(-0.2, 1.2, size=(count, self.dim)), 0.0, 1.0)
        return np.asarray(np.clip(low + shares * (high - low), self.lo, self.hi))

    def simplified(self) -> ConvexSet:
        """The empty set, a point, or the box itself."""
        if self.is_empty:
            return Empty(self.dim)
        return Point(self.low) if np.array_equal(self.lo, self.hi) else self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        found = program.new(self.dim)
        for i, element in enumerate(found):
            for ends, side in ((self.low, 1), (self.high, -1)):
                if np.isfinite(ends.values.ravel()[i]):
                    (bound,) = program.numbers(Entries([ends.listed()[i]]))
                    program.nonnegative.append(
                        added([scaled(side, element), scaled(-side * bound, weight)])
                    )
        return found

    def write(self, notation: Notation) -> str:
        if self.is_empty:
            return notation.empty
        if self.dim and np.array_equal(self.lo, self.hi):
            return Point(self.low).write(notation)
        sides = zip(self.low.listed(), self.high.listed(), strict=True)
        runs = [(ends, len(list(run))) for ends, run in groupby(sides)]
        factors = [_power(notation, interval(notation, *ends), size) for ends, size in runs]
        if len(factors) > _MOST_FACTORS:
            factors = [*factors[: _MOST_FACTORS - 1], notation.dots, factors[-1]]
        return f" {notation.times} ".join(factors)


def interval(notation: Notation, lo: Number, hi: Number) -> str:
    """[-1, 1], (-inf, 1], {2}, R"""
    is_low, is_high = str(lo) == "-inf", str(hi) == "inf"
    if is_low and is_high:
        return notation.reals
    if lo == hi:
        return notation.braces(notation.number(lo))
    left = f"(-{notation.infinity}" if is_low else f"[{notation.number(lo)}"
    right = f"{notation.infinity})" if is_high else f"{notation.number(hi)}]"
    return f"{left}, {right}"


def _power(notation: Notation, factor: str, size: int) -> str:
    return factor if size == 1 else notation.power(factor, size)
