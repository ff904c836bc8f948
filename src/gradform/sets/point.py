"""A single vector, and the set without elements."""

from __future__ import annotations

import numpy as np

from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array, Entries, Given
from gradform.sets.notation import Notation
from gradform.sets.program import Expression, Program, scaled
from gradform.sets.witness import Witness, leaf

__all__ = ["Empty", "Point"]


class Point(ConvexSet):
    """{v}: the subdifferential where the function is differentiable. σ(d) = <d, v>."""

    def __init__(self, v: Given) -> None:
        self.entries = Entries(v)

    @property
    def v(self) -> Array:
        """The element."""
        return self.entries.values.ravel()

    @property
    def dim(self) -> int:
        return len(self.entries)

    def extreme(self, d: Array) -> Witness:
        return leaf(self.v)

    def closest(self, g: Array) -> Witness:
        return leaf(self.v)

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        return np.tile(self.v, (count, 1))

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        return [scaled(v, weight) for v in program.numbers(self.entries)]

    def write(self, notation: Notation) -> str:
        if self.entries.values.ndim > 1:
            return notation.braces(notation.matrix(self.entries))
        return notation.braces(notation.vector(self.entries.listed()))


class Empty(ConvexSet):
    """The set without elements: the subdifferential where the slope is infinite. σ = -inf."""

    def __init__(self, dim: int) -> None:
        self._dim = dim

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def is_empty(self) -> bool:
        return True

    def extreme(self, d: Array) -> Witness:
        raise AssertionError("asked for an element of the empty set")

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        return np.zeros((0, self.dim))

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        program.zero.append(weight)
        return [{} for _ in range(self.dim)]

    def write(self, notation: Notation) -> str:
        return notation.empty
