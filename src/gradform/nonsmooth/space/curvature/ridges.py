"""Functions of one linear form of the variables: curves, and where they are defined."""

from __future__ import annotations

from collections.abc import Callable

from gradform.nonsmooth.line.curve import Curve, constant, multiply
from gradform.nonsmooth.line.domain import LINE, Interval
from gradform.nonsmooth.line.shape import linear_in_x
from gradform.nonsmooth.space.facts import Fact, Ridge
from gradform.nonsmooth.space.model import Model
from gradform.records import replaced

__all__ = ["both_ridges", "one_form", "pulled_back", "scaled_ridge"]


def both_ridges(
    left: Ridge | None, right: Ridge | None, operation: Callable[[Curve, Curve], Curve]
) -> Ridge | None:
    """An operation on two functions of the same form."""
    if left is None or right is None or left.key != right.key:
        return None
    domain = _met(left.domain, right.domain)
    if domain is None:
        return None
    return replaced(left, curve=operation(left.curve, right.curve), domain=domain)


def scaled_ridge(ridge: Ridge | None, model: Model, inverse: bool) -> Ridge | None:
    """Times a number, or divided by it."""
    if ridge is None or model.exact is None or model.number == 0:
        return None
    number = 1 / model.exact.real() if inverse else model.exact.real()
    return replaced(ridge, curve=multiply(constant(number), ridge.curve))


def one_form(
    pairs: list[tuple[Fact, Model]],
) -> tuple[Ridge, list[Curve], Interval] | None:
    """All as curves of one linear form, scalar constants among them; where all are defined."""
    first: Ridge | None = None
    curves: list[Curve] = []
    domain: Interval | None = LINE
    for fact, model in pairs:
        if fact.is_constant:
            if model.size > 1 or model.exact is None:
                return None
            curves.append(constant(model.exact.real()))
            continue
        first = first or fact.ridge
        if fact.ridge is None or first is None or fact.ridge.key != first.key:
            return None
        curves.append(fact.ridge.curve)
        domain = domain and _met(domain, fact.ridge.domain)
    return None if first is None or domain is None else (first, curves, domain)


def pulled_back(ridge: Ridge, domain: Interval) -> Interval | None:
    """Where the curve of a ridge lies in a domain; only for lines a·t + b."""
    if not domain.low.is_finite and not domain.high.is_finite:
        return ridge.domain
    line = linear_in_x(ridge.curve)
    if line is None:
        return None
    a, b = line
    ends = [
        (domain.low - b) / a if domain.low.is_finite else None,
        (domain.high - b) / a if domain.high.is_finite else None,
    ]
    closed = [domain.low_closed, domain.high_closed]
    if a.sign() < 0:
        ends, closed = ends[::-1], closed[::-1]
    low = LINE.low if ends[0] is None else ends[0]
    high = LINE.high if ends[1] is None else ends[1]
    own = Interval(low, high, closed[0] and low.is_finite, closed[1] and high.is_finite)
    return _met(ridge.domain, own)


def _met(left: Interval, right: Interval) -> Interval | None:
    """The intersection, if it has inner points."""
    low = max(
        (left.low, not left.low_closed),
        (right.low, not right.low_closed),
        key=lambda end: (end[0], end[1]),
    )
    high = min(
        (left.high, left.high_closed),
        (right.high, right.high_closed),
        key=lambda end: (end[0], end[1]),
    )
    found = Interval(low[0], high[0], not low[1], high[1])
    return None if found.is_empty or found.is_point else found
