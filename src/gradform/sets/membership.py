"""Membership with certificates: True by an element, False by a separating direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradform.errors import ShapeError, UndecidedError
from gradform.language import say
from gradform.sets.entries import Array, Entries
from gradform.sets.nearest import nearest
from gradform.sets.oracle import Oracle
from gradform.sets.rational import contains_exactly

__all__ = ["contains", "separating"]


def contains(s: Oracle, g: Any, tolerance: float) -> bool:
    """Whether the distance of g is at most tolerance·max(1, |g|)."""
    entries = Entries(g)
    if len(entries) != s.dim:
        raise ShapeError(
            say(
                "the set has {dim} coordinates, the vector has {count}",
                dim=s.dim,
                count=len(entries),
            ),
            kind="shape",
        )
    if s.is_empty:
        return False
    if tolerance == 0:
        return contains_exactly(s, entries)
    vector = entries.values.ravel()
    allowed = tolerance * max(1.0, float(np.linalg.norm(vector)))
    found = nearest(s, vector, allowed)
    if found.distance <= allowed:
        return True
    if found.least > allowed:
        return False
    raise UndecidedError(
        say(
            "the distance of the vector from the set is between {least:.2e} and "
            "{distance:.2e}; whether it is below {allowed:.1e} is not decided",
            least=max(found.least, 0.0),
            distance=found.distance,
            allowed=allowed,
        )
    )


def separating(s: Oracle, g: Array) -> Array | None:
    """Unit d with <d, g> > σ(d), rounding accounted for; None when an element is that near."""
    if s.is_empty:
        return np.eye(1, s.dim).ravel()
    found = nearest(s, g)
    if found.least > 0:
        return found.direction
    if found.distance <= 1e-9 * max(1.0, float(np.linalg.norm(g))):
        return None
    raise UndecidedError(say("neither an element nor a separating direction was found"))
