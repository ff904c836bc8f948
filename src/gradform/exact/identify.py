"""Numbers that are rational though their form does not show it."""

from __future__ import annotations

from functools import lru_cache

from flint import fmpq

from gradform.exact.balls import suggested
from gradform.exact.form import Form, Number, subtract
from gradform.exact.zero import decide_sign

__all__ = ["settled"]

_BITS = 80
_LARGEST = 1 << 20


@lru_cache(maxsize=4096)
def settled(value: Number) -> Number:
    """The value, as a rational when it is proved to be one with a small denominator."""
    if isinstance(value, fmpq):
        return value
    candidate = suggested(value.ball(_BITS), _LARGEST)
    return candidate if candidate is not None and _equals(value, candidate) else value


def _equals(value: Form, candidate: fmpq) -> bool:
    difference = subtract(value, candidate)
    if isinstance(difference, fmpq):
        return difference == 0
    if difference.sign is None:
        decide_sign(difference)
    return difference.sign == 0 and difference.proved
