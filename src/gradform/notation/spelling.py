"""How the printers write numbers, names and the operators that are calls in the input.

``grouped``, ``literal``, ``is_index`` and ``roots`` answer what the printers ask of a tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from gradform.formula.spelling import Precedence, Spell, Spelling, choose
from gradform.formula.tree import (
    Call,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Program,
    Slice,
    Transpose,
)
from gradform.notation.pieces import Brackets, Piece, parenthesised
from gradform.records import record

__all__ = [
    "GREEK",
    "GREEK_NAMES",
    "LATEX_OPERATORS",
    "UNICODE_OPERATORS",
    "Numeral",
    "grouped",
    "is_index",
    "literal",
    "name_parts",
    "numeral",
    "roots",
    "spelling_of",
    "variables",
]

# Numbers


@record
class Numeral:
    """``digits``, ``digits·10^exponent`` or ``digits/denominator``, never negative."""

    digits: str
    exponent: int = 0
    denominator: str = ""


_LONGEST_INTEGER = 15
_LONGEST_DECIMAL = 12
_SMALLEST_PLACE = 7


def numeral(value: Fraction) -> Numeral:
    """The shortest exact way to write the size of a number."""
    value = abs(value)
    places = _decimal_places(value.denominator)
    if places is None:
        return _ratio(value)
    digits = _digits(value.numerator * 10**places // value.denominator)
    if places == 0 and len(digits) <= _LONGEST_INTEGER:
        return Numeral(digits)
    significant = digits.rstrip("0")
    if len(significant) > _LONGEST_DECIMAL:
        return _ratio(value)
    if 0 < places <= _SMALLEST_PLACE:
        padded = digits.rjust(places + 1, "0")
        return Numeral(f"{padded[:-places]}.{padded[-places:]}")
    mantissa = significant[0] + ("." + significant[1:] if len(significant) > 1 else "")
    return Numeral(mantissa, exponent=len(digits) - 1 - places)


def _ratio(value: Fraction) -> Numeral:
    below = "" if value.denominator == 1 else _digits(value.denominator)
    return Numeral(_digits(value.numerator), denominator=below)


def _decimal_places(denominator: int) -> int | None:
    """Digits after the point of 1/denominator, or None when they never end."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _digits(value: int) -> str:
    # `str` refuses integers of more than 4300 digits; a decimal has no such limit.
    return format(Decimal(value), "f")


# Names

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega varsigma vartheta varphi varpi varrho varepsilon "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK: Mapping[str, str] = dict(
    zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωςϑφϖϱεΓΔΘΛΞΠΣΥΦΨΩ", strict=True)
)
"""The Greek letters by their English names, which are those of the LaTeX commands."""

GREEK_NAMES: Mapping[str, str] = {
    **{letter: name for name, letter in GREEK.items()},
    "ϵ": "epsilon",
    "ϕ": "phi",
}
"""The name of a Greek letter; ε and φ are the forms LaTeX calls varepsilon and varphi."""

_LETTER = f"A-Za-z{''.join(GREEK_NAMES)}"
_NAME = re.compile(rf"([{_LETTER}]+)([0-9]*)((?:_[{_LETTER}0-9]+)*)")
_FROM_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def name_parts(name: str) -> tuple[str, tuple[str, ...]] | None:
    """A name's letters and its subscripts: ``W12`` is W with 12, ``x_1`` is x with 1."""
    match = _NAME.fullmatch(name.translate(_FROM_SUBSCRIPTS))
    if match is None:
        return None
    subscripts = (match[2], *match[3].split("_"))
    return match[1], tuple(subscript for subscript in subscripts if subscript)


def variables(
    formula: Formula | Program, shapes: Mapping[str, object] | None
) -> Callable[[str], bool]:
    """Which names are variables: the declared ones and the intermediates of a program.

    Without declared shapes a single letter, Roman or Greek, is taken for a variable.
    """
    definitions = formula.definitions if isinstance(formula, Program) else ()
    defined = {definition.name for definition in definitions}

    def is_variable(name: str) -> bool:
        if name in defined:
            return True
        if shapes is not None:
            return name in shapes
        named = name_parts(name)
        return named is not None and (len(named[0]) == 1 or named[0] in GREEK)

    return is_variable


