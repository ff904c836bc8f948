"""Functions applied entry by entry: what the one-variable engine knows about them."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError, GradformError, InputError
from gradform.exact import INFINITY, Real, Undecided
from gradform.functions import lookup
from gradform.language import say
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.convexity import Convexity, convexity_of
from gradform.nonsmooth.line.curve import Curve, X, power
from gradform.nonsmooth.line.domain import LINE, Interval
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.local import slope_at
from gradform.nonsmooth.line.pieces import Pieces, pieces_of
from gradform.nonsmooth.line.question import read_question
from gradform.nonsmooth.line.signs import Unknown, chart
from gradform.nonsmooth.line.slope import slope
from gradform.nonsmooth.line.values import value_at

__all__ = ["Entrywise", "entrywise_call", "entrywise_power", "interval_of"]

Array = npt.NDArray[np.float64]


class Entrywise:
    """One function of one variable: where it bends, how it goes, how it curves."""

    def __init__(self, curve: Curve, domain: Interval) -> None:
        self.curve, self.domain = curve, domain
        self._convexity: dict[Interval, Convexity] = {}
        self._direction: dict[Interval, int | None] = {}

    @cached_property
    def pieces(self) -> Pieces:
        """The smooth pieces."""
        try:
            return pieces_of(self.curve, self.domain.low, self.domain.high)
        except (Unknown, Unresolved, Undecided) as error:
            raise CannotError(
                say("The kinks of this function were not found: {error}", error=error),
                kind="undecided",
            ) from None

    @cached_property
    def places(self) -> tuple[tuple[Real, float, float], ...]:
        """Kinks and finite ends of the domain, with the slopes on the left and on the right.

        Beyond an end of the domain the slope is that of a wall, taken as -inf on the left and
        inf on the right; where the graph is vertical at an end, both are that infinity.
        """
        found = []
        for point in self.pieces.points:
            found.append((point, self._slope(point, -1), self._slope(point, 1)))
        for end, closed, side in (
            (self.domain.low, self.domain.low_closed, 1),
            (self.domain.high, self.domain.high_closed, -1),
        ):
            if end.is_finite and closed:
                inner = self._slope(end, side)
                wall = inner if np.isinf(inner) else -side * np.inf
                found.append((end, wall, inner) if side > 0 else (end, inner, wall))
        return tuple(found)

    def _slope(self, point: Real, side: int) -> float:
        return float(slope_at(self.curve, point, side))

    def value(self, point: Real) -> Real:
        """The exact value."""
        return value_at(self.curve, point)

    def slope_curves(self) -> list[Curve]:
        return [slope(piece) for piece in self.pieces.curves]

    def convexity(self, interval: Interval) -> Convexity:
        """What is proved on an interval."""
        if interval not in self._convexity:
            try:
                self._convexity[interval] = convexity_of(self.curve, interval)
            except (Unknown, Unresolved, Undecided, GradformError, ValueError) as error:
                self._convexity[interval] = Convexity("undecided", (say("{error}", error=error),))
        return self._convexity[interval]

    def direction(self, interval: Interval) -> int | None:
        """1 not decreasing, -1 not increasing, 0 constant, None neither; continuous."""
        if interval not in self._direction:
            try:
                self._direction[interval] = self._found_direction(interval)
            except (Unknown, Unresolved, Undecided, GradformError, ValueError):
                self._direction[interval] = None
        return self._direction[interval]

    def _found_direction(self, interval: Interval) -> int | None:
        if interval.is_point:
            return 0
        found = pieces_of(self.curve, interval.low, interval.high)
        ends = [interval.low, *found.points, interval.high]
        signs: set[int] = set()
        for k, piece in enumerate(found.curves):
            signs |= set(chart(slope(piece), ends[k], ends[k + 1]).signs)
        for point in found.points:
            if not all(slope_at(self.curve, point, side).is_finite for side in (-1, 1)):
                return None  # a jump, or not proved to be none
        if signs <= {0}:
            return 0
        if signs <= {0, 1}:
            return 1
        return -1 if signs <= {0, -1} else None

    def range(self, interval: Interval) -> tuple[float, float]:
        """Bounds of the values on an interval."""
        if interval.is_point:
            value = float(self.value(interval.low))
            return float(np.nextafter(value, -np.inf)), float(np.nextafter(value, np.inf))
        found = range_on(self.curve, interval.low, interval.high)
        low, high = float(found.low.lower()), float(found.high.upper())
        return (
            -np.inf if np.isnan(low) else low,
            np.inf if np.isnan(high) else high,
        )


def interval_of(low: float, high: float, domain: Interval) -> Interval | None:
    """[low, high] inside the domain; None when nothing is left."""
    ends = []
    for value, end, closed in (
        (low, domain.low, domain.low_closed),
        (-high, -domain.high, domain.high_closed),
    ):
        given = -INFINITY if value == -np.inf else Real.of(Fraction(value))
        if given > end:
            ends.append((given, True))
        else:
            ends.append((end, closed))
    (a, a_closed), (b, b_closed) = ends
    b = -b
    if a > b or (a == b and not (a_closed and b_closed)):
        return None
    return Interval(a, b, a_closed and a.is_finite, b_closed and b.is_finite)


@lru_cache(maxsize=512)
def entrywise_call(name: str, arguments: tuple[str | None, ...]) -> Entrywise:
    """``name`` with one variable argument, None, and the others as exact text."""
    record = lookup(name)
    assert record is not None
    letters = ["x" if text is None else f"({text})" for text in arguments]
    letters += [str(value) for value in record.defaults[len(letters) - record.arity[0] :]]
    source = f"{name}({', '.join(letters)})"
    try:
        question = read_question(source, "x")
    except InputError as error:
        if error.kind != "expr_undefined_on_domain":
            raise
        question = read_question(source, "x", "[0, inf)")
    return Entrywise(question.curve, question.domain)


@lru_cache(maxsize=128)
def entrywise_power(exponent: Fraction) -> Entrywise:
    """x^exponent on its natural domain."""
    curve = power(X, exponent)
    if exponent.denominator == 1 and exponent > 0:
        return Entrywise(curve, LINE)
    closed = exponent > 0
    return Entrywise(curve, Interval(Real.of(0), INFINITY, closed, False))
