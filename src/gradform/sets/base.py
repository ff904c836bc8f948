"""The protocol of all sets, and what follows from it.

A set answers one question by formula: which element lies furthest in a direction d
(``extreme``). The support function σ(d) = sup <d, s> is its value there (Rockafellar,
Convex Analysis, 13), and what is asked about membership, distance and the element of
least norm is decided between two certificates: an element of the set, and a direction
whose half-space contains it (Hiriart-Urruty & Lemaréchal, V.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError, InputError, ShapeError
from gradform.language import say
from gradform.sets.entries import Array, Entries, Number
from gradform.sets.membership import contains, separating
from gradform.sets.nearest import certified_nearest
from gradform.sets.notation import LATEX, TEXT, UNICODE
from gradform.sets.oracle import NEGLIGIBLE, Oracle

__all__ = ["NEGLIGIBLE", "ConvexSet"]

_VANISHING = 1e-14


class ConvexSet(Oracle):
    """A closed convex set of flat vectors (matrices row by row)."""

    def simplified(self) -> ConvexSet:
        """An equal set, simpler if one is known."""
        return self

    def shifted(self, by: Entries) -> ConvexSet | None:
        """The set moved by a vector, where it can hold that; None where a sum must."""
        return None

    def support(self, d: npt.ArrayLike) -> float:
        """σ(d) = sup {<d, s> : s in the set}; inf when unbounded in d, -inf when empty."""
        direction = self.flat(d)
        if self.is_empty:
            return -math.inf
        found = self.extreme(direction)
        return math.inf if found.weight == 0 else float(direction @ found.point)

    def maximiser(self, d: npt.ArrayLike) -> Array | None:
        """An element where the support function is attained; None when there is none."""
        direction = self.flat(d)
        if self.is_empty:
            return None
        found = self.extreme(direction)
        return None if found.weight == 0 else found.point

    def contains(self, g: npt.ArrayLike | Sequence[Number], tolerance: float = 1e-9) -> bool:
        """Whether g is within tolerance·max(1, |g|) of the set; exactly in it for tolerance 0.

        True rests on an element that near, False on a direction that separates g by more.
        Raises UndecidedError when neither is found. Exact questions are asked with ints,
        Fractions or strings such as "1/3"; floats are taken bit for bit.
        """
        return contains(self, g, tolerance)

    def separating(self, g: npt.ArrayLike) -> Array | None:
        """A unit direction d with <d, g> > σ(d), or None when g is in the set."""
        return separating(self, self.flat(g))

    def project(self, g: npt.ArrayLike) -> Array:
        """The element p nearest to g, certified by <g - p, s - p> <= 0 for all s."""
        if self.is_empty:
            raise CannotError(say("an empty set has no nearest element"), kind="empty")
        return certified_nearest(self, self.flat(g)).witness.point

    @property
    def min_norm(self) -> Array | None:
        """The element of least Euclidean norm; None for the empty set."""
        if self.is_empty:
            return None
        found = self.project(np.zeros(self.dim))
        return np.zeros(self.dim) if float(np.linalg.norm(found)) <= _VANISHING else found

    def sample(self, count: int, rng: np.random.Generator | None = None) -> Array:
        """Elements, one a row; no row for the empty set."""
        if self.is_empty:
            return np.zeros((0, self.dim))
        return self.sampled(count, np.random.default_rng(0) if rng is None else rng)

    @property
    def text(self) -> str:
        """The set in plain text."""
        return self.write(TEXT)

    @property
    def unicode(self) -> str:
        """The set with mathematical characters."""
        return self.write(UNICODE)

    @property
    def latex(self) -> str:
        """The set in LaTeX."""
        return self.write(LATEX)

    def flat(self, vector: npt.ArrayLike) -> Array:
        """A vector of this space as a flat array of floats."""
        found = np.asarray(vector, dtype=np.float64).ravel()
        if found.size != self.dim:
            raise ShapeError(
                say(
                    "the set has {dim} coordinates, the vector has {size}",
                    dim=self.dim,
                    size=found.size,
                ),
                kind="shape",
            )
        if not np.isfinite(found).all():
            raise InputError(say("the vector has entries that are no finite numbers"), kind="value")
        return found

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text}>"
