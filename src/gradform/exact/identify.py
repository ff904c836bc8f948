"""Numbers that are rational though their form does not show it."""

from __future__ import annotations

from functools import lru_cache

from flint import arb, fmpq

from gradform.exact.balls import bounds, precision, simplest_between
from gradform.exact.form import Form, Number, subtract
from gradform.exact.zero import decide_sign

__all__ = ["settled"]

_BITS = 80
_LARGEST_DENOMINATOR = 1 << 20  # a simplest fraction in so narrow a ball is no accident


@lru_cache(maxsize=4096)
def settled(value: Number) -> Number:
    """The value, as a rational when it is proved to be one with a small denominator."""
    if isinstance(value, fmpq):
        return value
    ball = value.ball(_BITS)
    if not ball.is_finite() or not ball.rad() < arb((1, -50)):
        return value
    with precision(_BITS + 16):
        candidate = simplest_between(*bounds(ball))
    if candidate.q > _LARGEST_DENOMINATOR:
        return value
    return candidate if _equals(value, candidate) else value


def _equals(value: Form, candidate: fmpq) -> bool:
    difference = subtract(value, candidate)
    if isinstance(difference, fmpq):
        return difference == 0
    if difference.sign is None:
        decide_sign(difference)
    return difference.sign == 0 and difference.proved
