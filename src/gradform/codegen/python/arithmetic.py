"""Powers and matrix products as Python expressions."""

from __future__ import annotations

from collections.abc import Container
from fractions import Fraction

from gradform.codegen.python.dialect import Dialect
from gradform.codegen.text.pieces import Precedence, Text, bracketed, number_text
from gradform.ir.nodes import Coefficient

__all__ = ["matrix_product", "raised"]

_HALF = Fraction(1, 2)


def raised(dialect: Dialect, plain: Container[str], text: Text, power: Coefficient) -> Text:
    """A power; ``plain`` is the code of Python numbers, positive where the power needs it."""
    exponent = number_text(power, dialect.numerals)
    if text.code in plain:
        return text if power == 1 else _raised(text, exponent)
    if text.code == "0":
        # Python refuses to divide by zero.
        text = dialect.zero
    if power == 1:
        return text
    if power == _HALF:
        return dialect.call("sqrt", text.code)
    if text.code.lstrip("-").isdigit() and not isinstance(power, int):
        # Python makes a fractional power of a negative number complex.
        return dialect.call("power", text.code, exponent.code)
    return _raised(text, exponent)


def _raised(text: Text, exponent: Text) -> Text:
    base = bracketed(text, Precedence.ATOM)
    return Text(f"{base}**{bracketed(exponent, Precedence.ATOM)}", Precedence.POWER)


def matrix_product(left: Text, right: Text) -> Text:
    exact = left.precedence == Precedence.MATMUL
    first = left.code if exact else bracketed(left, Precedence.POWER)
    return Text(f"{first} @ {bracketed(right, Precedence.POWER)}", Precedence.MATMUL)
