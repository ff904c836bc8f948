"""Pieces of Python expressions and the brackets between them."""

from __future__ import annotations

import re
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from gradform.ir.nodes import Coefficient

__all__ = [
    "Numerals",
    "Precedence",
    "Text",
    "atom",
    "bracketed",
    "broken",
    "call_text",
    "magnitude",
    "number_text",
    "wrapped",
]

LINE_LENGTH = 100
_INDENT = "    "


class Precedence(IntEnum):
    """How firmly an expression holds together, loosest first.

    Python gives ``@`` and ``*`` one level; here a product with ``@`` is set off by
    brackets, because ``2 * A @ x`` would scale the matrix.
    """

    LOOSE = 0
    SUM = 1
    MATMUL = 2
    PRODUCT = 3
    SIGN = 4
    POWER = 5
    ATOM = 6


class Text(NamedTuple):
    """An expression as source."""

    code: str
    precedence: Precedence


class Numerals(NamedTuple):
    """How a language writes numbers.

    exact       the largest whole number that is written as one
    infinity    the expression for ∞
    pointed     whole numbers are written with a point, as 1 / 2 is 0 in the language
    """

    exact: int
    infinity: str
    pointed: bool = False

    @property
    def one(self) -> str:
        return "1.0" if self.pointed else "1"


def atom(code: str) -> Text:
    return Text(code, Precedence.ATOM)


def call_text(function: str, *arguments: str) -> Text:
    return atom(f"{function}({', '.join(arguments)})")


def bracketed(text: Text, loosest: Precedence) -> str:
    """The code, in brackets when it holds together less firmly than ``loosest``."""
    return text.code if text.precedence >= loosest else f"({text.code})"


def magnitude(value: Coefficient, numerals: Numerals) -> tuple[str | None, str | None]:
    """Literals (a, b) with ``|value| = a / b``; None stands for one.

    A fraction with a short decimal form is one literal.
    """
    fraction = abs(Fraction(value))
    if fraction == 1:
        return None, None
    top, bottom = fraction.numerator, fraction.denominator
    if bottom == 1:
        return _integer(top, numerals), None
    if _is_short(fraction):
        return repr(float(fraction)), None
    return None if top == 1 else _integer(top, numerals), _integer(bottom, numerals)


def number_text(value: Coefficient, numerals: Numerals) -> Text:
    """A constant as an expression."""
    above, below = magnitude(value, numerals)
    code = above or numerals.one
    if below:
        code = f"{code} / {below}"
    if value < 0:
        return Text(f"-{code}", Precedence.PRODUCT if below else Precedence.SIGN)
    return Text(code, Precedence.PRODUCT if below else Precedence.ATOM)


def _integer(value: int, numerals: Numerals) -> str:
    """Small integers as they are; beyond the exact range in the form of floats."""
    if value <= numerals.exact:
        return f"{value}.0" if numerals.pointed else str(value)
    try:
        return repr(float(value))
    except OverflowError:
        return numerals.infinity


def _is_short(fraction: Fraction) -> bool:
    """Whether a decimal of at most four places after the point is exact."""
    return 10_000 % fraction.denominator == 0 and fraction.numerator < 10**8


def wrapped(start: str, code: str, indent: str = _INDENT) -> list[str]:
    """``start + code`` as lines of limited length, broken at spaces inside brackets."""
    line = f"{indent}{start}{code}"
    return [line] if len(line) <= LINE_LENGTH else broken(start, code, indent)


def broken(start: str, code: str, indent: str = _INDENT) -> list[str]:
    """``start(code)`` with the brackets on lines of their own."""
    lines = [f"{indent}{start}("]
    current = indent + _INDENT
    for word in _words(code):
        if len(current) + len(word) > LINE_LENGTH and current.strip():
            lines.append(current.rstrip())
            current = indent + _INDENT
        current += word
    return [*lines, current.rstrip(), f"{indent})"]


def _words(code: str) -> list[str]:
    return re.findall(r"\S+ *", code)
