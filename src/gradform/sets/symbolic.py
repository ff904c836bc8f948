"""Boxes and balls over R^n with n a symbol: for printing, and support of given directions."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.ball import Ball, Norm
from gradform.sets.box import Box, interval
from gradform.sets.entries import Array, Entries, Number
from gradform.sets.notation import LATEX, TEXT, UNICODE, Notation

__all__ = ["SymbolicBall", "SymbolicBox", "SymbolicSet"]


class SymbolicSet(ABC):
    """A family of sets, one for every size n."""

    def __init__(self, size: str) -> None:
        self.size = size

    @abstractmethod
    def at(self, n: int) -> Box | Ball:
        """The set for a given size."""

    @abstractmethod
    def write(self, notation: Notation) -> str:
        """The family as people write it."""

    def support(self, d: npt.ArrayLike) -> float:
        """σ(d) in the space that d is of."""
        return self.at(np.size(d)).support(d)

    def maximiser(self, d: npt.ArrayLike) -> Array | None:
        """An element where the support function is attained."""
        return self.at(np.size(d)).maximiser(d)

    def contains(self, g: npt.ArrayLike, tolerance: float = 1e-9) -> bool:
        """Membership in the space that g is of."""
        return self.at(np.size(g)).contains(g, tolerance)

    @property
    def text(self) -> str:
        """The family in plain text."""
        return self.write(TEXT)

    @property
    def unicode(self) -> str:
        """The family with mathematical characters."""
        return self.write(UNICODE)

    @property
    def latex(self) -> str:
        """The family in LaTeX."""
        return self.write(LATEX)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text}>"


class SymbolicBox(SymbolicSet):
    """[lo, hi]^n: the subdifferential of norm1 at 0."""

    def __init__(self, size: str, lo: Number, hi: Number) -> None:
        SymbolicSet.__init__(self, size)
        self.lo, self.hi = lo, hi
        ends = Entries([lo, hi], infinite=True).values
        if ends[0] > ends[1]:
            raise InputError(say("the ends of the interval are in the wrong order"), kind="value")

    def at(self, n: int) -> Box:
        return Box([self.lo] * n, [self.hi] * n)

    def write(self, notation: Notation) -> str:
        return notation.power(interval(notation, self.lo, self.hi), self.size)


class SymbolicBall(SymbolicSet):
    """{g in R^n : |g| <= r}: the subdifferential of a norm at 0."""

    def __init__(self, size: str, norm: Norm, radius: Number = 1) -> None:
        SymbolicSet.__init__(self, size)
        self.norm, self.radius = norm, radius

    def at(self, n: int) -> Ball:
        return Ball(self.norm, [0] * n, self.radius)

    def write(self, notation: Notation) -> str:
        norm = notation.normed({"l1": "1", "l2": "2", "linf": "inf"}[self.norm], "g")
        member = f"g {notation.inside} {notation.space(self.size)}"
        radius = notation.number(self.radius)
        return notation.such_that(member, f"{norm} {notation.at_most} {radius}")
