"""Subdifferentials of functions of one variable: at a point, and as a whole map."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from gradform.errors import CannotError, InputError
from gradform.exact import INFINITY, Real, Undecided
from gradform.language import say
from gradform.nonsmooth.line.convexity import Convexity
from gradform.nonsmooth.line.curve import Curve, X, constant, multiply, power, subtract
from gradform.nonsmooth.line.germ import Germ, Unresolved
from gradform.nonsmooth.line.local import germ_at, limit_at, slope_at
from gradform.nonsmooth.line.pieces import Pieces, pieces_of
from gradform.nonsmooth.line.question import LineQuestion
from gradform.nonsmooth.line.signs import Unknown, chart, merged
from gradform.nonsmooth.line.slope import slope
from gradform.nonsmooth.line.values import value_at
from gradform.records import record

__all__ = [
    "LineSet",
    "MapPiece",
    "MapPoint",
    "clarke_at",
    "decided_map",
    "one_sided_at",
    "at_point",
    "sense_of",
    "supporting",
    "supporting_slopes",
    "whole_map",
]

_GIVING_UP = (Unknown, Unresolved, Undecided, ValueError)
_SHORT = Fraction(3)


@record
class LineSet:
    """A closed interval of slopes; ``low`` None: the empty set."""

    low: Real | None
    high: Real | None

    @property
    def is_empty(self) -> bool:
        return self.low is None

    @property
    def kind(self) -> str:
        """point, interval, ray, line or empty"""
        if self.low is None or self.high is None:
            return "empty"
        finite = self.low.is_finite + self.high.is_finite
        if finite == 2:
            return "point" if self.low == self.high else "interval"
        return "ray" if finite else "line"

    def contains(self, slope: Real) -> bool:
        return self.low is not None and self.high is not None and self.low <= slope <= self.high


EMPTY = LineSet(None, None)


def at_point(question: LineQuestion, point: Real) -> None:
    """InputError unless the point lies in the domain."""
    if not point.is_finite or not question.domain.contains(point):
        raise InputError(
            say(
                "{variable} = {point} is not in the domain {domain}.",
                variable=question.variable,
                point=point.text,
                domain=question.domain,
            ),
            kind="x0_not_in_domain",
        )


def one_sided_at(question: LineQuestion, point: Real) -> tuple[Real | None, Real | None]:
    """The left and right derivative; None beyond an end of the domain."""
    at_point(question, point)
    domain = question.domain
    left = None if point == domain.low else slope_at(question.curve, point, -1)
    right = None if point == domain.high else slope_at(question.curve, point, 1)
    return left, right


def sense_of(convexity: Convexity, wanted: str | None) -> str | None:
    """ "sub" for convex and "super" for concave functions; for affine ones as wanted."""
    if convexity.is_convex and wanted != "super":
        return "sub"
    if convexity.is_concave and wanted != "sub":
        return "super"
    return None


def supporting(left: Real | None, right: Real | None, sense: str) -> LineSet:
    """{a : f(x) >= f(x0) + a (x - x0) on the domain} of a convex f; of a concave one, <=.

    Inside [f'₋, f'₊]; from a left end (-∞, f'₊], from a right end [f'₋, ∞); empty where the
    finite end is infinite (Rockafellar, 24).
    """
    if sense == "sub":
        return LineSet(*_interval(left, right))
    low, high = _interval(_negated(left), _negated(right))
    return LineSet(_negated(high), _negated(low))


def _negated(value: Real | None) -> Real | None:
    return None if value is None else -value


def _interval(left: Real | None, right: Real | None) -> tuple[Real | None, Real | None]:
    low = -INFINITY if left is None else left
    high = INFINITY if right is None else right
    return (None, None) if low == INFINITY or high == -INFINITY else (low, high)


# ---------------------------------------------------------------- where f is not convex


def clarke_at(question: LineQuestion, point: Real) -> LineSet | None:
    """The hull of the limits of f' at the point; None where f is not locally Lipschitz."""
    try:
        pieces = pieces_of(question.curve, question.domain.low, question.domain.high)
        value = value_at(question.curve, point)
        ends: list[Real] = []
        for side, curve in _beside(question, pieces, point):
            if limit_at(curve, point, side) != value:
                return None
            ends += _slopes_near(slope(curve), point, side)
    except _GIVING_UP:
        return None
    if any(not end.is_finite for end in ends):
        return None
    return LineSet(min(ends), max(ends))


