"""Products of sines and cosines as sums of them, for proofs.

    2·cos a·cos b = cos(a−b) + cos(a+b)        2·sin a·sin b = cos(a−b) − cos(a+b)
    2·sin a·cos b = sin(a+b) + sin(a−b)        cos(q·π + r) = cos qπ·cos r − sin qπ·sin r
    2·cos(k·φ) = 2·T_k(c/2),  c = 2·cos φ,  φ = 2π/N        (Chebyshev)

Werner's formulas leave each angle once, and cosines of different angles are independent as
functions; those of fractions of π are written in the powers of one algebraic number c.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import lcm
from typing import Literal, NamedTuple, TypeAlias, TypeGuard

from flint import fmpq, fmpz_poly

from gradform.exact.atoms import PI, Applied, Sum, applied
from gradform.exact.form import (
    ONE,
    ZERO,
    Atom,
    Monomial,
    Number,
    add,
    is_reversed,
    multiply,
    negate,
    number,
    scale,
    substituted,
    subtract,
    sum_of,
    terms_of,
)
from gradform.exact.powers import power
from gradform.exact.roots import real_roots
from gradform.language import say

__all__ = ["linearised", "pi_times", "sine_by_parts", "split_angle"]

_PI: Monomial = ((PI, 1, 1),)
_HALF = fmpq(1, 2)
_LARGEST_ORDER = 240
_LARGEST_MULTIPLE = 12
_MOST_WAVES = 256
_MOST_PRODUCTS = 5000


class _Wave(NamedTuple):
    """cos or sin of an angle that is 0 or has a positive first term."""

    kind: Literal["cos", "sin"]
    angle: Number


_Pair: TypeAlias = tuple[Number, Number]  # cosine and sine of one angle
_Waves: TypeAlias = "dict[_Wave, fmpq]"  # a sum of waves with coefficients


def pi_times(q: fmpq) -> Number:
    """q·π."""
    return number({_PI: q}) if q else ZERO


def split_angle(x: Number) -> tuple[fmpq, Number]:
    """(q, rest) with x = q·π + rest."""
    terms = dict(terms_of(x))
    q = terms.pop(_PI, ZERO)
    return q, number(terms)


def linearised(value: Number) -> Number:
    """The same number without products of sines and cosines, in the sums in it as well."""
    value = _linearised_sums(value)
    if isinstance(value, fmpq) or not any(_is_wave(atom) for atom, _, _ in value.atoms):
        return value
    parts = [(*_separated(monomial), c) for monomial, c in value.terms.items()]
    order = _common_order(wave for _, waves, _ in parts for wave in waves)
    return sum_of(
        multiply(scale(rest, c), _total(waves, order), _MOST_PRODUCTS) for rest, waves, c in parts
    )


def sine_by_parts(angle: Number) -> Number:
    """sin(angle), multiples of inverse functions and fractions of π by radicals."""
    wave = _Wave("sin", angle)
    return _value(wave, _common_order([wave]))


def _linearised_sums(value: Number) -> Number:
    if isinstance(value, fmpq):
        return value
    replaced: dict[Atom, dict[tuple[int, int], Number]] = {}
    for atom in {atom for atom, _, _ in value.atoms}:
        inside = linearised(atom.form) if isinstance(atom, Sum) else None
        if inside is not None and isinstance(atom, Sum) and inside != atom.form:
            powers = {(n, d) for found, n, d in value.atoms if found is atom}
            replaced[atom] = {(n, d): power(inside, n, d) for n, d in powers}
    return substituted(value, replaced) if replaced else value


def _is_wave(atom: Atom) -> TypeGuard[Applied]:
    return isinstance(atom, Applied) and atom.name in ("sin", "cos")


def _separated(monomial: Monomial) -> tuple[Number, _Waves]:
    """The other atoms of a term, and the product of its sines and cosines as a sum."""
    waves: _Waves = {_Wave("cos", ZERO): ONE}
    rest: list[tuple[Atom, int, int]] = []
    for atom, n, d in monomial:
        if not _is_wave(atom) or d != 1 or n < 0:
            rest.append((atom, n, d))
            continue
        kind: Literal["cos", "sin"] = "cos" if atom.name == "cos" else "sin"
        for _ in range(n):
            waves = _multiplied(waves, kind, atom.argument)
            if atom.negative:
                waves = {wave: -c for wave, c in waves.items()}
    return number({tuple(rest): ONE}), waves


def _multiplied(waves: _Waves, kind: Literal["cos", "sin"], angle: Number) -> _Waves:
    """Werner's formulas for each wave times one more."""
    found: _Waves = {}
    for wave, c in waves.items():
        low, high = subtract(wave.angle, angle), add(wave.angle, angle)
        result: Literal["cos", "sin"] = "cos" if wave.kind == kind else "sin"
        of_low = -c if (wave.kind, kind) == ("cos", "sin") else c
        of_high = -c if (wave.kind, kind) == ("sin", "sin") else c
        _accumulate(found, result, low, of_low / 2)
        _accumulate(found, result, high, of_high / 2)
    if len(found) > _MOST_WAVES:
        raise OverflowError(say("the product of sines has too many terms"))
    return found