def is_index(call: Call, is_variable: Callable[[str], bool]) -> bool:
    """Whether a call is element or slice access of a variable."""
    return any(isinstance(arg, Slice) for arg in call.args) or is_variable(call.name)


def roots(formula: Formula | Program) -> list[Formula]:
    """The formulas of a program in the order they are written; the last is its body."""
    if isinstance(formula, Program):
        return [*(definition.value for definition in formula.definitions), formula.body]
    return [formula]


def _is_inner_product(node: Formula) -> bool:
    """Whether a product has the form ``x'*…*y``, a number people expect to see in brackets.

    ``(x'*y)*z`` is ``x'*y*z`` to the grammar, but nobody reads it so in mathematics.
    """
    match node:
        case Mul(factors=(Transpose(operand=first), *_, last)):
            matrix = isinstance(first, Name) and first.name[:1].isupper()
            return not matrix and not isinstance(last, Transpose) and set(node.ops) == {"*"}
    return False


def grouped(node: Mul, factors: list[Piece], brackets: Brackets = parenthesised) -> list[Piece]:
    """The printed factors, a leading inner product in brackets."""
    first = brackets(factors[0]) if _is_inner_product(node.factors[0]) else factors[0]
    return [first, *factors[1:]]


def literal(node: Formula) -> Fraction | None:
    """The value of a number as it is typed in an exponent: ``2``, ``-2``, ``1/2``, ``-1/2``."""
    match node:
        case Neg():
            size = _unsigned_literal(node.operand)
            return None if size is None else -size
        case Mul(factors=(Neg(operand=Number(value=above)), Number(value=below)), ops=(_, "/")):
            return -above / below if below else None
    return _unsigned_literal(node)


def _unsigned_literal(node: Formula) -> Fraction | None:
    match node:
        case Number():
            return node.value
        case Mul(factors=(Number(value=above), Number(value=below)), ops=(_, "/")):
            return above / below if below else None
    return None


# Operators

_Table: TypeAlias = Mapping[str, tuple[Spelling, ...]]

_INVERSE = Spelling("{0}^{{-1}}", Precedence.POSTFIX, (Precedence.ATOM,))


def _kronecker(symbol: str) -> Spelling:
    # Products on either side need no brackets; a second ⊗ or a ⊙ would be ambiguous.
    template = f"{{0}} {symbol} {{1}}"
    return Spelling(template, Precedence.OPERATOR, (Precedence.PRODUCT, Precedence.PRODUCT))


LATEX_OPERATORS: _Table = {
    "eye": (
        Spelling(r"\mathbf{{I}}"),
        Spelling(r"\mathbf{{I}}_{{{0}}}"),
        Spelling(r"\mathbf{{I}}_{{{0} \times {1}}}"),
    ),
    "ones": (
        Spelling(r"\mathbf{{1}}_{{{0}}}"),
        Spelling(r"\mathbf{{1}}_{{{0} \times {1}}}"),
    ),
    "zeros": (
        Spelling(r"\mathbf{{0}}_{{{0}}}"),
        Spelling(r"\mathbf{{0}}_{{{0} \times {1}}}"),
    ),
    "EulerGamma": (Spelling(r"\gamma_{{E}}"),),
    "inf": (Spelling(r"\infty"),),
    "commute": (Spelling(r"\mathbf{{K}}_{{{0},{1}}}"),),
    "inv": (_INVERSE,),
    "kron": (_kronecker(r"\otimes"),),
}

UNICODE_OPERATORS: _Table = {
    "eye": (Spelling("I"), Spelling("I_{{{0}}}"), Spelling("I_{{{0}×{1}}}")),
    "ones": (Spelling("𝟏_{{{0}}}"), Spelling("𝟏_{{{0}×{1}}}")),
    "zeros": (Spelling("𝟎_{{{0}}}"), Spelling("𝟎_{{{0}×{1}}}")),
    "inf": (Spelling("∞"),),
    "commute": (Spelling("K_{{{0},{1}}}"),),
    "inv": (_INVERSE,),
    "kron": (_kronecker("⊗"),),
}


def spelling_of(node: Name | Call, spell: Spell | None, operators: _Table) -> Spelling | None:
    """How a function or a constant is written, the caller's spelling before the operators'."""
    arity = len(node.args) if isinstance(node, Call) else 0
    given = None if spell is None else choose(spell(node.name), arity)
    return given or choose(operators.get(node.name), arity)
