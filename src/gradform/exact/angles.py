"""Sines and cosines of related angles as polynomials in few of them, for proofs.

    cos(Σ kᵢ·θᵢ) + i·sin(Σ kᵢ·θᵢ) = Π (cos θᵢ + i·sin θᵢ)^kᵢ        (de Moivre)
    2·cos(k·φ) = 2·T_k(c/2),  c = 2·cos φ,  φ = 2π/N                 (Chebyshev)

For φ a fraction of 2π, c is a root of a known polynomial, and the values are algebraic.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import lcm
from typing import TypeGuard

from flint import fmpq, fmpz_poly

from gradform.exact.atoms import PI, Applied, applied
from gradform.exact.form import (
    ONE,
    ZERO,
    Atom,
    Monomial,
    Number,
    add,
    multiply,
    negate,
    number,
    scale,
    subtract,
    terms_of,
)
from gradform.exact.roots import real_roots

__all__ = ["has_pi", "is_wave", "related"]

_PI: Monomial = ((PI, 1, 1),)
_LARGEST_MULTIPLE = 24
_LARGEST_ORDER = 240

Wave = tuple[Number, Number]  # cosine and sine of an angle


def is_wave(atom: object) -> TypeGuard[Applied]:
    """Whether an atom is a sine or a cosine."""
    return isinstance(atom, Applied) and atom.name in ("sin", "cos")


def has_pi(atom: Applied) -> bool:
    """Whether the argument has a term q·π."""
    return _PI in terms_of(atom.argument)


def related(atoms: Iterable[Atom]) -> dict[Atom, Number]:
    """For sines and cosines, polynomials in those of common parts of their angles."""
    found: dict[Atom, Number] = {}
    waves = [atom for atom in atoms if is_wave(atom)]
    shares = _common_shares(waves)
    for atom in waves:
        value = _expanded(atom, shares)
        if value is not None:
            found[atom] = negate(value) if atom.negative else value
    return found


def _common_shares(atoms: list[Applied]) -> dict[Monomial, int]:
    """For each term of the angles, a number of parts that makes all coefficients whole."""
    shares: dict[Monomial, int] = {}
    for atom in atoms:
        for monomial, c in terms_of(atom.argument).items():
            shares[monomial] = lcm(shares.get(monomial, 1), int(c.q))
    return shares


def _expanded(atom: Applied, shares: dict[Monomial, int]) -> Number | None:
    total: Wave = (ONE, ZERO)
    for monomial, c in terms_of(atom.argument).items():
        parts = shares[monomial]
        multiple = int((c * parts).p)
        wave = _wave(monomial, parts, multiple)
        if wave is None:
            return None
        total = _turned(total, wave)
    return total[0] if atom.name == "cos" else total[1]


def _wave(monomial: Monomial, parts: int, multiple: int) -> Wave | None:
    """Cosine and sine of multiple/parts times the monomial."""
    if monomial == _PI:
        if 4 * parts > _LARGEST_ORDER:
            return None
        order = 4 * parts  # angles are multiples of 2π/order, and so are quarter turns
        return _fraction_cosine(order, 2 * multiple), _fraction_cosine(order, parts - 2 * multiple)
    if abs(multiple) > _LARGEST_MULTIPLE:
        return None
    part = scale(number({monomial: ONE}), fmpq(1, parts))
    unit: Wave = (applied("cos", part), applied("sin", part))
    total: Wave = (ONE, ZERO)
    for _ in range(abs(multiple)):
        total = _turned(total, unit)
    return total if multiple >= 0 else (total[0], negate(total[1]))


def _turned(a: Wave, b: Wave) -> Wave:
    """The product of two complex numbers."""
    return (
        subtract(multiply(a[0], b[0]), multiply(a[1], b[1])),
        add(multiply(a[0], b[1]), multiply(a[1], b[0])),
    )


@lru_cache(maxsize=256)
def _fraction_cosine(order: int, k: int) -> Number:
    """cos(2π·k/order)."""
    k = min(k % order, -k % order)
    base = _largest_cosine(order)
    before: Number = fmpq(2)
    value = base
    if k == 0:
        return ONE
    for _ in range(k - 1):
        before, value = value, subtract(multiply(base, value), before)
    return scale(value, fmpq(1, 2))


@lru_cache(maxsize=64)
def _largest_cosine(order: int) -> Number:
    """2·cos(2π/order), the largest of its conjugates."""
    coefficients = [fmpq(int(c)) for c in fmpz_poly.cos_minpoly(order).coeffs()]
    return real_roots(coefficients)[-1][0]
