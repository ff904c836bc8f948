"""Functions defined by others, as outer functions of a composition: huber(u) for any u.

What is needed of h to compose it, its curvature and direction on the range of u, is found
by treating h itself as a function of one variable.
"""

from __future__ import annotations

from functools import cached_property

from flint import arb

from gradform.exact import INFINITY, Real, Undecided
from gradform.nonsmooth.line.bounds import Range
from gradform.nonsmooth.line.convexity import by_pieces
from gradform.nonsmooth.line.curve import Curve
from gradform.nonsmooth.line.domain import LINE, Interval
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.pieces import pieces_of
from gradform.nonsmooth.line.rules import Curvature
from gradform.nonsmooth.line.signs import Unknown, chart, effort
from gradform.nonsmooth.line.slope import slope

__all__ = ["Outer"]

_STEPS = 100


class Outer:
    """h of the curve h(u)."""

    def __init__(self, curve: Curve, argument: Curve) -> None:
        self.curve = curve
        self.argument = argument

    def on(self, around: Range) -> tuple[Curvature, int]:
        """Curvature and direction (1 up, -1 down, 0 neither) on a range."""
        whole = self._everywhere
        if whole is not None and (whole[1] or whole[0].convex == whole[0].concave):
            return whole
        return self._on(_interval(around)) or whole or (Curvature(False, False), 0)

    @cached_property
    def _everywhere(self) -> tuple[Curvature, int] | None:
        return self._on(LINE)

    def _on(self, interval: Interval) -> tuple[Curvature, int] | None:
        try:
            with effort(_STEPS):
                found = by_pieces(self.curve, interval)
                return Curvature(found.is_convex, found.is_concave), self._direction(interval)
        except (Unknown, Unresolved, Undecided, ValueError, OverflowError):
            return None

    def _direction(self, interval: Interval) -> int:
        pieces = pieces_of(self.curve, interval.low, interval.high)
        ends = [interval.low, *pieces.points, interval.high]
        signs = {
            sign
            for k, piece in enumerate(pieces.curves)
            for sign in chart(slope(piece), ends[k], ends[k + 1]).signs
        }
        if signs <= {0, 1}:
            return 1
        return -1 if signs <= {0, -1} else 0


def _interval(around: Range) -> Interval:
    return Interval(_number(around.low), _number(around.high))


def _number(end: arb) -> Real:
    if not end.is_finite():
        return INFINITY if end > 0 else -INFINITY
    return Real.of(end.fmpq())
