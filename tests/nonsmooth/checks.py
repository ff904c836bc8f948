"""One-sided derivatives and sets against the definitions, in many digits."""

from __future__ import annotations

from typing import Any

import mpmath

import gradform as gf
from tests.nonsmooth.random_curves import Sample

__all__ = ["interval_problem", "one_sided_problem"]

_DIGITS = 260
_STEP = "1e-80"


def one_sided_problem(sample: Sample) -> str | None:
    """What is wrong with the one-sided derivatives, or None."""
    found = gf.one_sided(sample.text, at=sample.point)
    with mpmath.workdps(_DIGITS):
        point = mpmath.mpf(sample.point.numerator) / sample.point.denominator
        step = mpmath.mpf(_STEP)
        start = sample.value(point)
        for name, sign, value in (("left", -1, found.left), ("right", 1, found.right)):
            quotient = (sample.value(point + sign * step) - start) / (sign * step)
            assert value is not None
            if not _near(value, quotient):
                return f"{name} {value.text}, quotient {mpmath.nstr(quotient, 15)}"
    return None


def _near(value: Any, quotient: Any) -> bool:
    if not value.is_finite:
        return bool(abs(quotient) > 1e6) and (quotient > 0) == (value.sign() > 0)
    exact = mpmath.mpf(value.ball(200).mid().str(60, radius=False))
    return bool(abs(exact - quotient) <= mpmath.mpf("1e-25") * max(1, abs(exact)))


def interval_problem(sample: Sample) -> str | None:
    """What is wrong with the subdifferential of a convex function, or None.

    Both ends satisfy the defining inequality on a grid, and beyond them it fails.
    """
    found = gf.subdifferential(sample.text, at=sample.point)
    if found.status != "EXACT":
        return f"status {found.status}"
    if found.sense != "sub" or found.bounds is None:
        return f"sense {found.sense}"
    with mpmath.workdps(50):
        point = mpmath.mpf(sample.point.numerator) / sample.point.denominator
        start = sample.value(point)
        low, high = (
            mpmath.mpf(each.ball(120).mid().str(40, radius=False)) for each in found.bounds
        )
        for offset in (*(mpmath.mpf(k) / 4 for k in range(-40, 41)), *_small()):
            rise = sample.value(point + offset) - start
            if rise < max(low * offset, high * offset) - mpmath.mpf("1e-30") * (1 + abs(rise)):
                return f"the inequality fails at {mpmath.nstr(point + offset, 8)}"
        for end, direction in ((low, -1), (high, 1)):
            beyond = end + direction * mpmath.mpf("1e-6")
            if all(sample.value(point + offset) - start >= beyond * offset for offset in _small()):
                return f"not tight at {mpmath.nstr(end, 12)}"
    return None


def _small() -> list[Any]:
    return [sign * mpmath.mpf(10) ** -k for k in range(1, 20) for sign in (1, -1)]
