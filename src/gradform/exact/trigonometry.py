"""Sines and their inverses, exact at the angles that have short radicals.

An angle is q·π + rest; quarter turns are taken out of q, and where nothing rests the cosine
of π times a fraction with denominator 1, 2, 3, 4, 5, 6, 8, 10 or 12 is written with square
roots. Inverse functions find those angles again: a ball suggests q, an exact comparison
proves it.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq

from gradform.exact.angles import pi_times, split_angle
from gradform.exact.atoms import Applied, applied
from gradform.exact.balls import precision, suggested
from gradform.exact.form import (
    ONE,
    ZERO,
    Number,
    add,
    ball,
    is_reversed,
    multiply,
    negate,
    scale,
    subtract,
)
from gradform.exact.powers import inverse, power, product
from gradform.exact.zero import sign
from gradform.language import say

__all__ = [
    "arccosine",
    "arcsine",
    "arctangent",
    "cosine",
    "inner_argument",
    "sine",
    "tangent",
]

HALF, QUARTER = fmpq(1, 2), fmpq(1, 4)
_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12)


# ---------------------------------------------------------------- sine, cosine, tangent


def sine(x: Number) -> Number:
    """sin x = cos(x − π/2)."""
    q, rest = split_angle(x)
    if rest == 0:
        return _cosine_of_turn(HALF - q, "sin")
    if is_reversed(rest):
        return negate(sine(negate(x)))
    turns, q = _quarters(q)
    return _turned(add(pi_times(q), rest), turns - 1)


def cosine(x: Number) -> Number:
    """cos x."""
    q, rest = split_angle(x)
    if rest == 0:
        return _cosine_of_turn(q, "cos")
    if is_reversed(rest):
        return cosine(negate(x))
    turns, q = _quarters(q)
    return _turned(add(pi_times(q), rest), turns)


def tangent(x: Number) -> Number:
    """tan x; a ValueError at its poles."""
    q, rest = split_angle(x)
    if rest == 0:
        if (q - HALF).q == 1:
            raise ValueError(say("tan is not defined at odd multiples of pi/2"))
        top, bottom = _short_cosine(HALF - q), _short_cosine(q)
        if top is not None and bottom is not None:
            return product(top, inverse(bottom))
    elif is_reversed(rest):
        return negate(tangent(negate(x)))
    turns, q = _quarters(q)
    angle = add(pi_times(q), rest)
    if (found := inner_argument(angle, "atan")) is not None and turns % 2 == 0:
        return found
    value = _odd("tan", angle) if rest == 0 else applied("tan", angle)
    return negate(inverse(value)) if turns % 2 else value


def _quarters(q: fmpq) -> tuple[int, fmpq]:
    """(k, r) with q = k/2 + r and −1/4 < r ≤ 1/4."""
    turns = int((2 * q - HALF).ceil())
    return turns, q - fmpq(turns, 2)


def _turned(angle: Number, turns: int) -> Number:
    """cos(angle + turns·π/2)."""
    value = _plain_sine(angle) if turns % 2 else _plain_cosine(angle)
    return negate(value) if turns % 4 in (1, 2) else value


def _plain_sine(x: Number) -> Number:
    """sin x, of inverse functions by radicals: sin(atan y) = y/√(1+y²)."""
    if (y := inner_argument(x, "asin")) is not None:
        return y
    if (y := inner_argument(x, "acos")) is not None:
        return power(subtract(ONE, multiply(y, y)), 1, 2)
    if (y := inner_argument(x, "atan")) is not None:
        return product(y, power(add(ONE, multiply(y, y)), -1, 2))
    return applied("sin", x)


def _plain_cosine(x: Number) -> Number:
    """cos x, of inverse functions by radicals: cos(atan y) = 1/√(1+y²)."""
    if (y := inner_argument(x, "acos")) is not None:
        return y
    if (y := inner_argument(x, "asin")) is not None:
        return power(subtract(ONE, multiply(y, y)), 1, 2)
    if (y := inner_argument(x, "atan")) is not None:
        return power(add(ONE, multiply(y, y)), -1, 2)
    return applied("cos", x)


def _odd(name: str, x: Number) -> Number:
    return negate(applied(name, negate(x))) if is_reversed(x) else applied(name, x)


def inner_argument(x: Number, name: str) -> Number | None:
    """y when x is ``name(y)``, or −name(−y) for the odd functions; else None."""
    if isinstance(x, fmpq) or (single := x.single()) is None:
        return None
    monomial, c = single
    if len(monomial) != 1 or abs(c) != 1 or monomial[0][1:] != (1, 1):
        return None
    atom = monomial[0][0]
    if not isinstance(atom, Applied) or atom.name != name:
        return None
    if (c < 0) == atom.negative:
        return atom.argument
    return None if name in ("acos", "cos") else negate(atom.argument)


# ---------------------------------------------------------------- cosines of fractions of π


def _cosine_of_turn(q: fmpq, asked: str) -> Number:
    """cos(π·q): by radicals, or as the function that was asked for."""
    found = _short_cosine(q)
    if found is not None:
        return found
    q, reverse = _first_half(q)
    value = applied(asked, pi_times(q if asked == "cos" else HALF - q))
    return negate(value) if reverse else value


def _first_half(q: fmpq) -> tuple[fmpq, bool]:
    """(r, reverse) with cos(π·q) = ±cos(π·r) and 0 ≤ r ≤ 1/2."""
    q = abs(q - 2 * (q / 2).floor())
    if q > 1:
        q = 2 - q
    return (1 - q, True) if q > HALF else (q, False)


def _short_cosine(q: fmpq) -> Number | None:
    """cos(π·q) by square roots, where that is short."""
    q, reverse = _first_half(q)
    found = _COSINES.get((int(q.p), int(q.q)))
    if found is None:
        return None
    value = found()
    return negate(value) if reverse else value


def _root(n: int) -> Number:
    return power(fmpq(n), 1, 2)


def _nested(a: int, b: int, c: int, d: int) -> Number:
    """√(a + b·√c)/d."""
    return scale(power(add(fmpq(a), scale(_root(c), fmpq(b))), 1, 2), fmpq(1, d))


_COSINES: dict[tuple[int, int], Callable[[], Number]] = {
    (0, 1): lambda: ONE,
    (1, 2): lambda: ZERO,
    (1, 3): lambda: HALF,
    (1, 4): lambda: scale(_root(2), HALF),
    (1, 5): lambda: scale(add(ONE, _root(5)), QUARTER),
    (2, 5): lambda: scale(subtract(_root(5), ONE), QUARTER),
    (1, 6): lambda: scale(_root(3), HALF),
    (1, 8): lambda: _nested(2, 1, 2, 2),
    (3, 8): lambda: _nested(2, -1, 2, 2),
    (1, 10): lambda: _nested(10, 2, 5, 4),
    (3, 10): lambda: _nested(10, -2, 5, 4),
    (1, 12): lambda: scale(add(_root(6), _root(2)), QUARTER),
    (5, 12): lambda: scale(subtract(_root(6), _root(2)), QUARTER),
}


# ---------------------------------------------------------------- inverse functions


def arcsine(x: Number) -> Number:
    """asin x for −1 ≤ x ≤ 1."""
    _check_unit_interval("asin", x)
    found = _angle(x, lambda y: y.asin(), lambda q: _short_cosine(HALF - q))
    if found is not None:
        return found
    y = inner_argument(x, "sin")
    if y is not None and _within_quarter(y):
        return y
    return _odd("asin", x)


def arccosine(x: Number) -> Number:
    """acos x for −1 ≤ x ≤ 1; acos(−x) = π − acos x."""
    _check_unit_interval("acos", x)
    found = _angle(x, lambda y: y.acos(), _short_cosine)
    if found is not None:
        return found
    if is_reversed(x):
        return subtract(pi_times(ONE), arccosine(negate(x)))
    y = inner_argument(x, "cos")
    if y is not None and sign(y) >= 0 and sign(subtract(pi_times(ONE), y)) >= 0:
        return y
    return applied("acos", x)


def arctangent(x: Number) -> Number:
    """atan x."""
    found = _angle(x, lambda y: y.atan(), _short_tangent)
    if found is not None:
        return found
    y = inner_argument(x, "tan")
    if y is not None and _within_quarter(y):
        return y
    return _odd("atan", x)


def _check_unit_interval(name: str, x: Number) -> None:
    if sign(subtract(ONE, x)) < 0 or sign(add(ONE, x)) < 0:
        raise ValueError(say("{name} is defined between -1 and 1", name=name))


def _within_quarter(y: Number) -> bool:
    """Whether −π/2 ≤ y ≤ π/2."""
    right = pi_times(HALF)
    return sign(subtract(right, y)) >= 0 and sign(add(right, y)) >= 0


def _short_tangent(q: fmpq) -> Number | None:
    top, bottom = _short_cosine(HALF - q), _short_cosine(q)
    if top is None or bottom is None or bottom == 0:
        return None
    return product(top, inverse(bottom))


def _angle(
    x: Number, enclose: Callable[[arb], arb], value: Callable[[fmpq], Number | None]
) -> Number | None:
    """q·π when ``value(q)``, the function at q·π, is x for a q with a small denominator."""
    if not isinstance(x, fmpq) and not x.algebraic:
        return None
    with precision(64):
        q = suggested(enclose(ball(x, 60)) / arb.pi(), max(_DENOMINATORS))
    if q is None or q.q not in _DENOMINATORS:
        return None
    found = value(q)
    if found is None or sign(subtract(found, x)):
        return None
    return pi_times(q)
