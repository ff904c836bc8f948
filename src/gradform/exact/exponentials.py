"""exp and log on normal forms.

    exp(a + b) = exp(a)·exp(b)     exp(r·log a) = a^r     exp(r·W(z)) = (z/W(z))^r
    log(a·b)   = log a + log b     log(exp(a)) = a        log |W(z)|  = log |z| − W(z)

The logarithms of distinct primes are linearly independent over the rationals, by unique
factorization; W is Lambert's function, W(z)·exp(W(z)) = z.
"""

from __future__ import annotations

from flint import fmpq

from gradform.exact.atoms import Applied, Prime, Sum, applied, exponential_power
from gradform.exact.form import (
    ONE,
    ZERO,
    Atom,
    Form,
    Monomial,
    Number,
    atom_power,
    negate,
    numeric_sign,
    scale,
    subtract,
    sum_of,
    terms_of,
)
from gradform.exact.powers import factored, power, prime_factors, product
from gradform.language import say

__all__ = ["exponential", "general_power", "logarithm"]


def exponential(value: Number) -> Number:
    """exp(value)."""
    result: Number = ONE
    for monomial, coefficient in terms_of(value).items():
        result = product(result, _exponential_term(monomial, coefficient))
    return result


def _exponential_term(monomial: Monomial, coefficient: fmpq) -> Number:
    n, d = int(coefficient.p), int(coefficient.q)
    if not monomial:
        return exponential_power(ONE, n, d)
    if len(monomial) == 1 and monomial[0][1:] == (1, 1):
        atom = monomial[0][0]
        if isinstance(atom, Applied) and atom.name in _EXPONENTIALS:
            base = _EXPONENTIALS[atom.name](atom)
            return power(base, -n if atom.negative else n, d)
    return exponential_power(Form({monomial: ONE}), n, d)


def _of_lambertw(atom: Applied) -> Number:
    """exp(W(z)) = z/W(z), both of the same sign."""
    size = atom.argument if not atom.negative else negate(atom.argument)
    return product(size, atom_power(atom, -1))


_EXPONENTIALS = {"log": lambda atom: atom.argument, "lambertw": _of_lambertw}


def logarithm(value: Number) -> Number:
    """log(value) of a positive number. Raises ValueError for others."""
    if isinstance(value, fmpq):
        if value <= 0:
            raise ValueError(say("log is defined for positive numbers"))
        return sum_of(
            scale(applied("log", fmpq(prime)), fmpq(sign * exponent))
            for base, sign in ((value.p, 1), (value.q, -1))
            for prime, exponent in prime_factors(int(base))
        )
    single = value.single()
    factors: tuple[tuple[Form, int], ...] = ()
    if single is not None:
        monomial, content = single
        negative = content < 0
    else:
        negative, content, monomial, factors = factored(value)
    if negative:
        raise ValueError(say("log is defined for positive numbers"))
    return sum_of(
        (
            logarithm(content),
            *(scale(_log_of_atom(atom), fmpq(n, d)) for atom, n, d in monomial),
            *(scale(applied("log", factor), fmpq(k)) for factor, k in factors),
        )
    )


def _log_of_atom(atom: Atom) -> Number:
    if isinstance(atom, Applied) and atom.name == "exp":
        return atom.argument
    if isinstance(atom, Applied) and atom.name == "lambertw":
        size = negate(atom.argument) if atom.negative else atom.argument
        value = scale(atom_power(atom), fmpq(-1 if atom.negative else 1))
        return subtract(logarithm(size), value)
    if isinstance(atom, Prime):
        return applied("log", fmpq(atom.value))
    return applied("log", atom.form if isinstance(atom, Sum) else atom_power(atom))


def general_power(base: Number, exponent: Number) -> Number:
    """base^exponent = exp(exponent · log base) for a positive base."""
    if isinstance(exponent, fmpq):
        return power(base, int(exponent.p), int(exponent.q))
    if base == 0 and numeric_sign(exponent) > 0:
        return ZERO
    if numeric_sign(base) <= 0:
        raise ValueError(say("a power with an irrational exponent needs a positive base"))
    return exponential(product(exponent, logarithm(base)))
