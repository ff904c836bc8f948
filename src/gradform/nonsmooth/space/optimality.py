"""Is the point optimal? Zero as a sum of subgradients, or a direction that goes downhill."""

from __future__ import annotations

import numpy as np

from gradform.errors import UndecidedError
from gradform.language import Message, joined, say
from gradform.nonsmooth.space.changes import Array
from gradform.records import record
from gradform.sets import Affine, ConvexSet, Sum
from gradform.sets.nearest import Nearest, nearest
from gradform.sets.witness import Witness

__all__ = ["Optimality", "Part", "optimality_of"]

# In more dimensions than this, the nearest of all elements is not waited for.
_MANY = 60


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
    what: Message

    @property
    def text(self) -> Message:
        """The certificate, to be checked by hand."""
        return joined(self.lines, "\n")

    @property
    def lines(self) -> tuple[Message, ...]:
        """The certificate line by line."""
        if self.is_optimal:
            verdict = say(
                "{what}: 0 is the sum of these subgradients (up to {distance:.1e})",
                what=self.what,
                distance=self.distance,
            )
            return verdict, *map(_line, self.parts)
        if self.is_optimal is None:
            verdict = say(
                "not decided: dist(0, ∂f) lies between {least:.3g} and {distance:.3g}",
                least=self.least,
                distance=self.distance,
            )
        elif self.direction is None:
            verdict = say("no {what}: there are no subgradients at this point", what=self.what)
        else:
            verdict = say(
                "no {what}: along d = {direction} the derivative is {slope:.6g}; every "
                "subgradient has length >= {least:.6g}",
                what=self.what,
                direction=_shown(self.direction),
                slope=self.slope,
                least=self.least,
            )
        return (verdict,)

    def __str__(self) -> str:
        return str(self.text)


def _line(part: Part) -> Message:
    vector = _shown(part.vector)
    if part.dual is None:
        return say("  {term}: {vector}", term=part.term, vector=vector)
    dual = _shown(part.dual)
    return say("  {term}: {vector}, s = {dual}", term=part.term, vector=vector, dual=dual)


def _shown(vector: Array) -> str:
    listed = [f"{value:.6g}" for value in vector[:8] + 0.0]
    return f"({', '.join(listed)}{', …' if vector.size > 8 else ''})"


def optimality_of(
    s: ConvexSet, terms: list[tuple[str, ConvexSet]], sense: str, tolerance: float
) -> Optimality:
    """Zero nearest to the set, or away from it."""
    what = say("minimum") if sense == "sub" else say("maximum")
    sign = 1.0 if sense == "sub" else -1.0
    if s.is_empty:
        return Optimality(False, np.inf, np.inf, (), None, -np.inf * sign, what)
    allowed = max(1e-9, tolerance)
    try:
        found = _near_enough(s, allowed)
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


def _near_enough(s: ConvexSet, allowed: float) -> Nearest:
    """The element nearest to 0; in many dimensions, where that takes minutes, one that decides
    whether 0 is as near as ``allowed``."""
    return nearest(s, np.zeros(s.dim), allowed if s.dim > _MANY else None)


def _parts(terms: list[tuple[str, ConvexSet]], allowed: float) -> tuple[Part, ...]:
    """The elements of the terms' sets that add up to zero."""
    if not terms:
        return ()
    whole = Sum(*(s for _, s in terms))
    try:
        found = _near_enough(whole, allowed)
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
