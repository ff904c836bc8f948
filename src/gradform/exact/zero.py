"""Whether a number is 0: by its form, by proof, at last by balls.

A form is multiplied by the denominators in it, functions are written by fewer functions
(sinh by exp, tan by sin and cos), and what is left is a polynomial in numbers that may be
independent, with algebraic coefficients. If each coefficient is 0 the number is 0; for an
algebraic number the reverse holds as well.
"""

from __future__ import annotations

from math import lcm

from flint import fmpq

from gradform.exact.atoms import Applied, Root, Sum
from gradform.exact.balls import FIRST_BITS, LAST_BITS, Undecided, ball_sign
from gradform.exact.exponentials import exponential
from gradform.exact.form import (
    ONE,
    Atom,
    Form,
    Monomial,
    Number,
    add,
    atom_power,
    integer_power,
    multiply,
    number,
    scale,
    substituted,
    subtract,
)
from gradform.exact.rewriting import rewritten
from gradform.exact.separation import is_zero_algebraic

__all__ = ["decide_sign", "sign"]

_PROOF_BITS = 128  # a proof of zero is tried when balls of so many bits contain 0
_MOST_PRODUCTS = 5000


def sign(value: Number) -> int:
    """−1, 0 or 1. Raises Undecided when there is neither a proof of zero nor of nonzero."""
    if isinstance(value, fmpq):
        return int(value > 0) - int(value < 0)
    if value.sign is None:
        decide_sign(value)
    if value.sign == 0 and not value.proved:
        raise Undecided(f"{LAST_BITS} bits do not tell this number from 0, and no proof was found")
    assert value.sign is not None
    return value.sign


def decide_sign(value: Form) -> None:
    """Set ``sign`` and ``proved`` of a form."""
    bits = FIRST_BITS
    tried = False
    while value.sign is None:
        value.sign = ball_sign(value.evaluate(bits))
        if value.sign is None and bits >= _PROOF_BITS and not tried:
            tried = True
            if is_zero(value):
                value.sign = 0
        bits *= 2
        if value.sign is None and bits > LAST_BITS:
            value.sign, value.proved = 0, False


def is_zero(value: Form) -> bool | None:
    """True or False when proved, else None."""
    if value.algebraic and (found := is_zero_algebraic(value)) is not None:
        return found
    try:
        expanded = _expanded(_cleared(rewritten(value)))
    except (OverflowError, Undecided):
        return None
    if isinstance(expanded, fmpq):
        return expanded == 0
    if all(_is_zero_number(part) for part in _coefficients(expanded)):
        return True
    if value.algebraic:
        return False
    return True if _exponential_is_one(expanded) else None


def _exponential_is_one(value: Form) -> bool:
    """log a + log b = 0 when a·b = 1: logarithms of algebraic numbers have such relations."""
    logs = [c for monomial, c in value.terms.items() if _is_logarithm(monomial)]
    if not logs:
        return False
    try:
        grown = exponential(scale(value, fmpq(lcm(*(int(c.q) for c in logs)))))
        difference = subtract(grown, ONE)
    except (OverflowError, Undecided):
        return False
    if isinstance(difference, fmpq):
        return difference == 0
    if any(isinstance(atom, Applied) and atom.name == "log" for atom, _, _ in difference.atoms):
        return False
    return is_zero(difference) is True


def _is_logarithm(monomial: Monomial) -> bool:
    if len(monomial) != 1 or monomial[0][1:] != (1, 1):
        return False
    atom = monomial[0][0]
    return isinstance(atom, Applied) and atom.name == "log"


def _is_zero_number(value: Number) -> bool:
    return value == 0 if isinstance(value, fmpq) else is_zero_algebraic(value) is True


def _cleared(value: Number) -> Number:
    """The value times the powers of atoms that stand in its denominators."""
    for _ in range(8):  # a sum multiplied out may bring denominators of its own
        if isinstance(value, fmpq):
            break
        least: dict[Atom, int] = {}
        for atom, n, d in value.atoms:
            if n < 0:
                least[atom] = min(least.get(atom, 0), n // d)
        if not least:
            break
        for atom, exponent in least.items():
            shift = Form({((atom, -exponent, 1),): ONE})  # not multiplied out as yet
            value = multiply(value, shift, _MOST_PRODUCTS)
    return value


def _expanded(value: Number) -> Number:
    """Positive powers of sums multiplied out, however long."""
    while not isinstance(value, fmpq):
        powers: dict[Atom, dict[tuple[int, int], Number]] = {}
        for atom, n, d in value.atoms:
            if isinstance(atom, Sum):
                powers.setdefault(atom, {})[n, d] = _expanded_power(atom, n, d)
            elif isinstance(atom, Root):
                powers.setdefault(atom, {})[n, d] = atom_power(atom, n, d)
        long = {
            atom: found
            for atom, found in powers.items()
            if any(n >= d * _standing(atom) for n, d in found)
        }
        if not long:
            break
        value = substituted(value, long)
    return value


def _standing(atom: Atom) -> int:
    """The least whole power of an atom that is written otherwise."""
    return int(atom.polynomial.degree()) if isinstance(atom, Root) else 1


def _expanded_power(atom: Sum, n: int, d: int) -> Number:
    whole, rest = divmod(n, d)
    if whole < 1:
        return number({((atom, n, d),): ONE})
    factor = integer_power(atom.form, whole, _MOST_PRODUCTS)
    if not rest:
        return factor
    return multiply(factor, number({((atom, rest, d),): ONE}), _MOST_PRODUCTS)


def _coefficients(value: Form) -> list[Number]:
    """The algebraic coefficients of the distinct products of other atoms."""
    found: dict[Monomial, Number] = {}
    for monomial, c in value.terms.items():
        key = tuple(power for power in monomial if not power[0].algebraic)
        rest = tuple(power for power in monomial if power[0].algebraic)
        found[key] = add(found.get(key, fmpq(0)), number({rest: c}))
    return list(found.values())
