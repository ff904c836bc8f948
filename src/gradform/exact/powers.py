"""Rational powers and products: square factors leave roots, common factors leave sums.

(c · Π a^e)^r = c^r · Π a^(e·r)          for positive atoms a
(c · m · s)^r = c^r · m^r · s^r          for a sum with content c·m, factored further
√(a + b)      = √((a+d)/2) ± √((a−d)/2)  with d² = a² − b² rational (denesting)
1/(a + b√p)   = (a − b√p)/(a² − b²p)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, reduce
from math import gcd, lcm
from typing import TypeAlias

from flint import fmpq, fmpq_poly, fmpz

from gradform.exact.atoms import FACTORED_BITS, Prime, Root, prime_power, sum_power
from gradform.exact.balls import Undecided
from gradform.exact.factors import polynomial_factors
from gradform.exact.form import (
    ONE,
    ZERO,
    Atom,
    Form,
    Monomial,
    Number,
    add,
    atom_power,
    integer_power,
    multiply,
    negate,
    number,
    numeric_sign,
    scale,
    subtract,
    sum_of,
)
from gradform.language import say

__all__ = ["factored", "inverse", "power", "prime_factors", "product", "quotient"]

_MOST_BITS = 1 << 22

Factored: TypeAlias = tuple[bool, fmpq, Monomial, tuple[tuple[Form, int], ...]]


def product(a: Number, b: Number) -> Number:
    """a · b; long sums stay factors."""
    try:
        return multiply(a, b)
    except OverflowError:
        return multiply(_held(a), _held(b), 1 << 16)


def power(value: Number, n: int, d: int = 1) -> Number:
    """value^(n/d) in lowest terms; the real root of a negative value where d is odd.

    Raises ZeroDivisionError, ValueError for an even root of a negative value, Undecided
    where the sign is needed and not decided.
    """
    if n == 0:
        return ONE
    if isinstance(value, fmpq):
        return _rational_power(value, n, d)
    single = value.single()
    if single is not None:
        monomial, coefficient = single
        return reduce(
            multiply,
            (atom_power(atom, *_lowest(k * n, e * d)) for atom, k, e in monomial),
            _rational_power(coefficient, n, d),
        )
    return _sum_power(value, n, d)


def inverse(value: Number) -> Number:
    """1/value."""
    return power(value, -1)


def quotient(a: Number, b: Number) -> Number:
    """a/b; factors that both sums have cancel."""
    if isinstance(a, fmpq) or isinstance(b, fmpq) or a.single() or b.single():
        return product(a, inverse(b))
    above, below = factored(a), factored(b)
    rest = dict(below[3])
    shared = {factor: min(k, rest[factor]) for factor, k in above[3] if factor in rest}
    if not shared:
        return product(a, inverse(b))
    return product(_without(above, shared), inverse(_without(below, shared)))


def _without(found: Factored, shared: dict[Form, int]) -> Number:
    """The number again, less some of its factors."""
    negative, content, monomial, factors = found
    value = number({monomial: -content if negative else content})
    for factor, multiplicity in factors:
        left = multiplicity - shared.get(factor, 0)
        if left:
            value = product(value, power(factor, left))
    return value


def _lowest(n: int, d: int) -> tuple[int, int]:
    common = gcd(n, d)
    return n // common, d // common


# ---------------------------------------------------------------- rational numbers


@lru_cache(maxsize=4096)
def _rational_power(value: fmpq, n: int, d: int) -> Number:
    if d == 1:
        if value.height_bits() * abs(n) > _MOST_BITS:
            raise OverflowError(say("the power has too many digits"))
        return value**n
    if value == 0:
        if n < 0:
            raise ZeroDivisionError(say("0 has no negative power"))
        return ZERO
    if value < 0:
        if d % 2 == 0:
            raise ValueError(say("an even root of a negative number is not real"))
        return scale(_rational_power(-value, n, d), fmpq(-1 if n % 2 else 1))
    result: Number = ONE
    for base, sign in ((value.p, 1), (value.q, -1)):
        for prime, exponent in prime_factors(int(base)):
            result = multiply(result, prime_power(prime, *_lowest(sign * exponent * n, d)))
    return result


def prime_factors(value: int) -> Iterator[tuple[int, int]]:
    """The primes of a positive integer with exponents; of a huge one perhaps composites."""
    if value == 1:
        return
    whole = fmpz(value)
    if whole.bit_length() <= FACTORED_BITS:
        found = whole.factor()
    else:
        found = whole.factor(trial_limit=10000)
    for prime, exponent in found:
        yield from _as_power(int(prime), int(exponent))


def _as_power(value: int, exponent: int) -> Iterator[tuple[int, int]]:
    """A factor that may be composite, as a power of something smaller if it is one."""
    if value.bit_length() > FACTORED_BITS:
        for k in (2, 3, 5, 7):
            base = int(fmpz(value).root(k))
            if base**k == value:
                yield from _as_power(base, exponent * k)
                return
    yield value, exponent


# ---------------------------------------------------------------- sums


def _sum_power(value: Form, n: int, d: int) -> Number:
    if d == 1 and n > 0:
        try:
            return integer_power(value, n)
        except OverflowError:
            return _power_of_factors(value, n, d)
    if d == 1:
        found = _algebraic_inverse(value)
        if found is not None:
            return found if n == -1 else power(found, -n)
    if d == 2 and (roots := _denested(value)) is not None:
        return power(roots, n)
    return _power_of_factors(value, n, d)


def _power_of_factors(value: Form, n: int, d: int) -> Number:
    negative, content, monomial, factors = factored(value)
    if negative and d % 2 == 0:
        raise ValueError(say("an even root of a negative number is not real"))
    result = power(number({monomial: content}), n, d)
    for factor, multiplicity in factors:
        result = product(result, sum_power(factor, *_lowest(n * multiplicity, d)))
    return negate(result) if negative and n % 2 else result


def _held(value: Number) -> Number:
    """The value as a product of its factors, sums not multiplied out."""
    if isinstance(value, fmpq) or value.single():
        return value
    return _power_of_factors(value, 1, 1)


@lru_cache(maxsize=4096)
def factored(value: Form) -> Factored:
    """Whether negative; content; common powers of atoms; positive irreducible sums.

    The number is ±content · monomial · Π factor^multiplicity.
    """
    least = _least_exponents(value)
    monomial = tuple((atom, int(e.p), int(e.q)) for atom, e in least.items())
    rest = _divided(value, least) if least else value
    if isinstance(rest, fmpq) or rest.single():
        return _single_factored(multiply(rest, number({monomial: ONE})))
    content = _content(rest)
    primitive = scale(rest, 1 / content)
    assert isinstance(primitive, Form)
    factors: list[tuple[Form, int]] = []
    sign, found = polynomial_factors(primitive)
    negative = sign < 0
    for factor, multiplicity in found:
        side = numeric_sign(factor)
        if side == 0:
            raise Undecided(say("a factor of the number is 0"))
        if side < 0:
            negative ^= multiplicity % 2 == 1
            factor = _negated(factor)
        factors.append((factor, multiplicity))
    return negative, content, monomial, tuple(factors)


def _negated(value: Form) -> Form:
    found = negate(value)
    assert isinstance(found, Form)
    return found


def _content(value: Form) -> fmpq:
    """The positive rational that leaves coprime integers."""
    numerators = [int(c.p) for c in value.terms.values()]
    return fmpq(gcd(*numerators), lcm(*(int(c.q) for c in value.terms.values())))


def _single_factored(value: Number) -> Factored:
    """What :func:`factored` says of one term."""
    single = ((), value) if isinstance(value, fmpq) else value.single()
    assert single is not None
    monomial, content = single
    if content == 0:
        raise Undecided(say("a sum is 0 although its form is not"))
    return bool(content < 0), abs(content), monomial, ()


def _least_exponents(value: Form) -> dict[Atom, fmpq]:
    """The least exponent of each atom over all terms, 0 where it is missing, if not 0."""
    least: dict[Atom, fmpq] = {}
    atoms = sorted({atom for atom, _, _ in value.atoms}, key=lambda atom: atom.serial)
    for monomial in value.terms:
        here = {atom: fmpq(n, d) for atom, n, d in monomial}
        for atom in atoms:
            exponent = here.get(atom, ZERO)
            least[atom] = min(least.get(atom, exponent), exponent)
    return {atom: least[atom] for atom in atoms if least[atom]}


def _divided(value: Form, least: dict[Atom, fmpq]) -> Number:
    """value / Π atom^least, exponents subtracted before powers are multiplied out."""
    parts: list[Number] = []
    for monomial, coefficient in value.terms.items():
        exponents = {atom: fmpq(n, d) for atom, n, d in monomial}
        for atom, exponent in least.items():
            exponents[atom] = exponents.get(atom, ZERO) - exponent
        part: Number = coefficient
        for atom, exponent in exponents.items():
            part = multiply(part, atom_power(atom, int(exponent.p), int(exponent.q)))
        parts.append(part)
    return sum_of(parts)


# ---------------------------------------------------------------- algebraic numbers


def _denested(value: Form) -> Number | None:
    """√(a + b) as a sum of two square roots, for rational a, b² and √(a² − b²)."""
    if len(value.terms) != 2 or () not in value.terms:
        return None
    a = value.terms[()]
    b = subtract(value, a)
    square = multiply(b, b)
    if a < 0 or not isinstance(square, fmpq) or a * a < square:
        return None
    d = _rational_power(a * a - square, 1, 2)
    if not isinstance(d, fmpq):
        return None
    high, low = _rational_power((a + d) / 2, 1, 2), _rational_power((a - d) / 2, 1, 2)
    return add(high, low) if numeric_sign(b) > 0 else subtract(high, low)


def _algebraic_inverse(value: Form) -> Number | None:
    """1/value as a sum, for sums of square roots of few primes or powers of one root."""
    atoms = {atom for atom, _, _ in value.atoms}
    if all(isinstance(atom, Prime) for atom in atoms):
        square_roots = all(d == 2 for _, _, d in value.atoms)
        return _conjugate_inverse(value) if square_roots and len(atoms) <= 3 else None
    (atom,) = atoms if len(atoms) == 1 else (None,)
    if isinstance(atom, Root) and all(n > 0 and d == 1 for _, n, d in value.atoms):
        return _inverse_in_field(value, atom)
    return None


def _conjugate_inverse(value: Number) -> Number:
    """1/(a + b√p) = (a − b√p)/(a² − b²p), for one prime after the other."""
    if isinstance(value, fmpq):
        return 1 / value
    prime = next(value.atoms)[0]
    conjugate = number(
        {
            monomial: -c if any(atom is prime for atom, _, _ in monomial) else c
            for monomial, c in value.terms.items()
        }
    )
    return multiply(conjugate, _conjugate_inverse(multiply(value, conjugate)))


def _inverse_in_field(value: Form, atom: Root) -> Number:
    """1/q(x) modulo the polynomial of x, by the extended Euclidean algorithm."""
    coefficients = [fmpq(0)] * atom.polynomial.degree()
    for monomial, c in value.terms.items():
        coefficients[monomial[0][1] if monomial else 0] = c
    sign = -1 if atom.negative else 1
    modulus = fmpq_poly([int(c) * sign**k for k, c in enumerate(atom.polynomial.coeffs())])
    common, inverse_of, _ = fmpq_poly(coefficients).xgcd(modulus)
    found = (inverse_of / common.coeffs()[0]).coeffs()
    return number({((atom, k, 1),) if k else (): c for k, c in enumerate(found) if c})
