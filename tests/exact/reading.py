"""A reader for the text of numbers, independent of how they are written."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from gradform.exact import INFINITY, REAL_FUNCTIONS, Real, apply

__all__ = ["read"]


def _root_of(x_polynomial: list[Fraction], index: Real) -> Real:
    found = index.rational
    assert found is not None
    return Real.root(list(x_polynomial), int(found))


class _Polynomial:
    """Just enough of ℚ[x] to read ``RootOf(x^5 - x - 1, 0)``."""

    def __init__(self, coefficients: list[Fraction]) -> None:
        self.coefficients = coefficients

    def __add__(self, other: _Polynomial | Real) -> _Polynomial:
        right = _polynomial(other).coefficients
        size = max(len(right), len(self.coefficients))
        left = self.coefficients + [Fraction(0)] * (size - len(self.coefficients))
        right = right + [Fraction(0)] * (size - len(right))
        return _Polynomial([a + b for a, b in zip(left, right, strict=True)])

    def __sub__(self, other: _Polynomial | Real) -> _Polynomial:
        return self + _Polynomial([-c for c in _polynomial(other).coefficients])

    def __rmul__(self, factor: Real) -> _Polynomial:
        return _Polynomial([_fraction(factor) * c for c in self.coefficients])

    def __pow__(self, exponent: Real) -> _Polynomial:
        return _Polynomial([Fraction(0)] * int(_fraction(exponent)) + [Fraction(1)])

    def __neg__(self) -> _Polynomial:
        return _Polynomial([-c for c in self.coefficients])


def _fraction(value: Real) -> Fraction:
    assert value.rational is not None
    return value.rational


def _polynomial(value: _Polynomial | Real) -> _Polynomial:
    return value if isinstance(value, _Polynomial) else _Polynomial([_fraction(value)])


def read(text: str) -> Real:
    """The number with this text: Python's arithmetic on exact numbers."""
    names: dict[str, Any] = {
        name: lambda *arguments, name=name: apply(name, *arguments) for name in REAL_FUNCTIONS
    }
    names |= {
        "pi": Real.pi(),
        "EulerGamma": Real.euler_gamma(),
        "inf": INFINITY,
        "LambertW": lambda z, branch=0: apply("lambertw", z, branch),
        "RootOf": lambda p, index: _root_of(p.coefficients, index),
        "x": _Polynomial([Fraction(0), Fraction(1)]),
        "Real": Real,
    }
    source = re.sub(r"(?<![\w.])(\d+)", r"Real.of(\1)", text).replace("^", "**")
    found: Any = eval(source, {"__builtins__": {}}, names)
    assert isinstance(found, Real)
    return found
