"""Values, gradients and Hessians in long arithmetic: an oracle of its own.

Numbers are as large as they need to be, so that nothing over- or underflows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

__all__ = ["Jet", "exp", "log", "total", "variables"]

mpmath.mp.dps = 350  # 1e300 + log(3) - 1e300 is log(3)


class Jet:
    """A function of several variables near a point, up to second order."""

    def __init__(self, value: Any, slopes: Any, bends: Any) -> None:
        self.value, self.slopes, self.bends = value, slopes, bends

    def chain(self, value: Any, slope: Any, bend: Any) -> Jet:
        """g(f), with g, g', g'' at f: the Hessian is g' f'' + g'' f' f''.

        Arrays stand first in products: a number of mpmath would print them before it gives up.
        """
        outer = np.outer(self.slopes, self.slopes)
        return Jet(value, self.slopes * slope, self.bends * slope + outer * bend)

    def __add__(self, other: Jet | float) -> Jet:
        if isinstance(other, Jet):
            return Jet(
                self.value + other.value, self.slopes + other.slopes, self.bends + other.bends
            )
        return Jet(self.value + other, self.slopes, self.bends)

    __radd__ = __add__

    def __mul__(self, other: Jet | float) -> Jet:
        if not isinstance(other, Jet):
            number = mpmath.mpf(other)
            return Jet(self.value * number, self.slopes * number, self.bends * number)
        cross = np.outer(self.slopes, other.slopes)
        return Jet(
            self.value * other.value,
            self.slopes * other.value + other.slopes * self.value,
            self.bends * other.value + other.bends * self.value + cross + cross.T,
        )

    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return self * -1

    def __sub__(self, other: Jet | float) -> Jet:
        return self + (-1 * other)

    def __rsub__(self, other: float) -> Jet:
        return -self + other

    def __truediv__(self, other: Jet | float) -> Jet:
        if not isinstance(other, Jet):
            inverse: float = 1 / mpmath.mpf(other)
            return self * inverse
        one = 1 / other.value
        return self * other.chain(one, -(one**2), 2 * one**3)

    def __rtruediv__(self, other: float) -> Jet:
        one = 1 / self.value
        return other * self.chain(one, -(one**2), 2 * one**3)


def exp(x: Jet) -> Jet:
    value = mpmath.exp(x.value)
    return x.chain(value, value, value)


def log(x: Jet) -> Jet:
    return x.chain(mpmath.log(x.value), 1 / x.value, -1 / x.value**2)


def total(jets: Sequence[Jet]) -> Jet:
    result = jets[0]
    for jet in jets[1:]:
        result = result + jet
    return result


def variables(point: Sequence[float]) -> list[Jet]:
    count = len(point)
    zero = np.array([mpmath.mpf(0)] * count, dtype=object)
    units = []
    for k, entry in enumerate(point):
        unit = zero.copy()
        unit[k] = mpmath.mpf(1)
        units.append(Jet(mpmath.mpf(entry), unit, np.outer(zero, zero)))
    return units


Oracle = Callable[[list[Jet]], Jet]
