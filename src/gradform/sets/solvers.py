"""Elements near a given vector, by methods of rising cost."""

from __future__ import annotations

from collections.abc import Iterator

from gradform.sets.atoms import nearest_by_atoms
from gradform.sets.conic import nearest_by_cones
from gradform.sets.descent import nearest_by_descent
from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.witness import Witness

__all__ = ["candidates"]

_LARGEST = 5_000
_LARGEST_LIFT = 600


def candidates(s: Oracle, g: Array) -> Iterator[Witness]:
    """By formula; by extreme elements; by a conic solver, if there is one; by descent."""
    yield from s.proposals(g)
    if s.dim > _LARGEST:
        return
    found = nearest_by_atoms(s, g)
    yield found
    if s.dim <= _LARGEST_LIFT:
        conic = nearest_by_cones(s, g)
        if conic is not None:
            yield conic
            found = nearest_by_atoms(s, g, conic)
            yield found
    descended = nearest_by_descent(s, g, found)
    if descended is not None:
        yield descended
        yield nearest_by_atoms(s, g, descended)
