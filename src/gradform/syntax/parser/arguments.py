"""What only an argument of a call can be: the slice of an index, or a condition."""

from __future__ import annotations

from typing import NoReturn

from gradform.errors import FormulaSyntaxError, Span
from gradform.formula.tree import Compare, Formula, Slice
from gradform.language import say
from gradform.syntax.lexer import COMPARE, Kind, Token
from gradform.syntax.parser.errors import found, syntax_error
from gradform.syntax.parser.missing_operand import operand_expected
from gradform.syntax.parser.run import Bracket, Run
from gradform.syntax.parser.states import AFTER_COLON, OPERAND, OPERATOR, State

__all__ = [
    "colon",
    "compare",
    "compare_without_operand",
    "finished_item",
    "newline_after_colon",
    "whole_slice",
]

_COLON_ONLY_IN_INDEX = say("':' is allowed in an index only, as in x(2:n).")


def finished_item(run: Run, bracket: Bracket) -> Formula:
    """The argument or block that ends here: a value, a condition or a slice."""
    value = run.expression.result()
    if bracket.compared is not None:
        left, start, sign = bracket.compared
        bracket.compared = None
        span = Span(start, run.expression.end)
        return Compare(sign.text, left, value, span, Span(sign.start, sign.end))
    if bracket.slice_from is None:
        return value
    first, start = bracket.slice_from
    bracket.slice_from = None
    return Slice(first, value, Span(start, run.expression.end))


# Slices


@OPERAND.on(Kind.COLON)
def whole_slice(run: Run, token: Token) -> State:
    """``:`` alone selects everything; it must be the whole argument."""
    previous = run.previous()
    bracket = run.innermost
    if bracket is None or bracket.name is None or previous is None:
        raise syntax_error(run, _COLON_ONLY_IN_INDEX, token)
    if previous is not bracket.opener and previous.kind is not Kind.COMMA:
        raise operand_expected(run, token)
    span = Span(token.start, token.end)
    run.expression.operand(Slice(None, None, span), token.start, token.end)
    return AFTER_COLON


@AFTER_COLON.on(Kind.NEWLINE)
def newline_after_colon(_run: Run, _token: Token) -> State:
    return AFTER_COLON


@OPERATOR.on(Kind.COLON)
def colon(run: Run, token: Token) -> State:
    """The first end of a slice is complete; the other one follows."""
    bracket = run.innermost
    if bracket is None or bracket.name is None:
        raise syntax_error(run, _COLON_ONLY_IN_INDEX, token)
    if bracket.slice_from is not None:
        raise syntax_error(run, say("A slice has one ':'; steps are not supported."), token)
    if bracket.compared is not None:
        raise syntax_error(run, _COLON_ONLY_IN_INDEX, token)
    value = run.expression.result()
    bracket.slice_from = (value, run.expression.start)
    return OPERAND


# Conditions


@OPERATOR.on(Kind.COMPARISON)
def compare(run: Run, token: Token) -> State:
    """The left side of a comparison is complete; it must be a whole argument of a call."""
    bracket = run.innermost
    if bracket is None or not _may_compare(bracket):
        raise _misplaced_comparison(run, token)
    if bracket.compared is not None:
        raise syntax_error(
            run,
            say(
                "A condition is one comparison; unexpected second {found}.",
                found=found(run, token),
            ),
            token,
            hint=say("Write one condition after the other: piecewise(x < 0, 0, x < 1, x, 1)."),
        )
    value = run.expression.result()
    bracket.compared = (value, run.expression.start, token)
    return OPERAND


@OPERAND.on(Kind.COMPARISON)
def compare_without_operand(run: Run, token: Token) -> NoReturn:
    bracket = run.innermost
    if bracket is not None and _may_compare(bracket):
        raise operand_expected(run, token)
    raise _misplaced_comparison(run, token)


def _may_compare(bracket: Bracket) -> bool:
    """Whether a bracket is that of a call, and no slice is being read."""
    return bracket.name is not None and bracket.slice_from is None


def _misplaced_comparison(run: Run, token: Token) -> FormulaSyntaxError:
    return FormulaSyntaxError(
        say(
            "A comparison is only meant inside piecewise; unexpected {found}.",
            found=found(run, token),
        ),
        kind="bad_char",
        span=Span(token.start, token.end),
        source=run.source,
        hint=COMPARE,
    )
