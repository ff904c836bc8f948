"""The nearest element, between two certificates.

For any element p and d = g - p, every element s has <d, s> <= σ(d), so the distance of g
is at least (<d, g> - σ(d)) / |d| and at most |d|; and with gap = σ(d) - <d, p> the true
nearest element p* has |p - p*|² <= gap (strong convexity of the squared distance).
"""

from __future__ import annotations

import math

import numpy as np

from gradform.errors import UndecidedError
from gradform.language import say
from gradform.records import record
from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.solvers import candidates
from gradform.sets.witness import Witness

__all__ = ["Nearest", "certified_nearest", "judged", "nearest"]

GAP = 1e-14
"""A gap this small, relative to the squares of the vectors, is rounding."""
_CERTIFIED = 1e-13
_ROUNDING = 2e-15


@record(eq=False)
class Nearest:
    """An element near g, and the half-space that shows how near any element can be.

    ``distance`` is |g - p|, an upper bound; ``direction`` is a unit d and ``least`` is
    <d, g> - σ(d) less rounding, a lower bound; ``gap`` is σ(g - p) - <g - p, p>.
    """

    witness: Witness
    distance: float
    direction: Array
    least: float
    gap: float


def nearest(s: Oracle, g: Array, allowed: float | None = None) -> Nearest:
    """The best answer of the methods; any that settles distance <= allowed, if that is given."""
    best: Nearest | None = None
    for witness in candidates(s, g):
        found = judged(s, g, witness)
        if best is None or found.gap < best.gap:
            best = found
        if _is_settled(found, _scale(g, found.witness.point)):
            return found
        if allowed is not None and (found.distance <= allowed or found.least > allowed):
            return found
    if best is None:
        raise UndecidedError(say("no method found an element of the set"))
    return best


def certified_nearest(s: Oracle, g: Array) -> Nearest:
    """The nearest element, refused unless its gap is that of rounding."""
    found = nearest(s, g)
    if found.gap > _CERTIFIED * _scale(g, found.witness.point):
        raise UndecidedError(
            say("the nearest element is known only to {error:.1e}", error=math.sqrt(found.gap))
        )
    return found


def judged(s: Oracle, g: Array, witness: Witness) -> Nearest:
    """Both bounds that a known element gives."""
    point = witness.point
    towards = s.supporting(s.residual(g, point))
    distance = float(np.linalg.norm(g - point))
    size = float(np.linalg.norm(towards))
    if size == 0.0:
        return Nearest(witness, distance, towards, 0.0, distance**2)
    direction = towards / size
    furthest = s.extreme(direction)
    if furthest.weight == 0:
        return Nearest(witness, distance, direction, -math.inf, distance**2)
    numbers = max(float(np.linalg.norm(g)), s.magnitude(furthest), s.magnitude(witness))
    rounding = _ROUNDING * numbers * math.sqrt(g.size + 1.0)
    least = float(direction @ (g - furthest.point)) - rounding
    gap = distance * max(0.0, float(direction @ (furthest.point - point)))
    return Nearest(witness, distance, direction, least, gap)


def _is_settled(found: Nearest, scale: float) -> bool:
    """Whether what is open is rounding."""
    if found.distance <= _ROUNDING * math.sqrt(scale):
        return True
    return found.gap <= GAP * scale * min(1.0, found.distance)


def _scale(g: Array, point: Array) -> float:
    return max(1.0, float(g @ g), float(point @ point))
