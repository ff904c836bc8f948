"""Which part of a function to show when nobody says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from gradform.errors import InputError
from gradform.language import say

__all__ = ["Span", "checked_span", "span_of", "square_of"]

Span = tuple[float, float]
Line = Callable[[float], float]
Plane = Callable[[float, float], float]

_REACH, _NEAR = 4.0, 2.0  # around 0, and around a point that is looked at
_LOOKS = 32
_FAR = [10.0 ** (k / 8) for k in range(-32, 49)]  # 1e-4 … 1e6
_ROOM = 0.15
_SQUARES = ((-2.0, 2.0), (0.0, 4.0), (0.0, 1.0), (-1.0, 1.0), (-10.0, 10.0), (0.0, 100.0))
_ENOUGH = 0.4


def checked_span(given: Any) -> Span:
    """A pair of finite numbers in order; InputError for anything else."""
    try:
        low, high = map(float, given)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(high - low) and low < high):
        raise InputError(
            say("'{given}' is no interval to plot over.", given=given),
            kind="plot",
            hint=say("Give two numbers: over=(-1, 1)."),
        )
    return low, high


def span_of(function: Line, centre: float | None) -> Span:
    """Around the centre if there is one; else around 0, or around what is worth to be seen:
    where values begin or end, where the function turns or is 0. Cut to where there are values."""
    if centre is None:
        low, high = -_REACH, _REACH
        samples = [(x, function(x)) for x in sorted({0.0, *_FAR, *(-x for x in _FAR)})]
        places = _worth_seeing(samples)
        if places and not any(low < x < high for x in places):
            nearest = min(places, key=abs)
            low, high = nearest - 1.2 * abs(nearest), nearest + 1.2 * abs(nearest)
        inside = [x for x, y in samples if low <= x <= high and math.isfinite(y)]
    else:
        low, high, inside = centre - _NEAR, centre + _NEAR, []
    inside += [x for x in _grid(low, high) if math.isfinite(function(x))]
    return _cut(low, high, inside)


def _grid(low: float, high: float) -> list[float]:
    return [low + (high - low) * k / _LOOKS for k in range(_LOOKS + 1)]


def _cut(low: float, high: float, inside: Sequence[float]) -> Span:
    """The part with values, with some room for its ends to be seen."""
    if not inside:
        return low, high
    room = _ROOM * (max(inside) - min(inside)) or _ROOM * (high - low) / _LOOKS
    step = (high - low) / _LOOKS
    left, right = min(inside), max(inside)
    return (
        low if left - low < step else left - room,
        high if high - right < step else right + room,
    )


def _worth_seeing(samples: Sequence[tuple[float, float]]) -> list[float]:
    found = []
    for (x, here), (z, there) in pairwise(samples):
        if math.isfinite(here) != math.isfinite(there) or here * there < 0:
            found.append(z if abs(z) < abs(x) else x)
    for (_, a), (x, b), (_, c) in zip(samples, samples[1:], samples[2:], strict=False):
        if (b - a) * (c - b) < 0:
            found.append(x)
    return found


def square_of(function: Plane, centre: tuple[float, float] | None) -> tuple[Span, Span]:
    """Around the centre if there is one; else the first of some squares that is mostly in the
    domain."""
    if centre is not None:
        reach = _SQUARES[0][1]
        x, y = centre
        return (x - reach, x + reach), (y - reach, y + reach)
    best, most = _SQUARES[0], 0.0
    for square in _SQUARES:
        part = _finite_part(function, square)
        if part > max(most, 0.0):
            best, most = square, part
        if part >= _ENOUGH:
            break
    return best, best


def _finite_part(function: Plane, span: Span) -> float:
    grid = [span[0] + (span[1] - span[0]) * (k + 0.5) / 8 for k in range(8)]
    return sum(math.isfinite(function(x, y)) for x in grid for y in grid) / 64
