"""What a set has to say about itself; everything else is computed from this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from gradform.sets.entries import Array
from gradform.sets.notation import Notation
from gradform.sets.program import Expression, Program
from gradform.sets.witness import Witness

__all__ = ["NEGLIGIBLE", "Oracle"]

NEGLIGIBLE = 1e-12
"""A direction's component along a ray counts as zero below this share of its size."""


class Oracle(ABC):
    """A closed convex set of flat vectors, by the element furthest in a direction."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """The number of coordinates."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no element."""
        return False

    @property
    def is_bounded(self) -> bool:
        """Whether the set lies in some ball."""
        return True

    @property
    def parts(self) -> tuple[Oracle, ...]:
        """The sets a composite set is made of."""
        return ()

    @abstractmethod
    def extreme(self, d: Array) -> Witness:
        """An element furthest in direction d; a ray along which <d, ·> grows if there is one."""

    @abstractmethod
    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        """Elements of a nonempty set, one a row."""

    @abstractmethod
    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        """The elements of weight·set as expressions in new variables of a conic program."""

    @abstractmethod
    def write(self, notation: Notation) -> str:
        """The set as people write it."""

    def closest(self, g: Array) -> Witness | None:
        """The element nearest to g where a formula gives it."""
        return None

    def proposals(self, g: Array) -> Iterator[Witness]:
        """Elements near g that are found without the general methods, better and better."""
        found = self.closest(g)
        if found is not None:
            yield found

    def residual(self, g: Array, nearest: Array) -> Array:
        """g less its nearest element, with less rounding where the set knows how."""
        return g - nearest

    def decided(self, g: list[Fraction]) -> bool | None:
        """Exact membership by a formula in rational numbers; None where there is none."""
        return None

    def supporting(self, d: Array) -> Array:
        """d without what rounding added to it along rays of the set."""
        return d

    def rebuilt(self, parts: tuple[Witness, ...]) -> Witness:
        """The element made of elements of the parts; asked only of sets that have parts."""
        raise NotImplementedError

    def magnitude(self, witness: Witness) -> float:
        """The size of the numbers an element is computed from, for bounds of rounding."""
        return float(np.linalg.norm(witness.vector))

    def pulled(self, d: Array) -> tuple[Array, ...] | None:
        """For a linear image of its parts, the direction as each part sees it."""
        return None
