"""The nearest element of a linear image by projections onto the simplest parts.

Accelerated projected gradients on |g - Σ Aᵢ·sᵢ - b|² (Beck & Teboulle 2009), restarted when
the momentum points uphill (O'Donoghue & Candès 2015).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradform.sets.atoms import nearest_in_part
from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.witness import Witness, leaf

__all__ = ["nearest_by_descent"]

_MOST_STEPS = 800
_POWER_STEPS = 30


def nearest_by_descent(s: Oracle, g: Array, start: Witness) -> Witness | None:
    """Improve an element of a linear image; None when the set is no image."""
    if s.pulled(g) is None:
        return None
    leaves = list(_leaves(s))
    rate = 1.0 / _squared_size(s)
    current = _leaf_witnesses(s, start)
    best, least = start, float(np.linalg.norm(g - start.point))
    momentum, points, share = current, current, 1.0
    for _ in range(_MOST_STEPS):
        left = g - _assembled(s, momentum).vector
        steps = _pulled(s, left)
        moved = [
            nearest_in_part(part, at.vector + rate * step)
            for part, at, step in zip(leaves, momentum, steps, strict=True)
        ]
        found = _assembled(s, moved)
        distance = float(np.linalg.norm(g - found.vector))
        uphill = sum(
            float((m.vector - n.vector) @ (n.vector - p.vector))
            for m, n, p in zip(momentum, moved, points, strict=True)
        )
        change = sum(
            float(np.abs(n.vector - p.vector).sum()) for n, p in zip(moved, points, strict=True)
        )
        if distance < least:
            best, least = found, distance
        if change == 0.0 or distance == 0.0:
            break
        ahead = 1.0 if uphill > 0 else (1.0 + np.sqrt(1.0 + 4.0 * share**2)) / 2.0
        speed = 0.0 if uphill > 0 else (share - 1.0) / ahead
        momentum = [
            leaf(n.vector + speed * (n.vector - p.vector))
            for n, p in zip(moved, points, strict=True)
        ]
        points, share = moved, ahead
    return best


def _leaves(s: Oracle) -> Iterator[Oracle]:
    if s.pulled(np.zeros(s.dim)) is None:
        yield s
    else:
        for part in s.parts:
            yield from _leaves(part)


def _leaf_witnesses(s: Oracle, witness: Witness) -> list[Witness]:
    if s.pulled(np.zeros(s.dim)) is None:
        return [witness]
    pairs = zip(s.parts, witness.parts, strict=True)
    return [found for part, inner in pairs for found in _leaf_witnesses(part, inner)]


def _pulled(s: Oracle, d: Array) -> list[Array]:
    """The direction as each of the simplest parts sees it."""
    directions = s.pulled(d)
    if directions is None:
        return [d]
    pairs = zip(s.parts, directions, strict=True)
    return [found for part, direction in pairs for found in _pulled(part, direction)]


def _assembled(s: Oracle, leaves: list[Witness]) -> Witness:
    """The element that elements of the simplest parts make."""
    rest = iter(leaves)

    def take(inner: Oracle) -> Witness:
        if inner.pulled(np.zeros(inner.dim)) is None:
            return next(rest)
        return inner.rebuilt(tuple(take(part) for part in inner.parts))

    return take(s)


def _squared_size(s: Oracle) -> float:
    """The largest eigenvalue of Σ Aᵢ·Aᵢ', a little more, by power iteration."""
    d = np.random.default_rng(0).standard_normal(s.dim)
    zero = _assembled(s, [leaf(np.zeros(part.dim)) for part in _leaves(s)]).vector
    size = 1.0
    for _ in range(_POWER_STEPS):
        image = _assembled(s, [leaf(e) for e in _pulled(s, d / np.linalg.norm(d))]).vector - zero
        size = float(np.linalg.norm(image))
        if size == 0.0:
            return 1.0
        d = image
    return 1.05 * size
