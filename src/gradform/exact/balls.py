"""Balls: enclosures ``midpoint ± radius`` of real numbers, and the precision they are made at.

Arb (F. Johansson, IEEE Trans. Comput. 66, 2017) reads the working precision from a global;
here it is set by ``precision`` around a computation and put back behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

from flint import arb, ctx, fmpq

from gradform.language import say

__all__ = [
    "FIRST_BITS",
    "LAST_BITS",
    "Undecided",
    "as_fraction",
    "as_rational",
    "ball_sign",
    "bounds",
    "precision",
    "refined",
    "rounded",
    "suggested",
]

FIRST_BITS = 64  # a first look: decides nearly all comparisons
LAST_BITS = 4096  # where numbers that were not separated are given up
_LARGEST_EXPONENT = 1100  # of doubles, with room


class Undecided(ArithmeticError):
    """Balls of some thousand bits still contain 0, and no proof of zero was found."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Computations with balls inside are rounded to ``bits`` bits."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def ball_sign(ball: arb) -> int | None:
    """The sign of every number of the ball, or None when it contains both or is not finite."""
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    return 0 if ball.is_zero() else None


def refined(evaluate: Callable[[int], arb], bits: int) -> arb:
    """A ball with about ``bits`` bits of relative accuracy, or of absolute when it may be 0.

    ``evaluate(working)`` encloses the number, computed at ``working`` bits.
    """
    working = bits + 16
    while True:
        ball = evaluate(working)
        accuracy = ball.rel_accuracy_bits()
        if accuracy >= bits:
            return ball
        if working > 2 * bits + 64 and _is_tiny(ball, bits):
            return ball
        if working > max(8 * bits, 4 * LAST_BITS):
            return ball
        missing = bits - accuracy if accuracy > 0 else working
        working += max(32, min(working, missing + 16))


def _is_tiny(ball: arb, bits: int) -> bool:
    """Whether the ball contains 0 and nothing beyond 2^-bits."""
    return bool(ball.contains(0)) and bool(abs(ball) < arb((1, -bits)))


def as_fraction(value: fmpq) -> Fraction:
    """The same number as a Fraction of Python integers."""
    return Fraction(int(value.p), int(value.q))


def as_rational(value: Fraction | int) -> fmpq:
    """The same number as a rational of FLINT."""
    return fmpq(value.numerator, value.denominator)


def bounds(ball: arb) -> tuple[fmpq, fmpq]:
    """The rational ends of a finite ball, rounded outward at the precision that is set."""
    return ball.lower().fmpq(), ball.upper().fmpq()


def rounded(evaluate: Callable[[int], arb]) -> float:
    """The double nearest to a number that is not halfway between two doubles.

    Both ends of a ball that is narrow enough round to it. A number that is halfway, but not
    known to be rational, is rounded from its last ball.
    """
    bits = FIRST_BITS + 16
    while True:
        ball = evaluate(bits)
        size = abs(ball)
        if size < arb((1, -_LARGEST_EXPONENT)) and not ball.contains(0):
            return 0.0 if ball > 0 else -0.0
        if size > arb((1, _LARGEST_EXPONENT)):
            return math.inf if ball > 0 else -math.inf
        if ball.is_finite():
            with precision(bits + 16):
                low, high = (_double(end) for end in bounds(ball))
            if low == high or bits >= LAST_BITS:
                return low
        elif bits >= LAST_BITS:
            raise Undecided(say("the number is too large to be enclosed"))
        bits *= 4


def _double(value: fmpq) -> float:
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def suggested(ball: arb, largest: int) -> fmpq | None:
    """The simplest fraction in a ball, if its parts are at most ``largest`` and it stands out.

    A ball of some 60 bits around a number that is no such fraction seldom contains one.
    """
    size = abs(ball)
    if not size < 2 * largest or not ball.rad() < arb((1, -50)):
        return None
    if not ball.contains(0) and size * largest < 1:
        return None
    with precision(128):
        low, high = bounds(ball)
    found = _simplest_between(low, high)
    return found if found.q <= largest else None


def _simplest_between(low: fmpq, high: fmpq) -> fmpq:
    """The rational with the least denominator in [low, high], by continued fractions."""
    if low <= 0 <= high:
        return fmpq(0)
    if high < 0:
        return -_simplest_between(-high, -low)
    whole = low.ceil()
    if whole <= high:
        return fmpq(whole)
    floor = low.floor()
    return floor + 1 / _simplest_between(1 / (high - floor), 1 / (low - floor))
