"""Names and numbers in LaTeX: bold vectors and matrices, subscripts, Greek, escapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from gradform.formula.spelling import Precedence
from gradform.notation.pieces import Piece
from gradform.notation.spelling import GREEK, GREEK_NAMES, Numeral, name_parts, numeral
from gradform.records import replaced

__all__ = [
    "exponent_digits",
    "number",
    "operator_name",
    "spaced",
    "symbol",
    "text_latex",
    "typical_rank",
]

_NATIVE = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim "
    "liminf limsup ln log max min sec sin sinh sup tan tanh"
)
_NATIVE_OPERATORS = frozenset(_NATIVE.split())
_ESCAPES = {
    **{character: "\\" + character for character in "_#$%&{}"},
    "~": r"{\sim}",
    "^": r"{\wedge}",
    "\\": r"\backslash",
    " ": r"\ ",
}
# In text: math mode's own signs, and those whose place in TeX's text font is another sign.
_TEXT_ESCAPES = str.maketrans(
    {
        **{character: "\\" + character for character in "_#$%&{}"},
        "\\": r"\textbackslash{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
    }
)
_VECTORS = "hijklmnopqrstuvwxyz"
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+\Z")


def spaced(strings: Iterable[str]) -> str:
    r"""The strings in a row, with a space where ``\alpha`` would swallow the next letter."""
    parts: list[str] = []
    last = ""
    for string in strings:
        if string[:1].isalpha() and _ENDS_IN_COMMAND.search(last):
            parts.append(" ")
        if string:
            parts.append(string)
            last = string
    return "".join(parts)


def text_latex(text: str) -> str:
    r"""``\text{…}`` for a sentence among formulas."""
    return rf"\text{{{text.translate(_TEXT_ESCAPES)}}}"


def typical_rank(name: str) -> int:
    """Number of axes of an undeclared variable, by its first letter.

    a-g are scalars, h-z vectors, capitals matrices; small Greek letters are scalars.
    """
    letters = (name_parts(name) or (name, ()))[0]
    if letters[:1].isupper():
        return 2
    return 1 if letters not in GREEK and letters[:1] in _VECTORS else 0


def symbol(name: str, bold: bool) -> str:
    """A variable's name: ``x_1`` as x with subscript 1, ``alpha`` as the letter."""
    letters, subscripts = name_parts(name) or (name, ())
    below = ",".join(_subscript(part) for part in subscripts)
    return _letters(letters, bold) + (f"_{{{below}}}" if below else "")


def _letters(letters: str, bold: bool) -> str:
    written = _escaped(letters)
    greek = letters in GREEK or not letters.isascii()
    if bold:
        return rf"\boldsymbol{{{written}}}" if greek else rf"\mathbf{{{written}}}"
    return written if len(letters) == 1 or letters in GREEK else rf"\mathit{{{written}}}"


def _subscript(part: str) -> str:
    if part.isdecimal() or len(part) == 1 or part in GREEK or not part.isascii():
        return _escaped(part)
    return rf"\mathrm{{{_escaped(part)}}}"


def _escaped(text: str) -> str:
    if text in GREEK:
        return _greek(text)
    return spaced(_character(character) for character in text)


def _character(character: str) -> str:
    if character in GREEK_NAMES:
        return _greek(GREEK_NAMES[character])
    if character in _ESCAPES:
        return _ESCAPES[character]
    # Other characters have no glyph in a formula or act in it: their code point stands for them.
    plain = character.isascii() and character.isalnum()
    return character if plain else f"{{U{ord(character):04X}}}"


def _greek(name: str) -> str:
    return "o" if name == "omicron" else "\\" + name  # LaTeX has no command for omicron


def operator_name(name: str) -> str:
    r"""``\tanh`` where LaTeX knows it, a Greek name, or ``\operatorname{name}``."""
    if name in _NATIVE_OPERATORS:
        return f"\\{name}"
    letters = (name_parts(name) or (name, ()))[0]
    if letters in GREEK or any(letter in GREEK_NAMES for letter in name):
        return symbol(name, bold=False)
    return rf"\operatorname{{{_escaped(name)}}}"


def number(value: Fraction) -> Piece:
    """A number: an integer, a decimal, a power of ten or a fraction."""
    written = numeral(value)
    if written.exponent:
        power = _scientific(written)
        held_as = Precedence.POSTFIX if power.startswith("10^") else Precedence.PRODUCT
        return Piece((power,), held_as, value < 0, number=True, scalar=True)
    if written.denominator or _is_dyadic(value):
        fraction = Piece((_fraction(abs(value), written),), Precedence.POSTFIX, value < 0)
        return replaced(fraction, tall=True, number=True, scalar=True, fraction=True)
    return Piece((written.digits,), Precedence.ATOM, value < 0, number=True, scalar=True)


def _scientific(written: Numeral) -> str:
    power = f"10^{{{written.exponent}}}"
    return power if written.digits == "1" else rf"{written.digits} \cdot {power}"


def _fraction(size: Fraction, written: Numeral) -> str:
    if written.denominator:
        return rf"\frac{{{written.digits}}}{{{written.denominator}}}"
    return rf"\frac{{{size.numerator}}}{{{size.denominator}}}"


def _is_dyadic(value: Fraction) -> bool:
    """Whether a paper would write a fraction although the decimals end: 1/2, 3/4, 5/8."""
    return value.denominator in (2, 4, 8) and abs(value.numerator) < 10


def exponent_digits(value: Fraction) -> str:
    """A number as an exponent, where a fraction is written with a slash."""
    sign = "-" if value < 0 else ""
    if _is_dyadic(value):
        return f"{sign}{abs(value.numerator)}/{value.denominator}"
    written = numeral(value)
    if written.exponent:
        return sign + _scientific(written)
    return sign + written.digits + (f"/{written.denominator}" if written.denominator else "")
