"""Cartesian products: subdifferentials of functions of separate variables."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.cone import Cone
from gradform.sets.entries import Array, Entries, Number
from gradform.sets.image import Image
from gradform.sets.notation import Notation, bracketed
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program
from gradform.sets.sums import Sum
from gradform.sets.witness import Witness

__all__ = ["Product"]


class Product(Image):
    """S₁ × S₂ × …; σ(d₁, d₂, …) = σ₁(d₁) + σ₂(d₂) + …"""

    def __init__(self, *sets: ConvexSet) -> None:
        if not sets:
            raise InputError(say("a product needs at least one set"), kind="shape")
        self.sets = sets

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return self.sets

    @cached_property
    def _bounds(self) -> list[int]:
        return list(accumulate(part.dim for part in self.sets))

    @property
    def dim(self) -> int:
        return self._bounds[-1]

    def push(self, parts: tuple[Array, ...]) -> Array:
        return np.concatenate(parts)

    def pull(self, d: Array) -> tuple[Array, ...]:
        return tuple(np.split(d, self._bounds[:-1]))

    def supporting(self, d: Array) -> Array:
        pieces = zip(self.sets, self.pull(d), strict=True)
        return np.concatenate([part.supporting(piece) for part, piece in pieces])

    def closest(self, g: Array) -> Witness | None:
        found = [part.closest(piece) for part, piece in zip(self.sets, self.pull(g), strict=True)]
        parts = tuple(witness for witness in found if witness is not None)
        return self.rebuilt(parts) if len(parts) == len(found) else None

    def simplified(self) -> ConvexSet:
        """A product of points and boxes is a box."""
        if self.is_empty:
            return Empty(self.dim)
        flat: list[ConvexSet] = []
        for part in self.sets:
            simple = part.simplified()
            flat += simple.sets if isinstance(simple, Product) else [simple]
        joined: list[ConvexSet] = []
        for part in flat:
            last = as_box(joined[-1]) if joined else None
            box = as_box(part)
            if last is not None and box is not None:
                joined[-1] = Box(_joined(last.low, box.low), _joined(last.high, box.high))
            else:
                joined.append(part)
        joined = [part.simplified() for part in joined]
        return joined[0] if len(joined) == 1 else Product(*joined)

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        return [entry for part in self.sets for entry in program.element(part, weight)]

    def write(self, notation: Notation) -> str:
        shown = []
        for part in self.sets:
            text = part.write(notation)
            shown.append(bracketed(text) if isinstance(part, Sum | Product | Cone) else text)
        return f" {notation.times} ".join(shown)


def as_box(s: ConvexSet) -> Box | None:
    """A point, box or line as a box."""
    if isinstance(s, Box):
        return s
    if isinstance(s, Point):
        return Box(s.entries, s.entries)
    if isinstance(s, Cone) and s.dim and np.linalg.matrix_rank(s.lineality.values) == s.dim:
        return Box([float("-inf")] * s.dim, [float("inf")] * s.dim)
    return None


def _joined(one: Entries, two: Entries) -> Entries:
    if one.given is None or two.given is None:
        return Entries(np.concatenate([one.values.ravel(), two.values.ravel()]), infinite=True)
    both: list[Number] = [*one.given, *two.given]
    return Entries(both, infinite=True)
