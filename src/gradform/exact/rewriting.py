"""Functions written by fewer functions, where that helps a proof and not a reader.

sinh x = (exp(x) − exp(−x))/2     tan x = sin x / cos x     erfc x = 1 − erf x
asin x = atan(x/√(1−x²)) = π/2 − acos x
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import fmpq

from gradform.exact.atoms import PI, Applied, Sum, applied
from gradform.exact.exponentials import exponential
from gradform.exact.form import (
    ONE,
    Atom,
    Number,
    add,
    atom_power,
    multiply,
    negate,
    scale,
    substituted,
    subtract,
)
from gradform.exact.powers import inverse, power, product

__all__ = ["rewritten"]

_ROUNDS = 4  # asin by atan, which may be simpler, and so on


def rewritten(value: Number) -> Number:
    """The same number with the functions of the table replaced."""
    for _ in range(_ROUNDS):
        before, value = value, _replaced(value, _by_table)
        if value is before:
            break
    return value


def _replaced(value: Number, size_of: Callable[[Atom], Number | None]) -> Number:
    """The number with ``size_of(atom)`` in the place of atoms, in the sums in it as well.

    It is the same object when nothing changes.
    """
    if isinstance(value, fmpq):
        return value
    replaced: dict[Atom, dict[tuple[int, int], Number]] = {}
    for atom in {atom for atom, _, _ in value.atoms}:
        size = size_of(atom)
        if size is None and isinstance(atom, Sum):
            inside = _replaced(atom.form, size_of)
            size = inside if inside is not atom.form else None
        if size is not None:
            powers = {(n, d) for found, n, d in value.atoms if found is atom}
            replaced[atom] = {(n, d): power(size, n, d) for n, d in powers}
    return substituted(value, replaced) if replaced else value


def _by_table(atom: Atom) -> Number | None:
    """sinh, cosh, tanh, tan, erfc, asin and acos by other functions."""
    if not isinstance(atom, Applied) or atom.name not in _REWRITES:
        return None
    value = _REWRITES[atom.name](atom.argument)
    return negate(value) if atom.negative else value


def _halved(a: Number, b: Number) -> Number:
    return scale(add(a, b), fmpq(1, 2))


def _sinh(x: Number) -> Number:
    return _halved(exponential(x), negate(exponential(negate(x))))


def _cosh(x: Number) -> Number:
    return _halved(exponential(x), exponential(negate(x)))


def _tanh(x: Number) -> Number:
    return product(_sinh(x), inverse(_cosh(x)))


def _tan(x: Number) -> Number:
    return product(applied("sin", x), inverse(applied("cos", x)))


def _erfc(x: Number) -> Number:
    return subtract(ONE, applied("erf", x))


def _asin(x: Number) -> Number:
    root = power(subtract(ONE, multiply(x, x)), -1, 2)
    return applied("atan", product(x, root))


def _acos(x: Number) -> Number:
    return subtract(scale(atom_power(PI), fmpq(1, 2)), _asin(x))


_REWRITES: Mapping[str, Callable[[Number], Number]] = {
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "tan": _tan,
    "erfc": _erfc,
    "asin": _asin,
    "acos": _acos,
}
