"""The sign of the second derivative of a smooth curve."""

from __future__ import annotations

from gradform.exact import Real
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.curve import Curve
from gradform.nonsmooth.line.signs import chart
from gradform.nonsmooth.line.slope import slope
from gradform.records import record

__all__ = ["Stretch", "bends"]


@record
class Stretch:
    """An interval on which f'' has one sign."""

    low: Real
    high: Real
    sign: int


def bends(piece: Curve, low: Real, high: Real) -> list[Stretch]:
    """Where a smooth curve is bent upwards, downwards and not at all.

    Raises Unknown when the signs of f'' cannot be determined.
    """
    bend = slope(slope(piece))
    weak = range_on(bend, low, high).weak_sign
    if weak and not bend.is_constant:
        return [Stretch(low, high, weak)]
    found = chart(bend, low, high)
    ends = [low, *found.roots, high]
    return [Stretch(ends[k], ends[k + 1], sign) for k, sign in enumerate(found.signs)]
