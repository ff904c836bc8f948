"""Rational powers of rational numbers: exact or None."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradform.ir.nodes import Coefficient
from gradform.ir.roots import rational_power

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@pytest.mark.parametrize(
    ("value", "power", "expected"),
    [
        (4, HALF, 2),
        (Fraction(9, 4), HALF, Fraction(3, 2)),
        (Fraction(9, 4), -HALF, Fraction(2, 3)),
        (27, Fraction(2, 3), 9),
        (2, HALF, None),
        (Fraction(4, 3), HALF, None),
        (-4, HALF, None),
        (-8, THIRD, None),
        (-2, 3, -8),
        (-2, -1, -HALF),
        (1, Fraction(7, 5), 1),
        (1, -200, 1),
        (0, HALF, 0),
        (0, 3, 0),
        (0, -1, None),
        (0, 0, None),
        (2, 65, None),
        (2, -65, None),
        (10**18, HALF, 10**9),
        (10**400, HALF, None),
    ],
)
def test_rational_power(value: Coefficient, power: Coefficient, expected: object) -> None:
    assert rational_power(value, power) == expected


positive = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50)


@given(positive, st.integers(-6, 6), st.integers(1, 5))
def test_roots_undo_powers(base: Fraction, top: int, bottom: int) -> None:
    assert rational_power(base**bottom, Fraction(top, bottom)) == base**top


@given(positive, st.fractions(min_value=-4, max_value=4, max_denominator=6))
def test_what_is_found_is_exact(value: Fraction, power: Fraction) -> None:
    found = rational_power(value, power)
    if found is not None:
        assert Fraction(found) ** power.denominator == value**power.numerator
