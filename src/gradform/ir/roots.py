"""Rational powers of rational numbers."""

from __future__ import annotations

from fractions import Fraction

from gradform.ir.nodes import Coefficient, exact

__all__ = ["rational_power"]


def rational_power(value: Coefficient, power: Coefficient) -> Coefficient | None:
    """``value ** power`` when it is exactly rational, else None."""
    if value == 1:
        return 1
    if value == 0:
        return None if power <= 0 else 0
    if isinstance(power, int):
        return exact(Fraction(value) ** power) if abs(power) <= 64 else None
    if value < 0:
        return None
    fraction = Fraction(value)
    top = _exact_root(fraction.numerator, power.denominator)
    bottom = _exact_root(fraction.denominator, power.denominator)
    if top is None or bottom is None or abs(power.numerator) > 64:
        return None
    return exact(Fraction(top, bottom) ** power.numerator)


def _exact_root(value: int, degree: int) -> int | None:
    if value.bit_length() > 512:
        return None
    guess = round(value ** (1.0 / degree))
    return next((r for r in (guess - 1, guess, guess + 1) if r >= 0 and r**degree == value), None)
