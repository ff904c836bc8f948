"""Numbers multiplied by their denominators, and multiplied out: polynomials in atoms."""

from __future__ import annotations

from flint import fmpq

from gradform.exact.atoms import Root, Sum
from gradform.exact.form import (
    ONE,
    Atom,
    Form,
    Number,
    atom_power,
    integer_power,
    multiply,
    number,
    substituted,
)

__all__ = ["MOST_PRODUCTS", "cleared", "expanded"]

MOST_PRODUCTS = 5000  # of terms in a proof


def cleared(value: Number) -> Number:
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
            value = multiply(value, shift, MOST_PRODUCTS)
    return value


def expanded(value: Number) -> Number:
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
    factor = integer_power(atom.form, whole, MOST_PRODUCTS)
    if not rest:
        return factor
    return multiply(factor, number({((atom, rest, d),): ONE}), MOST_PRODUCTS)
