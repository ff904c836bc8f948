"""Names and numbers, and the signs before them."""

from __future__ import annotations

from gradform.errors import Span, UnknownNameError
from gradform.formula.tree import Name, Number
from gradform.language import say
from gradform.syntax.lexer import Kind, Token, number_value
from gradform.syntax.parser.brackets import open_bracket
from gradform.syntax.parser.errors import short, syntax_error
from gradform.syntax.parser.run import Run
from gradform.syntax.parser.states import OPERAND, OPERATOR, State

__all__ = ["check_name", "literal", "name", "number", "unary_sign"]


@OPERAND.on(Kind.NAME)
def name(run: Run, token: Token) -> State:
    """A variable, or with ``(`` behind it a call."""
    check_name(run, token)
    at = run.at
    if run.tokens[at].kind is Kind.NEWLINE and (run.brackets or not run.in_definition):
        at += 1
    if run.tokens[at].kind is Kind.PARENTHESIS:
        run.at = at + 1
        return open_bracket(run, run.tokens[at], token)
    start, end = token.start, token.end
    run.expression.operand(Name(token.text, Span(start, end)), start, end)
    return OPERATOR


def check_name(run: Run, token: Token) -> None:
    if token.end - token.start > run.limits.name_characters:
        raise UnknownNameError(
            say(
                "Undefined name '{name}' of {length:,} characters; names have at most {limit:,}.",
                name=short(token.text),
                length=token.end - token.start,
                limit=run.limits.name_characters,
            ),
            kind="undefined_variable",
            span=Span(token.start, token.end),
            source=run.source,
        )


@OPERAND.on(Kind.NUMBER)
def number(run: Run, token: Token) -> State:
    run.expression.operand(literal(run, token, token.text), token.start, token.end)
    return OPERATOR


def literal(run: Run, token: Token, digits: str) -> Number:
    """The number of a token, of which ``digits`` are the part without its sign."""
    try:
        value = number_value(digits, run.limits.number_characters)
    except ValueError as reason:
        message = say("The number {number} {reason}.", number=short(digits), reason=reason.args[0])
        raise syntax_error(run, message, token) from None
    return Number(value, Span(token.start, token.end))


@OPERAND.on(Kind.SIGN)
def unary_sign(run: Run, token: Token) -> State:
    run.expression.unary_sign(token)
    return OPERAND
