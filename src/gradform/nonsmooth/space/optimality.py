"""Is the point optimal? Zero as a sum of subgradients, or a direction that goes downhill."""

from __future__ import annotations

import numpy as np

from gradform.errors import UndecidedError
from gradform.nonsmooth.space.changes import Array
from gradform.records import record
from gradform.sets import Affine, ConvexSet, Sum
from gradform.sets.nearest import nearest
from gradform.sets.witness import Witness

__all__ = ["Optimality", "Part", "optimality_of"]


@record(eq=False)
class Part:
    """A subgradient of one term; ``dual`` is s where the subgradient is A'·s."""

    term: str
    vector: Array
    dual: Array | None


@record(eq=False)
class Optimality:
    """``parts`` add up to a subgradient of length <= ``distance``, 0 when optimal.

    When not optimal, f changes along the unit vector ``direction`` at the rate ``slope`` < 0
    (for a concave function > 0), and no subgradient is shorter than ``least``.
    """

    is_optimal: bool | None
    distance: float
    least: float
    parts: tuple[Part, ...]
    direction: Array | None
    slope: float
    what: str

    @property
    def text(self) -> str:
        """The certificate, to be checked by hand."""
        if self.is_optimal is None:
            return f"not decided: dist(0, ∂f) lies between {self.least:.3g} and {self.distance:.3g}"
        if self.is_optimal:
            lines = [f"{self.what}: 0 is the sum of these subgradients (up to {self.distance:.1e})"]
            for part in self.parts:
                dual = "" if part.dual is None else f", s = {_shown(part.dual)}"
                lines.append(f"  {part.term}: {_shown(part.vector)}{dual}")
            return "\n".join(lines)
        if self.direction is None:
            return f"no {self.what}: there are no subgradients at this point"
        return (
            f"no {self.what}: along d = {_shown(self.direction)} the derivative is "
            f"{self.slope:.6g}; every subgradient has length >= {self.least:.6g}"
        )

    def __str__(self) -> str:
        return self.text


def _shown(vector: Array) -> str:
    listed = [f"{value:.6g}" for value in vector[:8] + 0.0]
    return f"({', '.join(listed)}{', …' if vector.size > 8 else ''})"


def optimality_of(
    s: ConvexSet, terms: list[tuple[str, ConvexSet]], sense: str, tolerance: float
) -> Optimality:
    """Zero nearest to the set, or away from it."""
    what = "minimum" if sense == "sub" else "maximum"
    sign = 1.0 if sense == "sub" else -1.0
    if s.is_empty:
        return Optimality(False, np.inf, np.inf, (), None, -np.inf * sign, what)
    zero = np.zeros(s.dim)
    allowed = max(1e-9, tolerance)
    try:
        found = nearest(s, zero)
    except UndecidedError:
        return Optimality(None, np.inf, 0.0, (), None, 0.0, what)
    if found.distance <= allowed:
        parts = _parts(terms, allowed)
        return Optimality(True, found.distance, max(found.least, 0.0), parts, None, 0.0, what)
    if found.least > allowed:
        d = sign * found.direction
        slope = sign * s.support(sign * d)
        return Optimality(False, found.distance, found.least, (), d, slope, what)
    return Optimality(None, found.distance, max(found.least, 0.0), (), None, 0.0, what)


def _parts(terms: list[tuple[str, ConvexSet]], allowed: float) -> tuple[Part, ...]:
    """The elements of the terms' sets that add up to zero."""
    if not terms:
        return ()
    whole = Sum(*(s for _, s in terms))
    try:
        found = nearest(whole, np.zeros(whole.dim))
    except UndecidedError:
        return ()
    if found.distance > 1e3 * allowed:
        return ()
    return tuple(
        Part(name, witness.point, _dual(s, witness))
        for (name, s), witness in zip(terms, found.witness.parts, strict=True)
    )


def _dual(s: ConvexSet, witness: Witness) -> Array | None:
    if isinstance(s, Affine) and witness.parts:
        return witness.parts[0].point
    return None
