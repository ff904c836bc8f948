"""Is 0 in the set? A certificate of either answer that can be checked by hand.

0 is in ∂f(x) if and only if x minimises f over its domain (Rockafellar, 27.1). Then the
elements of the parts that add up to 0 are the dual vector; if not, a direction d with
σ(d) < 0 is one in which f falls, and |σ(d)|/|d| bounds the distance of 0 from the set.
"""

from __future__ import annotations

import numpy as np

from gradform.errors import UndecidedError
from gradform.language import say
from gradform.records import record
from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array
from gradform.sets.nearest import Nearest, nearest
from gradform.sets.witness import Witness

__all__ = ["Decomposition", "Descent", "certificate_of_zero", "unmade"]


@record(eq=False)
class Decomposition:
    """0 as an element: ``witness.parts`` are elements of the parts of ``set``.

    ``residual`` is the length of what they add up to, at most ``allowed``.
    """

    set: ConvexSet
    witness: Witness
    residual: float
    allowed: float

    @property
    def parts(self) -> tuple[Array, ...]:
        """Elements of the parts of a sum, product or image; of a hull of a union, times weights."""
        return tuple(part.vector for part in self.witness.parts)

    @property
    def weights(self) -> tuple[float, ...]:
        """The share of every part: 1, but for hulls of unions."""
        return tuple(part.weight for part in self.witness.parts)

    def holds(self) -> bool:
        """Whether the parts lie in their sets and make up 0, checked from the leaves up."""
        left = unmade(self.set, self.witness)
        return max(left, self.residual) <= self.allowed


@record(eq=False)
class Descent:
    """0 is no element: <``direction``, s> <= ``support`` < 0 for all elements s.

    ``distance`` = -support less rounding is at most the distance of 0, as the direction is a
    unit vector; for the empty set the support is -inf and the distance inf.
    """

    set: ConvexSet
    direction: Array
    support: float
    distance: float

    def holds(self) -> bool:
        """Whether the support function is negative in the direction."""
        return self.set.support(self.direction) < 0


def certificate_of_zero(s: ConvexSet, tolerance: float = 1e-9) -> Decomposition | Descent:
    """Elements of the parts that make up 0, or a direction of descent.

    A Decomposition has residual at most tolerance·max(1, size of its parts). Raises
    UndecidedError between the two.
    """
    zero = np.zeros(s.dim)
    if s.is_empty:
        return Descent(s, np.eye(1, s.dim).ravel(), -np.inf, np.inf)
    found: Nearest = nearest(s, zero, tolerance)
    sizes = [float(np.linalg.norm(part.vector)) for part in found.witness.parts]
    allowed = tolerance * max([1.0, *sizes])
    if found.distance <= allowed:
        return Decomposition(s, found.witness, found.distance, allowed)
    if found.least > 0:
        support = s.support(found.direction)
        return Descent(s, found.direction, support, found.least)
    raise UndecidedError(
        say(
            "the distance of 0 is at most {distance:.2e}; whether it is 0 is not decided",
            distance=found.distance,
        )
    )


def unmade(s: ConvexSet, witness: Witness) -> float:
    """How far a witness is from being one: of leaves from their sets, of sums from their terms."""
    if witness.weight <= 0.0:
        return 0.0
    if not witness.parts:
        found = nearest(s, witness.point)
        return found.distance * witness.weight
    inner = [
        unmade(part, w)
        for part, w in zip(s.parts, witness.parts, strict=True)
        if isinstance(part, ConvexSet)
    ]
    made = s.rebuilt(witness.parts)
    gap = float(np.linalg.norm(made.vector - witness.vector)) + abs(made.weight - witness.weight)
    return max([gap, *inner])
