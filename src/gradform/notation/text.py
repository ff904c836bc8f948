"""The input language itself: what is printed here can be typed in again.

Brackets are minimal but for ``(x.^2)'`` and ``(a^b)^c``, which the grammar reads without
them and people may not.
"""

from __future__ import annotations

from fractions import Fraction

from gradform.formula.spelling import Precedence
from gradform.formula.tree import (
    Add,
    Call,
    Compare,
    Formula,
    Mul,
    Name,
    Neg,
    Number,
    Power,
    Program,
    Slice,
    Stack,
    Transpose,
    fold,
)
from gradform.notation.pieces import (
    Part,
    Piece,
    chunks,
    compared,
    enclosed,
    held,
    negated,
    parenthesised,
    sliced,
    stacked,
    total,
)
from gradform.notation.spelling import numeral
from gradform.records import replaced

__all__ = ["to_text"]


def to_text(formula: Formula | Program) -> str:
    """The formula in the input language; a program as ``u = …; v = …; body``."""
    if not isinstance(formula, Program):
        return _line(formula)
    definitions = [f"{each.name} = {_line(each.value)}" for each in formula.definitions]
    return "; ".join([*definitions, _line(formula.body)])


def _line(formula: Formula) -> str:
    return "".join(chunks(fold(formula, _visit)))


def _visit(node: Formula, pieces: list[Piece]) -> Piece:
    match node:
        case Number():
            return _number(node.value)
        case Name():
            return Piece((node.name,), Precedence.ATOM)
        case Call():
            return enclosed(f"{node.name}(", pieces, ")")
        case Neg():
            return negated(pieces[0])
        case Add():
            return total(pieces, node.signs)
        case Mul():
            return _product(node, pieces)
        case Power():
            return _power(node, pieces)
        case Transpose():
            return Piece((_base(node.operand, pieces[0]), "'"), Precedence.POSTFIX)
        case Stack():
            return stacked(node, pieces)
        case Compare():
            return compared(pieces, node.operator)
        case Slice():
            return sliced(node, pieces)


def _number(value: Fraction) -> Piece:
    written = numeral(value)
    negative = value < 0
    if written.denominator:
        ratio = f"{written.digits}/{written.denominator}"
        return Piece((ratio,), Precedence.PRODUCT, negative)
    exponent = f"e{written.exponent}" if written.exponent else ""
    return Piece((written.digits + exponent,), Precedence.ATOM, negative)


def _product(node: Mul, factors: list[Piece]) -> Piece:
    first = replaced(factors[0], negative=False)
    needed = Precedence.POSTFIX if _mixed(node) else Precedence.PRODUCT
    parts: list[Part] = [held(first, needed)]
    for factor, operator in zip(factors[1:], node.ops[1:], strict=True):
        parts.extend((operator, held(factor, Precedence.POSTFIX)))
    return Piece(tuple(parts), Precedence.PRODUCT, factors[0].negative)


def _mixed(node: Mul) -> bool:
    """`(A*x).*y` needs no brackets for the grammar, but for people."""
    first = node.factors[0]
    while isinstance(first, Neg):
        first = first.operand
    if not isinstance(first, Mul) or len(node.ops) < 2:
        return False
    return any(op.startswith(".") for op in first.ops[1:]) != node.ops[1].startswith(".")


def _power(node: Power, pieces: list[Piece]) -> Piece:
    base, exponent = pieces
    sign = ".^" if node.elementwise else "^"
    # The grammar takes a sign in front of an operand: `x^-2`; but `x^(-1/2)`, `x^(a')`.
    bare = exponent.precedence == Precedence.ATOM
    size = exponent if bare else parenthesised(exponent)
    return Piece((_base(node.base, base), sign, size), Precedence.POSTFIX)


def _base(node: Formula, piece: Piece) -> Piece:
    """What `'` or `^` applies to: `A'^2` is clear without brackets, `x.^2'` is not."""
    return piece if isinstance(node, Transpose) else held(piece, Precedence.ATOM)
