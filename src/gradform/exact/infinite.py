"""Arithmetic with ±∞, where it has a value: inf + 1, 2·inf, 1/inf, but not inf − inf.

An infinite number is a float.
"""

from __future__ import annotations

import math
from typing import TypeAlias

from flint import fmpq

from gradform.exact.form import Number
from gradform.exact.zero import sign
from gradform.language import say

__all__ = [
    "Extended",
    "compare_infinite",
    "infinite_difference",
    "infinite_power",
    "infinite_product",
    "infinite_quotient",
    "infinite_sum",
]

Extended: TypeAlias = "Number | float"


def infinite_sum(a: Extended, b: Extended) -> Extended:
    if isinstance(a, float) and isinstance(b, float) and a != b:
        raise ValueError(say("inf - inf has no value"))
    return a if isinstance(a, float) else b


def infinite_difference(a: Extended, b: Extended) -> Extended:
    return infinite_sum(a, -b if isinstance(b, float) else b)


def infinite_product(a: Extended, b: Extended) -> Extended:
    total = _sign(a) * _sign(b)
    if total == 0:
        raise ValueError(say("0*inf has no value"))
    return total * math.inf


def infinite_quotient(a: Extended, b: Extended) -> Extended:
    if isinstance(b, float):
        if isinstance(a, float):
            raise ValueError(say("inf/inf has no value"))
        return fmpq(0)
    if _sign(b) == 0:
        raise ZeroDivisionError(say("division by zero"))
    return infinite_product(a, b)


def infinite_power(value: float, n: int, d: int) -> Extended:
    if n == 0:
        raise ValueError(say("inf^0 has no value"))
    if value < 0 and d % 2 == 0:
        raise ValueError(say("an even root of a negative number is not real"))
    if n < 0:
        return fmpq(0)
    return -value if value < 0 and n % 2 == 0 else value


def compare_infinite(x: Extended, y: Extended) -> int:
    a = x if isinstance(x, float) else 0.0
    b = y if isinstance(y, float) else 0.0
    return int(a > b) - int(a < b)


def _sign(value: Extended) -> int:
    if isinstance(value, float):
        return 1 if value > 0 else -1
    return sign(value)
