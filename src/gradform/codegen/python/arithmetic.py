"""Powers and matrix products as Python expressions."""

from __future__ import annotations

from fractions import Fraction

from gradform.codegen.python.dialect import Dialect
from gradform.codegen.text.pieces import Precedence, Text, bracketed, number_text
from gradform.ir.nodes import Coefficient

__all__ = ["matrix_product", "raised"]

_HALF = Fraction(1, 2)


def raised(dialect: Dialect, text: Text, power: Coefficient) -> Text:
    if text.code == "0":
        # Python refuses to divide by zero.
        text = dialect.zero
    if power == 1:
        return text
    if power == _HALF:
        return dialect.square_root(text.code)
    exponent = number_text(power, dialect.numerals)
    if text.code.lstrip("-").isdigit() and not isinstance(power, int):
        # Python makes a fractional power of a negative number complex.
        return dialect.call("power", text.code, exponent.code)
    base = bracketed(text, Precedence.ATOM)
    return Text(f"{base}**{bracketed(exponent, Precedence.ATOM)}", Precedence.POWER)


def matrix_product(left: Text, right: Text) -> Text:
    exact = left.precedence == Precedence.MATMUL
    first = left.code if exact else bracketed(left, Precedence.POWER)
    return Text(f"{first} @ {bracketed(right, Precedence.POWER)}", Precedence.MATMUL)
