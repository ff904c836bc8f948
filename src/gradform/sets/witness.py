"""Witnesses: an element of a set, with the elements of its parts that it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.records import record
from gradform.sets.entries import Array

__all__ = ["Witness", "combination", "leaf"]


@record(eq=False)
class Witness:
    """``vector / weight`` is an element; with weight 0, ``vector`` is a direction of recession.

    ``parts`` are the witnesses of the parts of a composite set, in homogeneous coordinates:
    for a sum they add up to ``vector``; for the hull of a union their weights add up to
    ``weight``. So witnesses of one set form a cone, and convex combinations are linear.
    """

    vector: Array
    weight: float = 1.0
    parts: tuple[Witness, ...] = ()

    @property
    def point(self) -> Array:
        """The element itself."""
        return self.vector if self.weight == 1.0 else self.vector / self.weight


def leaf(vector: Array, weight: float = 1.0) -> Witness:
    """An element of a set without parts."""
    return Witness(vector, weight, ())


def combination(coefficients: Sequence[float], witnesses: Sequence[Witness]) -> Witness:
    """Σᵢ cᵢ·wᵢ for witnesses of one set, part by part."""
    factors = np.asarray(coefficients, dtype=np.float64)
    vector = factors @ np.stack([w.vector for w in witnesses])
    weight = float(factors @ np.array([w.weight for w in witnesses]))
    parts = tuple(
        combination(coefficients, [w.parts[i] for w in witnesses])
        for i in range(len(witnesses[0].parts))
    )
    return Witness(vector, weight, parts)
