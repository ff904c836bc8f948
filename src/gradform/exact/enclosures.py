"""The real functions on balls: ``ENCLOSURES[name](parameters, argument)``.

Outside the domain the ball is not finite, which asks for more bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flint import acb, arb

__all__ = ["ENCLOSURES", "Enclosure"]

Enclosure: TypeAlias = Callable[[tuple[int, ...], arb], arb]


def _lgamma(_: tuple[int, ...], x: arb) -> arb:
    """log |Γ(x)|."""
    return x.lgamma() if x > 0 else abs(x.gamma()).log()


def _polygamma(parameters: tuple[int, ...], x: arb) -> arb:
    """The derivative of order k of the digamma function."""
    return acb(x).polygamma(acb(parameters[0])).real


def _lambertw(parameters: tuple[int, ...], x: arb) -> arb:
    """The inverse of w·exp(w) with values ≥ −1 (branch 0) or ≤ −1 (branch −1)."""
    return x.lambertw(parameters[0])


ENCLOSURES: Mapping[str, Enclosure] = {
    "exp": lambda _, x: x.exp(),
    "log": lambda _, x: x.log(),
    "sin": lambda _, x: x.sin(),
    "cos": lambda _, x: x.cos(),
    "tan": lambda _, x: x.tan(),
    "asin": lambda _, x: x.asin(),
    "acos": lambda _, x: x.acos(),
    "atan": lambda _, x: x.atan(),
    "sinh": lambda _, x: x.sinh(),
    "cosh": lambda _, x: x.cosh(),
    "tanh": lambda _, x: x.tanh(),
    "gamma": lambda _, x: x.gamma(),
    "lgamma": _lgamma,
    "digamma": lambda _, x: x.digamma(),
    "polygamma": _polygamma,
    "erf": lambda _, x: x.erf(),
    "erfc": lambda _, x: x.erfc(),
    "lambertw": _lambertw,
}