def _beside(question: LineQuestion, pieces: Pieces, point: Real) -> Iterator[tuple[int, Curve]]:
    """The sides of the point inside the domain, each with the smooth curve there."""
    before = sum(cut < point for cut in pieces.points)
    upto = sum(cut <= point for cut in pieces.points)
    if point > question.domain.low:
        yield -1, pieces.curves[before]
    if point < question.domain.high:
        yield 1, pieces.curves[upto]


def _slopes_near(change: Curve, point: Real, side: int) -> tuple[Real, Real]:
    """The least and the largest limit of f' from one side."""
    germ = germ_at(change, point, side, _SHORT)
    if germ.swing is None or germ.swing[0] > 0:
        return (germ.limit(),) * 2
    middle = Germ(germ.terms, germ.order).limit()
    spread = germ.swing[1] if germ.swing[0] == 0 else INFINITY
    return middle - spread, middle + spread


def supporting_slopes(question: LineQuestion, point: Real) -> LineSet:
    """{a : f(x) >= f(x0) + a (x - x0) on the whole domain}, whether f is convex or not.

    From sup of the slopes of all chords on the left to inf of those on the right. Extremes are
    limits at the ends of the pieces, or lie where the slope q of the chord is stationary,
    (x - x0) f'(x) = f(x) - f(x0). Raises Unknown and Unresolved when they are not found.
    """
    domain, start = question.domain, value_at(question.curve, point)
    pieces = pieces_of(question.curve, domain.low, domain.high)
    cuts = merged([*pieces.points, *([point] if domain.low < point < domain.high else [])])
    ends = [domain.low, *cuts, domain.high]
    away = subtract(X, constant(point))
    slopes: dict[int, list[Real]] = {-1: [], 1: []}
    for k, (low, high) in enumerate(pairwise(ends)):
        side = 1 if low >= point else -1
        curve = pieces.curve_in(k, cuts)
        rise = subtract(curve, constant(start))
        chord = multiply(rise, power(away, -1))
        slopes[side] += [limit_at(chord, low, 1), limit_at(chord, high, -1)]
        turning = chart(subtract(multiply(away, slope(curve)), rise), low, high)
        slopes[side] += [value_at(chord, root) for root in turning.roots]
    closed = [(domain.low, domain.low_closed), (domain.high, domain.high_closed)]
    for each in [*cuts, *(end for end, is_closed in closed if is_closed)]:
        if each != point:
            side = 1 if each > point else -1
            slopes[side].append((value_at(question.curve, each) - start) / (each - point))
    low = max(slopes[-1], default=-INFINITY)
    high = min(slopes[1], default=INFINITY)
    return EMPTY if low > high or low == INFINITY or high == -INFINITY else LineSet(low, high)


# ---------------------------------------------------------------- the whole map


@record
class MapPiece:
    """An open interval on which the function is differentiable."""

    low: Real
    high: Real
    derivative: Curve


@record
class MapPoint:
    """A point at which the subdifferential is no single number."""

    point: Real
    found: LineSet


def decided_map(question: LineQuestion, sense: str) -> tuple[list[MapPiece], list[MapPoint]]:
    """:func:`whole_map`; CannotError where it is not decided."""
    try:
        return whole_map(question, sense)
    except (Undecided, Unresolved) as error:
        raise CannotError(say("{error}", error=error), kind="undecided") from None


def whole_map(question: LineQuestion, sense: str) -> tuple[list[MapPiece], list[MapPoint]]:
    """The subdifferential everywhere: derivatives on pieces, and the points between."""
    domain = question.domain
    if domain.is_point:
        return [], [MapPoint(domain.low, LineSet(-INFINITY, INFINITY))]
    pieces = pieces_of(question.curve, domain.low, domain.high)
    ends = [domain.low, *pieces.points, domain.high]
    stretches = [
        MapPiece(ends[k], ends[k + 1], slope(curve)) for k, curve in enumerate(pieces.curves)
    ]
    candidates = [
        *([domain.low] if domain.low_closed else []),
        *pieces.points,
        *([domain.high] if domain.high_closed else []),
    ]
    points = []
    for point in candidates:
        found = supporting(*one_sided_at(question, point), sense)
        if found.kind != "point":
            points.append(MapPoint(point, found))
    return _joined(stretches, {each.point for each in points}), points


def _joined(stretches: list[MapPiece], kept: set[Real]) -> list[MapPiece]:
    """Neighbours with the same derivative are one piece unless a set stands between them."""
    found = stretches[:1]
    for each in stretches[1:]:
        last = found[-1]
        if each.derivative is last.derivative and each.low not in kept:
            found[-1] = MapPiece(last.low, each.high, last.derivative)
        else:
            found.append(each)
    return found
