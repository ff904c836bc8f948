"""What may follow an operand: sums, products, powers and transposes."""

from __future__ import annotations

from typing import NoReturn

from gradform.errors import Span
from gradform.formula.tree import Formula, Neg
from gradform.syntax.lexer import Kind, Token
from gradform.syntax.parser.errors import unexpected_equals
from gradform.syntax.parser.operands import literal
from gradform.syntax.parser.run import Run
from gradform.syntax.parser.states import OPERAND, OPERATOR, State

__all__ = ["equals", "plus", "power", "superscript", "times", "transpose"]


@OPERATOR.on(Kind.SIGN)
def plus(run: Run, token: Token) -> State:
    run.expression.plus(token)
    return OPERAND


@OPERATOR.on(Kind.TIMES)
def times(run: Run, token: Token) -> State:
    run.expression.times(token)
    return OPERAND


@OPERATOR.on(Kind.POWER)
def power(run: Run, token: Token) -> State:
    run.expression.raise_to(token)
    return OPERAND


@OPERATOR.on(Kind.SUPERSCRIPT)
def superscript(run: Run, token: Token) -> State:
    """``x⁻²`` is x^-2: operator and exponent in one token."""
    digits = token.text.removeprefix("⁻")
    exponent: Formula = literal(run, token, digits)
    if digits != token.text:
        exponent = Neg(exponent, Span(token.start, token.end))
    run.expression.raise_to(token)
    run.expression.operand(exponent, token.start, token.end)
    return OPERATOR


@OPERATOR.on(Kind.TRANSPOSE)
def transpose(run: Run, token: Token) -> State:
    run.expression.transpose(token)
    return OPERATOR


@OPERATOR.on(Kind.EQUALS)
def equals(run: Run, token: Token) -> NoReturn:
    raise unexpected_equals(run, token)
