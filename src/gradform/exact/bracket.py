"""The only zero of a continuous function between two points, to any accuracy.

Signs are taken from enclosures, so the bracket is proved at each step. A secant step guesses
the zero and a narrow bracket around the guess is tried; as long as that holds, the number of
new digits doubles (as with Newton's method on intervals); where it fails, the bracket is
halved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from flint import arb, fmpq

from gradform.exact.balls import LAST_BITS, Undecided, ball_sign, precision
from gradform.language import say

__all__ = ["Bracket", "BallFunction"]

BallFunction: TypeAlias = Callable[[int, arb], arb]  # (bits, x) → enclosure of f(x)

_SPLITS = (fmpq(1, 2), fmpq(7, 16), fmpq(5, 8), fmpq(3, 13), fmpq(11, 14))


class Bracket:
    """``low`` < zero < ``high``, or both equal to it; the bracket narrows as it is asked."""

    __slots__ = ("_rises", "function", "high", "low")

    def __init__(self, function: BallFunction, low: fmpq, high: fmpq) -> None:
        self.function = function
        self.low = low
        self.high = high
        left, right = self._sign(low, LAST_BITS), self._sign(high, LAST_BITS)
        if left == 0 or right == 0:
            self.low = self.high = low if left == 0 else high
        elif left is None or right is None:
            raise Undecided(say("the sign of the function is not decided at the ends"))
        elif left == right:
            raise ValueError(say("the function has the same sign at both ends"))
        self._rises = right == 1

    def ball(self, bits: int) -> arb:
        """An enclosure with about ``bits`` bits of relative accuracy."""
        self._narrow(bits)
        with precision(bits + 16):
            middle, radius = (self.low + self.high) / 2, (self.high - self.low) / 2
            return arb(middle) + arb(0, arb(radius))

    def leave(self, point: fmpq) -> None:
        """Shrink the bracket to the side of the point where the zero is."""
        if not self.low < point < self.high:
            return
        sign = self._sign(point, LAST_BITS)
        if sign is None:
            raise Undecided(say("the sign of the function is not decided at a point"))
        self._replace(point, sign)

    def _sign(self, x: fmpq, last: int) -> int | None:
        bits = 64
        while True:
            with precision(bits):
                sign = ball_sign(self.function(bits, arb(x)))
            if sign is not None or bits >= last:
                return sign
            bits *= 2

    def _replace(self, point: fmpq, sign: int) -> None:
        if sign == 0:
            self.low = self.high = point
        elif (sign > 0) == self._rises:
            self.high = point
        else:
            self.low = point

    def _narrow(self, bits: int) -> None:
        digits = 4  # of the next try
        while not self._is_narrow(bits):
            width = self.high - self.low
            if self._try_around(self._secant(bits), width / 2**digits, bits):
                digits *= 2
            else:
                digits = max(2, digits // 4)
                self._split(bits)

    def _is_narrow(self, bits: int) -> bool:
        return bool((self.high - self.low) * 2**bits <= max(abs(self.low), abs(self.high)))

    def _secant(self, bits: int) -> fmpq:
        """Where the chord of the function between the ends is 0, rounded."""
        with precision(2 * bits + 64):
            left = self.function(2 * bits + 64, arb(self.low)).mid()
            right = self.function(2 * bits + 64, arb(self.high)).mid()
            share = (left / (left - right)).mid()
            if not share.is_finite():
                return (self.low + self.high) / 2
            return (arb(self.low) + share * arb(self.high - self.low)).mid().fmpq()

    def _try_around(self, guess: fmpq, reach: fmpq, bits: int) -> bool:
        """Whether the zero is proved within ``reach`` of the guess; both ends are used."""
        held = 0
        for point in (guess - reach, guess + reach):
            if not self.low < point < self.high:
                continue
            sign = self._sign(point, 2 * bits + 128)
            if sign is None:
                return False
            self._replace(point, sign)
            held += 1
        return self.high - self.low <= 2 * reach and held > 0

    def _split(self, bits: int) -> None:
        """Halve the bracket, or cut it where the sign can be told."""
        for share in _SPLITS:
            point = self.low + (self.high - self.low) * share
            if (sign := self._sign(point, 2 * bits + 128)) is not None:
                self._replace(point, sign)
                return
        raise Undecided(say("the function cannot be told from 0 at any point tried"))
