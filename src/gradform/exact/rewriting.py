"""Functions written by fewer functions, where that helps a proof and not a reader.

sinh x = (exp(x) − exp(−x))/2     tan x = sin x / cos x     erfc x = 1 − erf x
asin x = atan(x/√(1−x²)) = π/2 − acos x     cos²x = 1 − sin²x
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import fmpq

from gradform.exact.atoms import PI, Applied, applied
from gradform.exact.exponentials import exponential
from gradform.exact.form import (
    ONE,
    Atom,
    Number,
    add,
    atom_power,
    integer_power,
    multiply,
    negate,
    scale,
    substituted,
    subtract,
)
from gradform.exact.powers import inverse, power, product

__all__ = ["rewritten"]

_ROUNDS = 4  # functions of functions


def rewritten(value: Number) -> Number:
    """The same number with the functions of the table replaced."""
    for _ in range(_ROUNDS):
        if isinstance(value, fmpq):
            break
        replaced: dict[Atom, dict[tuple[int, int], Number]] = {}
        for atom, n, d in value.atoms:
            if isinstance(atom, Applied) and (found := _replacement(atom, n, d)) is not None:
                replaced.setdefault(atom, {})[n, d] = found
        if not replaced:
            break
        for atom, n, d in value.atoms:
            if atom in replaced:
                replaced[atom].setdefault((n, d), atom_power(atom, n, d))
        value = substituted(value, replaced)
    return value


def _replacement(atom: Applied, n: int, d: int) -> Number | None:
    if atom.name == "cos":
        return _even_part(atom, n) if d == 1 and n >= 2 else None
    rewrite = _REWRITES.get(atom.name)
    if rewrite is None:
        return None
    value = rewrite(atom.argument)
    return power(negate(value) if atom.negative else value, n, d)


def _even_part(atom: Applied, n: int) -> Number:
    """cos^n x by powers of sin x, and cos x itself when n is odd."""
    sine = applied("sin", atom.argument)
    square = subtract(ONE, multiply(sine, sine))
    found = integer_power(square, n // 2)
    return multiply(found, atom_power(atom)) if n % 2 else found


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
