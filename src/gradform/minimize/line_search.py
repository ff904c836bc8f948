"""A step length with sufficient decrease and curvature (weak Wolfe conditions).

Bisection as in Lewis and Overton (2013): it needs no more than values and slopes, and takes a
point outside the domain, where the value is inf, for a step that is too long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from gradform.minimize.variables import Array

__all__ = ["searched"]

_Evaluate: TypeAlias = Callable[[Array], tuple[float, Array]]

_DECREASE = 1e-4
_CURVATURE = 0.9
_MOST_TRIALS = 60
# Steps are doubled so many times; where the value falls still, it may do so without end.
_DOUBLINGS = 10
_MOST_GROWTH = 1e100
# So many times apart are orders of magnitude.
_FAR = 16.0


def searched(
    evaluate: _Evaluate, x: Array, value: float, gradient: Array, direction: Array, first: float
) -> tuple[Array, float, Array] | None:
    """The next point with its value and gradient; None where no step decreases the value.

    Near the minimum values differ by less than their rounding; then the slope decides, as in
    Hager and Zhang's approximate conditions (2005).
    """
    slope = float(gradient @ direction)
    rounding = 10 * np.finfo(float).eps * abs(value)
    shortest, longest, step, growth = 0.0, np.inf, first, 2.0
    best: tuple[Array, float, Array] | None = None
    for trial in range(_MOST_TRIALS):
        point = x + step * direction
        there, slopes = evaluate(point)
        along = float(slopes @ direction) if np.isfinite(there) else np.nan
        lower = there <= value + _DECREASE * step * slope
        level = abs(there - value) <= rounding and along <= (2 * _DECREASE - 1) * slope
        if not (lower or level):
            longest = step
        elif along < _CURVATURE * slope:
            shortest, best = step, (point, there, slopes)
        else:
            return point, there, slopes
        if np.isinf(longest):
            step *= growth
            growth = growth if trial < _DOUBLINGS else min(growth**2, _MOST_GROWTH)
        else:
            step = _between(shortest, longest)
        if not shortest < step < longest:
            break
    return best


def _between(shortest: float, longest: float) -> float:
    """The middle; of steps that are orders of magnitude apart that of the orders."""
    if longest > _FAR * shortest > 0:
        return float(np.sqrt(shortest) * np.sqrt(longest))
    return (shortest + longest) / 2
