"""Enclosures of a curve and of its Taylor coefficients over a ball, with arb's power series."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import flint
from flint import arb, arb_series, fmpq

from gradform.nonsmooth.line.curve import Curve, walk

__all__ = ["ball_of", "jet_of"]


def ball_of(root: Curve, x: arb, bits: int) -> arb:
    """f(x) for a smooth curve; nan where it may be undefined."""
    return jet_of(root, x, 1, bits)[0]


def jet_of(root: Curve, x: arb, length: int, bits: int) -> list[arb]:
    """f^(k)(x)/k! for k < length."""
    precision, cap = flint.ctx.prec, flint.ctx.cap
    flint.ctx.prec, flint.ctx.cap = bits + 20, length
    try:
        series = walk(root, lambda node, below: _series(node, below, x, length, bits))
        found = series.coeffs()
        return [*found, *[arb(0)] * (length - len(found))][:length]
    finally:
        flint.ctx.prec, flint.ctx.cap = precision, cap


def _series(node: Curve, below: list[arb_series], x: arb, length: int, bits: int) -> arb_series:
    match node.op:
        case "const":
            return arb_series([node.value.ball(bits + 20)], prec=length)
        case "x":
            return arb_series([x, 1], prec=length)
        case "add":
            return _folded(below, lambda a, b: a + b)
        case "mul":
            return _folded(below, lambda a, b: a * b)
        case "pow":
            return _power(below[0], node.data, length)
        case "max":
            return _folded(below, lambda a, b: _chosen(a, b, 1, length))
        case "min":
            return _folded(below, lambda a, b: _chosen(a, b, -1, length))
        case "abs":
            return _chosen(below[0], -below[0], 1, length)
    if node.op != "fn":
        return _undefined(length)
    name, *numbers = node.data
    return _FUNCTIONS[name](below[0], length, *numbers)


def _undefined(length: int) -> arb_series:
    return arb_series([arb.nan()], prec=length)


def _folded(
    parts: list[arb_series], operation: Callable[[arb_series, arb_series], arb_series]
) -> arb_series:
    total = parts[0]
    for part in parts[1:]:
        total = operation(total, part)
    return total


def _chosen(a: arb_series, b: arb_series, sign: int, length: int) -> arb_series:
    """The larger (sign 1) or smaller one, when they are apart; values only otherwise."""
    gap = (a - b)[0] * sign
    if gap > 0:
        return a
    if gap < 0:
        return b
    if length == 1:
        extreme = a[0].max(b[0]) if sign > 0 else a[0].min(b[0])
        return arb_series([extreme], prec=1)
    return _undefined(length)


def _power(u: arb_series, exponent: Fraction, length: int) -> arb_series:
    whole = exponent.denominator == 1
    if whole and exponent >= 0:
        return u ** int(exponent)
    if exponent == Fraction(1, 2):
        return _nonnegative(u, length).sqrt()
    if whole:
        return _inverse(u, length) ** int(-exponent)
    if length == 1:
        value = u[0]
        if value.lower() < 0 and not value > 0 and exponent > 0 and value.upper() >= 0:
            value = value.nonnegative_part()
        return arb_series([value ** _arb(exponent)], prec=1)
    return (_arb(exponent) * u.log()).exp()


def _inverse(u: arb_series, length: int) -> arb_series:
    return _undefined(length) if u[0].contains(0) else 1 / u


def _nonnegative(u: arb_series, length: int) -> arb_series:
    return arb_series([u[0].nonnegative_part()], prec=1) if length == 1 else u


def _arb(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _digamma(u: arb_series, length: int) -> arb_series:
    """The derivative of log Γ"""
    flint.ctx.cap = length + 1
    try:
        wide = arb_series([u[0], 1], prec=length + 1).lgamma().derivative()
    finally:
        flint.ctx.cap = length
    return _composed(wide, u, length)


def _polygamma(u: arb_series, length: int, order: int) -> arb_series:
    flint.ctx.cap = length + order + 1
    try:
        wide = arb_series([u[0], 1], prec=length + order + 1).lgamma()
        for _ in range(order + 1):
            wide = wide.derivative()
    finally:
        flint.ctx.cap = length
    return _composed(wide, u, length)


def _composed(outer: arb_series, inner: arb_series, length: int) -> arb_series:
    """outer(inner - its constant term), both cut at the length."""
    step = inner - arb_series([inner[0]], prec=length)
    total = arb_series([outer[length - 1] if length - 1 < outer.prec else 0], prec=length)
    for k in range(length - 2, -1, -1):
        total = total * step + outer[k]
    return total


_Function = Callable[..., arb_series]

_FUNCTIONS: dict[str, _Function] = {
    "exp": lambda u, n: u.exp(),
    "log": lambda u, n: u.log(),
    "sin": lambda u, n: u.sin(),
    "cos": lambda u, n: u.cos(),
    "tan": lambda u, n: u.tan(),
    "asin": lambda u, n: u.asin(),
    "acos": lambda u, n: u.acos(),
    "atan": lambda u, n: u.atan(),
    "sinh": lambda u, n: (u.exp() - (-u).exp()) / 2,
    "cosh": lambda u, n: (u.exp() + (-u).exp()) / 2,
    "tanh": lambda u, n: 1 - 2 * _inverse((2 * u).exp() + 1, n),
    "gamma": lambda u, n: u.gamma(),
    "lgamma": lambda u, n: u.lgamma(),
    "digamma": _digamma,
    "polygamma": _polygamma,
    "erf": lambda u, n: u.erf(),
    "erfc": lambda u, n: u.erfc(),
    "lambertw": lambda u, n, k: u.lambertw(k),
}
