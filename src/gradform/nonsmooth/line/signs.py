"""Where a smooth curve is positive, negative and zero on an open interval, exactly.

A chart is the list of roots and the sign between them. Its sources, from cheap to costly: the
range of the curve; the charts of its factors; exact roots of polynomials in x or exp(ax); and
Rolle's theorem: between neighbouring roots of the derivative a curve is monotone, so it has a
root there exactly when its signs at the ends differ. Before it is differentiated the curve is
divided by one of its terms, which then disappears, so that sums of few terms are settled
after few steps (the method behind Khovanskii's fewnomials).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from itertools import pairwise

from gradform.exact import INFINITY, Real, Undecided, apply, polynomial_roots
from gradform.language import say
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.curve import (
    Curve,
    X,
    add,
    constant,
    in_exponentials,
    multiply,
    power,
    subtract,
)
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.local import side_sign
from gradform.nonsmooth.line.roots import root_between
from gradform.nonsmooth.line.shape import (
    coefficients_in,
    common_factor,
    exponential_polynomial,
    over_one_denominator,
    rationals,
    single_wave,
    size_of,
    terms_of,
)
from gradform.nonsmooth.line.slope import slope
from gradform.nonsmooth.line.values import value_at
from gradform.records import record

__all__ = ["Chart", "Unknown", "chart", "effort", "merged"]

_DEPTH = 7
_LARGEST = 200  # nodes of a curve that Rolle's theorem is tried on


class Unknown(Exception):
    """The signs could not be determined."""


_left: ContextVar[list[int] | None] = ContextVar("steps left", default=None)


@contextmanager
def effort(steps: int) -> Iterator[None]:
    """At most so many charts of short curves inside; Unknown beyond.

    An effort inside another one shares its steps.
    """
    outer = _left.get()
    own = [steps if outer is None else min(steps, outer[0])]
    token = _left.set(own)
    before = own[0]
    try:
        yield
    finally:
        _left.reset(token)
        if outer is not None:
            outer[0] -= before - own[0]


def _spend(curve: Curve) -> None:
    """A chart costs about as much as its curve is long."""
    left = _left.get()
    if left is not None:
        left[0] -= 1 + size_of(curve) // 20
        if left[0] < 0:
            raise Unknown(say("the search was given up"))


@record
class Chart:
    """``signs[k]`` holds between ``roots[k-1]`` and ``roots[k]``; the roots are zeros."""

    roots: list[Real]
    signs: list[int]

    def inverse(self) -> Chart:
        return Chart(self.roots, [-sign for sign in self.signs])

    def times(self, other: Chart) -> Chart:
        """The chart of a product."""
        roots = merged([*self.roots, *other.roots])
        gaps = range(len(roots) + 1)
        return Chart(roots, [self.sign_in(k, roots) * other.sign_in(k, roots) for k in gaps])

    def sign_in(self, gap: int, roots: list[Real]) -> int:
        """The sign in the gap of a finer list of roots."""
        if gap == 0:
            return self.signs[0]
        left = roots[gap - 1]
        return self.signs[sum(root <= left for root in self.roots)]


def merged(roots: list[Real]) -> list[Real]:
    """The roots in order, each once."""
    found: list[Real] = []
    for root in sorted(roots):
        if not found or found[-1] < root:
            found.append(root)
    return found


def chart(curve: Curve, low: Real, high: Real, depth: int = _DEPTH) -> Chart:
    """The signs of a smooth curve that is defined on the open interval (low, high).

    Unknown when they cannot be determined, as for infinitely many roots.
    """
    _spend(curve)
    if curve.op == "const":
        return Chart([], [curve.value.sign(numerical=True)])
    sign = range_on(curve, low, high).sign
    if sign is not None:
        return Chart([], [sign])
    match curve.op:
        case "x":
            return _of_roots([(Real.of(0), 1)], 1, low, high)
        case "mul":
            total = chart(curve.args[0], low, high, depth)
            for factor in curve.args[1:]:
                total = total.times(chart(factor, low, high, depth))
            return total
        case "pow":
            return _of_power(curve, low, high, depth)
        case "fn":
            return _of_function(curve, low, high, depth)
    return _of_sum(curve, low, high, depth)


def _of_power(curve: Curve, low: Real, high: Real, depth: int) -> Chart:
    base = chart(curve.args[0], low, high, depth)
    exponent: Fraction = curve.data
    if exponent.denominator > 1 or exponent % 2:
        return base
    return Chart(base.roots, [sign * sign for sign in base.signs])


# f(u) has the sign of u - root, for increasing f with this root
_INCREASING_AT = {
    "log": Fraction(1),
    "atan": Fraction(0),
    "asin": Fraction(0),
    "sinh": Fraction(0),
    "tanh": Fraction(0),
    "erf": Fraction(0),
    "lambertw": Fraction(0),
}


def _of_function(curve: Curve, low: Real, high: Real, depth: int) -> Chart:
    name, argument = curve.data[0], curve.args[0]
    if name in _INCREASING_AT and curve.data[1:] != (-1,):
        return chart(subtract(argument, constant(_INCREASING_AT[name])), low, high, depth)
    if name in ("sin", "cos"):
        return _of_wave(curve, low, high)
    return _by_rolle(curve, low, high, depth)


def _of_wave(curve: Curve, low: Real, high: Real) -> Chart:
    """Roots of sin(ax + b) and cos(ax + b): multiples of π, moved by π/2 for cos."""
    line = coefficients_in(curve.args[0], X)
    if line is None or len(line) != 2 or not (low.is_finite and high.is_finite):
        raise Unknown(say("a wave with infinitely many roots, or of a curved argument"))
    shift, factor = line
    if curve.data[0] == "cos":
        shift = shift + Real.pi() / 2
    ends = sorted([(factor * low + shift) / Real.pi(), (factor * high + shift) / Real.pi()])
    first = int(float(apply("floor", ends[0]))) + 1
    last = -int(float(apply("floor", -ends[1]))) - 1
    if last - first > 1000:
        raise Unknown(say("too many roots"))
    roots = sorted((Real.pi() * k - shift) / factor for k in range(first, last + 1))
    signs = [(-1) ** k for k in range(len(roots) + 1)]
    beginning = side_sign(curve, low, 1)
    return Chart(roots, [beginning * sign for sign in signs])


# ---------------------------------------------------------------- sums


def _of_sum(curve: Curve, low: Real, high: Real, depth: int) -> Chart:
    coefficients = coefficients_in(curve, X)
    exact = None if coefficients is None else rationals(coefficients)
    if exact is not None:
        return _of_roots(polynomial_roots(exact), Real.of(exact[-1]).sign(), low, high)
    fraction = over_one_denominator(curve)
    if fraction is not None:
        parts = [chart(part, low, high, depth) for part in fraction]
        return parts[0].times(parts[1])
    written = in_exponentials(curve)
    if written is not curve:
        return chart(written, low, high, depth)
    wave = single_wave(curve)
    if wave is not None:
        return chart(wave, low, high, depth)
    exponential = exponential_polynomial(curve)
    if exponential is not None:
        return _in_exponential(*exponential, low, high)
    common = common_factor(curve)
    if common is not None:
        return chart(common[0], low, high, depth).times(chart(common[1], low, high, depth))
    return _by_rolle(curve, low, high, depth)


def _of_roots(roots: list[tuple[Real, int]], leading: int, low: Real, high: Real) -> Chart:
    """The chart of a polynomial with these roots and multiplicities."""
    sign = leading * (-1) ** sum(times for root, times in roots if root > low)
    signs = [sign]
    inside = [(root, times) for root, times in roots if low < root < high]
    for _, times in inside:
        sign *= (-1) ** times
        signs.append(sign)
    return Chart([root for root, _ in inside], signs)


def _in_exponential(rate: Fraction, coefficients: list[Fraction], low: Real, high: Real) -> Chart:
    """A polynomial in y = exp(rate·x) > 0: x = log(y)/rate at its roots."""
    if len(coefficients) == 1:
        return Chart([], [Real.of(coefficients[0]).sign()])
    ends = [_exponential_end(rate, end) for end in (low, high)]
    found = _of_roots(polynomial_roots(coefficients), Real.of(coefficients[-1]).sign(), *ends)
    return Chart([apply("log", root) / rate for root in found.roots], found.signs)


def _exponential_end(rate: Fraction, end: Real) -> Real:
    if end.is_finite:
        return apply("exp", end * rate)
    return INFINITY if end.sign() > 0 else Real.of(0)


# ---------------------------------------------------------------- Rolle's theorem


def _by_rolle(curve: Curve, low: Real, high: Real, depth: int) -> Chart:
    if depth == 0 or size_of(curve) > _LARGEST:
        raise Unknown(say("the curve is too long"))
    for divisor, sign in _divisors(curve, low, high):
        quotient = add(*(multiply(term, power(divisor, -1)) for term in terms_of(curve)))
        try:
            changes = chart(slope(quotient), low, high, depth - 1)
            found = _between_extremes(quotient, changes, low, high)
        except (Unknown, Unresolved, Undecided, ValueError):
            continue
        return found if sign > 0 else found.inverse()
    raise Unknown(say("the derivatives do not get simpler"))


def _divisors(curve: Curve, low: Real, high: Real) -> Iterator[tuple[Curve, int]]:
    """1, and the terms that are never 0, with their signs."""
    yield constant(1), 1
    for term in terms_of(curve):
        if not term.is_constant:
            sign = range_on(term, low, high).sign
            if sign:
                yield term, sign


def _between_extremes(curve: Curve, changes: Chart, low: Real, high: Real) -> Chart:
    """The chart of a curve whose derivative has the chart ``changes``."""
    ends = [side_sign(curve, low, 1), side_sign(curve, high, -1)]
    inner = [value_at(curve, root).sign() for root in changes.roots]
    points = [low, *changes.roots, high]
    values = [ends[0], *inner, ends[1]]
    roots: list[Real] = []
    signs: list[int] = []
    for k, ((left, right), (before, after)) in enumerate(
        zip(pairwise(points), pairwise(values), strict=True)
    ):
        if k and before == 0:
            roots.append(left)
        if len(signs) == len(roots):  # a gap begins, else the one before goes on
            signs.append(before or after)
        if before * after < 0:
            roots.append(root_between(curve, left, right, before))
            signs.append(after)
    return Chart(roots, signs)