def _accumulate(found: _Waves, kind: Literal["cos", "sin"], angle: Number, c: fmpq) -> None:
    """Add c·kind(angle); cos(−a) = cos a, sin(−a) = −sin a."""
    if is_reversed(angle):
        angle = negate(angle)
        c = -c if kind == "sin" else c
    wave = _Wave(kind, angle)
    found[wave] = found.get(wave, ZERO) + c


def _total(waves: _Waves, order: int) -> Number:
    return sum_of(scale(_value(wave, order), c) for wave, c in waves.items() if c)


def _value(wave: _Wave, order: int) -> Number:
    """The wave with fractions of π taken out of its angle."""
    q, rest = split_angle(wave.angle)
    cosine, sine = _fraction_cosine(order, q), _fraction_cosine(order, _HALF - q)
    if rest == 0:
        return cosine if wave.kind == "cos" else sine
    cos_rest, sin_rest = _turned((cosine, sine), _pair(rest))
    return cos_rest if wave.kind == "cos" else sin_rest


def _turned(a: _Pair, b: _Pair) -> _Pair:
    """Cosine and sine of a sum of two angles."""
    return (
        subtract(multiply(a[0], b[0]), multiply(a[1], b[1])),
        add(multiply(a[1], b[0]), multiply(a[0], b[1])),
    )


def _pair(angle: Number) -> _Pair:
    """Cosine and sine, of whole multiples of inverse functions by radicals."""
    terms = dict(terms_of(angle))
    total: _Pair = (ONE, ZERO)
    for monomial, c in terms_of(angle).items():
        unit = _inverse_pair(monomial) if c.q == 1 and abs(c) <= _LARGEST_MULTIPLE else None
        if unit is not None:
            del terms[monomial]
            for _ in range(abs(int(c.p))):
                total = _turned(total, unit if c > 0 else (unit[0], negate(unit[1])))
    rest = number(terms)
    if rest == 0:
        return total
    if is_reversed(rest):
        return _turned(total, (applied("cos", negate(rest)), negate(applied("sin", negate(rest)))))
    return _turned(total, (applied("cos", rest), applied("sin", rest)))


def _inverse_pair(monomial: Monomial) -> _Pair | None:
    """Cosine and sine of asin y, acos y or atan y, or None for other atoms."""
    if len(monomial) != 1 or monomial[0][1:] != (1, 1):
        return None
    atom = monomial[0][0]
    if not isinstance(atom, Applied) or atom.name not in ("asin", "acos", "atan"):
        return None
    y = negate(atom.argument) if atom.negative else atom.argument
    square = multiply(y, y)
    if atom.name == "atan":
        size = power(add(ONE, square), -1, 2)
        return size, multiply(y, size)
    other = power(subtract(ONE, square), 1, 2)
    return (other, y) if atom.name == "asin" else (atom.argument, other)


# ---------------------------------------------------------------- fractions of π


def _common_order(waves: Iterable[_Wave]) -> int:
    """N such that all fractions of π, and quarter turns more, are multiples of 2π/N."""
    return lcm(4, *(2 * int(split_angle(wave.angle)[0].q) for wave in waves))


@lru_cache(maxsize=1024)
def _fraction_cosine(order: int, q: fmpq) -> Number:
    """cos(q·π) where q·order/2 is whole, in powers of 2·cos(2π/order)."""
    k = int((q * order / 2).p)
    k = min(k % order, -k % order)
    if k == 0 or 4 * k == order:
        return ZERO if k else ONE
    if order > _LARGEST_ORDER:
        return applied("cos", pi_times(fmpq(2 * k, order)))
    base = _largest_cosine(order)
    before: Number = fmpq(2)
    value = base
    for _ in range(k - 1):
        before, value = value, subtract(multiply(base, value), before)
    return scale(value, _HALF)


@lru_cache(maxsize=64)
def _largest_cosine(order: int) -> Number:
    """2·cos(2π/order), the largest of its conjugates."""
    coefficients = [fmpq(int(c)) for c in fmpz_poly.cos_minpoly(order).coeffs()]
    return real_roots(coefficients)[-1][0]
