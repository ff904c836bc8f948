"""Ranges of curves on intervals, in ball arithmetic.

A range is an enclosure: the curve takes no value outside. An end is *open* when the curve
never takes that value inside the interval, which tells exp(x) > 0 from x² >= 0.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import flint
from flint import arb

from gradform.exact import Real
from gradform.nonsmooth.line.curve import Curve, walk
from gradform.records import record

__all__ = ["Range", "range_on", "sign_of_range"]

_BITS = 128
_INF = arb.pos_inf()


@record
class Range:
    """From ``low`` to ``high``, exact binary numbers or infinite."""

    low: arb
    high: arb
    low_open: bool = False
    high_open: bool = False

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.high_open, self.low_open)

    @property
    def sign(self) -> int | None:
        """1 or -1 when every value is positive or negative, 0 when all are 0, else None."""
        if self.low > 0 or (self.low == 0 and self.low_open):
            return 1
        if self.high < 0 or (self.high == 0 and self.high_open):
            return -1
        return 0 if self.low == 0 == self.high else None

    @property
    def weak_sign(self) -> int | None:
        """1 for >= 0, -1 for <= 0, 0 for = 0, else None."""
        if self.low >= 0:
            return 0 if self.high == 0 else 1
        return -1 if self.high <= 0 else None


EVERYTHING = Range(-_INF, _INF, True, True)


def sign_of_range(root: Curve, low: Real, high: Real) -> int | None:
    """The sign of a curve on an open interval, if its range tells."""
    return range_on(root, low, high).sign


def range_on(root: Curve, low: Real, high: Real) -> Range:
    """An enclosure of a smooth curve's values on the open interval (low, high)."""
    own = Range(_lower(low), _upper(high), True, True)
    precision = flint.ctx.prec
    flint.ctx.prec = _BITS
    try:
        return walk(root, lambda node, below: _range(node, below, own))
    finally:
        flint.ctx.prec = precision


def _lower(value: Real) -> arb:
    return value.ball(_BITS).lower() if value.is_finite else (_INF if value.sign() > 0 else -_INF)


def _upper(value: Real) -> arb:
    return value.ball(_BITS).upper() if value.is_finite else (_INF if value.sign() > 0 else -_INF)


def _range(node: Curve, below: list[Range], own: Range) -> Range:
    match node.op:
        case "const":
            return Range(_lower(node.value), _upper(node.value))
        case "x":
            return own
        case "add":
            total = below[0]
            for each in below[1:]:
                total = _added(total, each)
            return total
        case "mul":
            total = below[0]
            for each in below[1:]:
                total = _multiplied(total, each)
            return total
        case "pow":
            return _raised(below[0], node.data)
        case "fn":
            name, *numbers = node.data
            return _RULES.get(name, _unknown)(below[0], *numbers)
    return _kinked(node, below)


def _kinked(node: Curve, below: list[Range]) -> Range:
    match node.op:
        case "abs":
            return _raised(_raised(below[0], Fraction(2)), Fraction(1, 2))
        case "max":
            return _largest(below)
        case "min":
            return -_largest([-each for each in below])
        case "where":
            return _either([*below[1::2], below[-1]])
        case "sign":
            return Range(arb(-1), arb(1))
    assert node.op == "floor", node.op
    return _added(below[0], Range(arb(-1), arb(0), True, False))


def _unknown(u: Range, *numbers: int) -> Range:
    return EVERYTHING


def _down(value: arb) -> arb:
    return value.lower() if value.is_finite() else value


def _up(value: arb) -> arb:
    return value.upper() if value.is_finite() else value


def _added(left: Range, right: Range) -> Range:
    low, high = left.low + right.low, left.high + right.high
    return Range(
        _down(low) if low.is_finite() else -_INF,
        _up(high) if high.is_finite() else _INF,
        left.low_open or right.low_open or not low.is_finite(),
        left.high_open or right.high_open or not high.is_finite(),
    )


def _multiplied(left: Range, right: Range) -> Range:
    """The extremes are among the products of ends; 0·∞ is 0 at a closed or open 0 alike."""
    ends = [
        (_times(a, b), open_a or open_b, (a == 0 and not open_a) or (b == 0 and not open_b))
        for a, open_a in ((left.low, left.low_open), (left.high, left.high_open))
        for b, open_b in ((right.low, right.low_open), (right.high, right.high_open))
    ]
    low = _extreme_end(ends, lowest=True)
    high = _extreme_end(ends, lowest=False)
    # 0 inside one factor makes 0 a value whatever the other one is
    return Range(low[0], high[0], low[1], high[1])


def _times(a: arb, b: arb) -> arb:
    if a == 0 or b == 0:
        return arb(0)
    return a * b


_End = tuple[arb, bool, bool]


def _extreme_end(ends: list[_End], lowest: bool) -> tuple[arb, bool]:
    rounded = [
        (_down(v) if lowest else _up(v), is_open and not is_zero) for v, is_open, is_zero in ends
    ]
    best = rounded[0][0]
    for value, _ in rounded[1:]:
        if (value < best) if lowest else (value > best):
            best = value
    return best, all(is_open for value, is_open in rounded if value == best)


def _raised(u: Range, exponent: Fraction) -> Range:
    if exponent < 0:
        return _reciprocal(_raised(u, -exponent))
    if exponent.denominator > 1:
        root = Range(max(u.low, arb(0)), u.high, u.low_open and u.low >= 0, u.high_open)
        return _monotone(root, lambda t: t ** _arb(exponent) if t != 0 else arb(0))
    whole = int(exponent)
    if whole % 2:
        return _monotone(u, lambda t: t**whole)
    if u.low >= 0:
        return _monotone(u, lambda t: t**whole)
    if u.high <= 0:
        return _monotone(-u, lambda t: t**whole)
    ends = Range(u.low, u.high, u.low_open, u.high_open)
    top = ends if abs(ends.high) > abs(ends.low) else -ends
    tied = abs(ends.high) == abs(ends.low)
    top_open = (ends.high_open and ends.low_open) if tied else top.high_open
    return Range(arb(0), _image(lambda t: t**whole, top.high, up=True), False, top_open)


