"""Counterexamples to convexity, checked exactly."""

from __future__ import annotations

from fractions import Fraction

from gradform.exact import Real, Undecided
from gradform.nonsmooth.line.curve import Curve
from gradform.nonsmooth.line.values import value_at
from gradform.records import record, replaced

__all__ = ["Witness", "chord_above"]


@record
class Witness:
    """f(x) > weight·f(x1) + (1 - weight)·f(x2) with x = weight·x1 + (1 - weight)·x2.

    For a function that is not concave the inequality is the other way round.
    """

    x1: Real
    x2: Real
    weight: Fraction
    value: Real
    chord: Real

    @property
    def x(self) -> Real:
        return self.x1 * self.weight + self.x2 * (1 - self.weight)

    def turned(self) -> Witness:
        """The same points for -f."""
        return replaced(self, value=-self.value, chord=-self.chord)


def chord_above(curve: Curve, x1: Real, x2: Real, weight: Fraction) -> Witness | None:
    """The witness of these points when the graph lies above the chord, proved; else None."""
    try:
        x = x1 * weight + x2 * (1 - weight)
        value = value_at(curve, x)
        chord = value_at(curve, x1) * weight + value_at(curve, x2) * (1 - weight)
        if (value - chord).sign() <= 0:
            return None
    except (ValueError, Undecided):
        return None
    return Witness(x1, x2, weight, value, chord)
