"""The order within each layer: barycentres, swept down and up, while crossings grow fewer."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise

__all__ = ["crossings", "ordered"]

_SWEEPS = 8
_PATIENCE = 3

Layers = list[list[int]]
Links = Sequence[Sequence[int]]
"""For each place the places that it is joined to in the neighbouring layer."""


def ordered(layers: Layers, above: Links, below: Links) -> Layers:
    """The layers with the fewest crossings met; places are numbers, joined to the layer above
    and the layer below."""
    best, fewest = layers, crossings(layers, below)
    found, vain = layers, 0
    for sweep in range(_SWEEPS):
        if not fewest or vain == _PATIENCE:
            break
        found = _swept(found, above if sweep % 2 == 0 else below, downwards=sweep % 2 == 0)
        count = crossings(found, below)
        vain += 1
        if count < fewest:
            best, fewest, vain = found, count, 0
    return best


def _swept(layers: Layers, towards: Links, downwards: bool) -> Layers:
    found = [list(layer) for layer in layers]
    steps = range(1, len(found)) if downwards else range(len(found) - 2, -1, -1)
    for k in steps:
        beside = found[k - 1 if downwards else k + 1]
        at = {place: position for position, place in enumerate(beside)}
        found[k] = _by_barycentre(found[k], towards, at)
    return found


def _by_barycentre(layer: list[int], towards: Links, at: Mapping[int, int]) -> list[int]:
    """What is joined goes to the mean of its neighbours; the rest stays where it is."""
    centre = {
        place: sum(at[each] for each in towards[place]) / len(towards[place])
        for place in layer
        if towards[place]
    }
    moving = iter(sorted(centre, key=centre.__getitem__))
    return [next(moving) if place in centre else place for place in layer]


def crossings(layers: Layers, below: Links) -> int:
    """How many pairs of links between neighbouring layers cross."""
    return sum(_crossings_between(upper, lower, below) for upper, lower in pairwise(layers))


def _crossings_between(upper: Sequence[int], lower: Sequence[int], below: Links) -> int:
    """Inversions among the lower ends, the upper ones taken from the left."""
    at = {place: position for position, place in enumerate(lower)}
    seen: list[int] = []
    count = 0
    for place in upper:
        ends = sorted(at[each] for each in below[place])
        count += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return count