def _arb(value: Fraction) -> arb:
    return arb(flint.fmpq(value.numerator, value.denominator))


def _reciprocal(u: Range) -> Range:
    """Of a range that has 0 at most as an end."""
    if u.low < 0 < u.high:
        return EVERYTHING
    if u.high <= 0:
        return -_reciprocal(-u)
    low = arb(0) if not u.high.is_finite() else _down(1 / u.high)
    high = _INF if u.low == 0 else _up(1 / u.low)
    return Range(low, high, u.high_open or not u.high.is_finite(), u.low_open or u.low == 0)


def _image(function: Callable[[arb], arb], end: arb, up: bool) -> arb:
    if not end.is_finite():
        value = function(end)
        if value.is_nan():
            return _INF if up else -_INF
        return _up(value) if up else _down(value)
    value = function(end)
    if value.is_nan():
        return _INF if up else -_INF
    return _up(value) if up else _down(value)


def _monotone(u: Range, function: Callable[[arb], arb]) -> Range:
    """The range of an increasing function."""
    return Range(
        _image(function, u.low, up=False),
        _image(function, u.high, up=True),
        u.low_open,
        u.high_open,
    )


def _largest(ranges: list[Range]) -> Range:
    low, high = ranges[0], ranges[0]
    for each in ranges[1:]:
        low = each if each.low > low.low else low
        high = each if each.high > high.high else high
    return Range(low.low, high.high, low.low_open, False)


def _either(ranges: list[Range]) -> Range:
    """All values of several ranges."""
    low, high = ranges[0], ranges[0]
    for each in ranges[1:]:
        if each.low < low.low or (each.low == low.low and not each.low_open):
            low = each
        if each.high > high.high or (each.high == high.high and not each.high_open):
            high = each
    return Range(low.low, high.high, low.low_open, high.high_open)


def _exp(u: Range) -> Range:
    """0 is never reached"""
    found = _monotone(u, lambda t: t.exp() if t.is_finite() else (_INF if t > 0 else arb(0)))
    return Range(
        found.low if found.low > 0 else arb(0),
        found.high,
        found.low_open or not found.low > 0,
        found.high_open,
    )


def _log(u: Range) -> Range:
    if u.high <= 0:
        return EVERYTHING
    low = -_INF if u.low <= 0 else _down(u.low.log())
    high = _up(u.high.log()) if u.high.is_finite() else _INF
    return Range(low, high, u.low_open or u.low <= 0, u.high_open)


def _limited(function: Callable[[arb], arb], below: arb, above: arb) -> Callable[[Range], Range]:
    """An increasing function between two values that it does not take."""

    def rule(u: Range) -> Range:
        low, high = below, above
        if u.low.is_finite():
            low = _down(function(u.low))
        if u.high.is_finite():
            high = _up(function(u.high))
        return Range(
            low,
            high,
            u.low_open or not u.low.is_finite() or low <= below,
            u.high_open or not u.high.is_finite() or high >= above,
        )

    return rule


def _wave(function: Callable[[arb], arb]) -> Callable[[Range], Range]:
    """sin and cos: a ball when the interval is short, [-1, 1] at most."""

    def rule(u: Range) -> Range:
        if not (u.low.is_finite() and u.high.is_finite()):
            return Range(arb(-1), arb(1))
        value = function(u.low.union(u.high))
        return Range(max(value.lower(), arb(-1)), min(value.upper(), arb(1)))

    return rule


def _cosh(u: Range) -> Range:
    even = _raised(_raised(u, Fraction(2)), Fraction(1, 2))
    return _monotone(even, lambda t: t.cosh() if t.is_finite() else _INF)


_LEAST_GAMMA = arb("0.8856")  # Γ(1.4616…) = 0.88560…, the minimum for positive arguments


def _gamma(u: Range) -> Range:
    if not u.low >= 0:
        return EVERYTHING
    return Range(_down(_LEAST_GAMMA), _INF, False, True)


def _digamma(u: Range) -> Range:
    if not u.low >= 0:
        return EVERYTHING
    low = -_INF if u.low == 0 else _down(u.low.digamma())
    high = _up(u.high.digamma()) if u.high.is_finite() else _INF
    return Range(low, high, True, True)


def _polygamma(u: Range, order: int) -> Range:
    """(-1)^(m+1) ψ_m is positive and falls on (0, ∞)"""
    if not u.low >= 0:
        return EVERYTHING
    positive = Range(arb(0), _INF, True, True)
    return positive if order % 2 else -positive


_RULES: dict[str, Callable[..., Range]] = {
    "exp": _exp,
    "log": _log,
    "sin": _wave(lambda t: t.sin()),
    "cos": _wave(lambda t: t.cos()),
    "atan": _limited(lambda t: t.atan(), -_up(arb.pi() / 2), _up(arb.pi() / 2)),
    "tanh": _limited(lambda t: t.tanh(), arb(-1), arb(1)),
    "erf": _limited(lambda t: t.erf(), arb(-1), arb(1)),
    "erfc": lambda u: _added(Range(arb(1), arb(1)), -_RULES["erf"](u)),
    "sinh": lambda u: _monotone(u, lambda t: t.sinh() if t.is_finite() else t),
    "cosh": _cosh,
    "gamma": _gamma,
    "digamma": _digamma,
    "polygamma": _polygamma,
}
