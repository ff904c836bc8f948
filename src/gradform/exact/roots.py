"""The real roots of polynomials with rational coefficients.

A polynomial is factored over the rationals. The roots of an irreducible factor are written
with radicals when it has degree ≤ 2, or is, after a shift, q(y^k) with q of degree ≤ 2;
others are numbers of their own, isolated by balls (arb_fmpz_poly, Johansson 2018).
"""

from __future__ import annotations

from functools import cmp_to_key
from math import lcm
from typing import Any

from flint import arb, fmpq, fmpq_poly, fmpz_poly

from gradform.exact.atoms import root
from gradform.exact.balls import precision
from gradform.exact.form import Number, add, numeric_sign, scale, subtract
from gradform.exact.powers import power
from gradform.language import say

__all__ = ["real_roots"]

_ISOLATING_BITS = 64


def real_roots(coefficients: list[fmpq]) -> list[tuple[Number, int]]:
    """Distinct real roots, ascending, with multiplicities; coefficients from low to high."""
    denominator = lcm(*(int(c.q) for c in coefficients))
    polynomial = fmpz_poly([int((c * denominator).p) for c in coefficients])
    if polynomial.degree() < 0:
        raise ValueError(say("every number is a root of the zero polynomial"))
    _, factors = polynomial.factor()
    found = [
        (value, int(multiplicity))
        for factor, multiplicity in factors
        for value in _irreducible_roots(factor)
    ]
    return sorted(found, key=cmp_to_key(_compare))


def _compare(a: tuple[Number, int], b: tuple[Number, int]) -> int:
    """The order of distinct roots: balls separate them."""
    return numeric_sign(subtract(a[0], b[0]))


def _irreducible_roots(factor: fmpz_poly) -> list[Number]:
    coefficients = [fmpq(int(c)) for c in factor.coeffs()]
    if len(coefficients) == 2:
        return [-coefficients[0] / coefficients[1]]
    degree = len(coefficients) - 1
    shift = -coefficients[-2] / (degree * coefficients[-1])
    centred = fmpq_poly(coefficients)(fmpq_poly([shift, 1])).coeffs()
    step = _step(centred)
    if degree // step <= 2 and step > 1:
        return [
            add(shift, value)
            for square in _short_roots(centred[::step])
            for value in _kth_roots(square, step)
        ]
    return _isolated(factor)


def _step(coefficients: list[fmpq]) -> int:
    """The largest k for which the polynomial is one in y^k."""
    degree = len(coefficients) - 1
    return next(
        k
        for k in range(degree, 0, -1)
        if degree % k == 0 and all(c == 0 or i % k == 0 for i, c in enumerate(coefficients))
    )


def _short_roots(coefficients: list[fmpq]) -> list[Number]:
    """The real roots in degree 1 or 2: −b/2a ± √(b² − 4ac)/2a."""
    if len(coefficients) == 2:
        return [-coefficients[0] / coefficients[1]]
    c, b, a = coefficients
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    half = power(discriminant / (4 * a * a), 1, 2)
    middle = -b / (2 * a)
    return [subtract(middle, half), add(middle, half)]


def _kth_roots(value: Number, k: int) -> list[Number]:
    """The real y with y^k = value."""
    if k % 2:
        return [power(value, 1, k)]
    if numeric_sign(value) < 0:
        return []
    found = power(value, 1, k)
    return [scale(found, fmpq(-1)), found]


def _isolated(factor: fmpz_poly) -> list[Number]:
    derivative = factor.derivative()
    bits = _ISOLATING_BITS
    while True:
        with precision(bits):
            balls = _real_balls(factor)
            if all(not derivative(ball).contains(0) and not ball.contains(0) for ball in balls):
                return [root(factor, index, ball) for index, ball in enumerate(balls)]
        bits *= 2


def _real_balls(factor: fmpz_poly) -> list[arb]:
    """Disjoint balls around the real roots, ascending."""
    roots: Any = factor.complex_roots()  # pairs of a ball and a multiplicity
    found = [value.real for value, _ in roots if value.imag.is_zero()]
    return sorted(found, key=lambda ball: ball.mid().fmpq())
