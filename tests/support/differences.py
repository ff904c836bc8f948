"""Derivatives by central differences, extrapolated once, straight from the definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["neutral_derivative"]

Array = NDArray[Any]

_STEP = 1e-3


def neutral_derivative(function: Callable[[Array], Any], at: Any) -> Array:
    """∂f[o…]/∂x[i…] with the axes of the value, then those of ``at``."""
    point = np.asarray(at, dtype=float)
    value = np.asarray(function(point), dtype=float)
    result = np.empty(value.shape + point.shape)
    for place in np.ndindex(point.shape):
        unit = np.zeros(point.shape)
        unit[place] = 1.0
        wide, narrow = (_slope(function, point, unit, step) for step in (_STEP, _STEP / 2))
        result[(..., *place)] = (4 * narrow - wide) / 3
    return result


def _slope(function: Callable[[Array], Any], point: Array, unit: Array, step: float) -> Array:
    ahead = np.asarray(function(point + step * unit), dtype=float)
    behind = np.asarray(function(point - step * unit), dtype=float)
    slope: Array = (ahead - behind) / (2 * step)
    return slope
