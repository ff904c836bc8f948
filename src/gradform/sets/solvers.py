"""Elements near a given vector, by methods of rising cost."""

from __future__ import annotations

from collections.abc import Iterator

from gradform.sets.atoms import nearest_by_atoms
from gradform.sets.conic import nearest_by_cones
from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.witness import Witness

__all__ = ["candidates"]

_LARGEST_LIFT = 600


def candidates(s: Oracle, g: Array) -> Iterator[Witness]:
    """The element by formula; by extreme elements; by a conic solver if one is installed."""
    found = s.closest(g)
    if found is not None:
        yield found
    yield nearest_by_atoms(s, g)
    if s.dim <= _LARGEST_LIFT:
        conic = nearest_by_cones(s, g)
        if conic is not None:
            yield conic
