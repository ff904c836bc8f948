"""Parentheses, calls and stacked blocks: what opens, separates and closes them."""

from __future__ import annotations

from gradform.errors import Fix, FormulaSyntaxError, LimitError, Span
from gradform.formula.tree import Call, Formula, Stack
from gradform.language import say
from gradform.syntax.lexer import Kind, Token, place
from gradform.syntax.parser.arguments import finished_item
from gradform.syntax.parser.errors import CLOSER, never_closed, syntax_error
from gradform.syntax.parser.expression import Expression
from gradform.syntax.parser.missing_operand import operand_expected
from gradform.syntax.parser.run import Bracket, Run
from gradform.syntax.parser.states import AFTER_COLON, OPERAND, OPERATOR, State

__all__ = ["close", "close_without_operand", "comma", "open_bracket", "open_group", "semicolon"]


@OPERAND.on(Kind.PARENTHESIS)
@OPERAND.on(Kind.BRACKET)
def open_group(run: Run, token: Token) -> State:
    return open_bracket(run, token, None)


def open_bracket(run: Run, opener: Token, name: Token | None) -> State:
    if len(run.brackets) >= run.limits.nesting:
        raise LimitError(
            say(
                "The formula is nested too deeply: more than {nesting:,} parentheses are open "
                "here.",
                nesting=run.limits.nesting,
            ),
            kind="too_deep",
            span=Span(opener.start, opener.end),
            source=run.source,
            hint=say("Name inner parts: u = A*x - b; u'*u"),
        )
    run.brackets.append(Bracket(opener, name, run.expression))
    run.expression = Expression()
    return OPERAND


@OPERATOR.on(Kind.COMMA)
@AFTER_COLON.on(Kind.COMMA)
def comma(run: Run, token: Token) -> State:
    bracket = run.innermost
    if bracket is None or (bracket.name is None and bracket.opener.kind is Kind.PARENTHESIS):
        raise syntax_error(
            run,
            say("',' separates arguments of a function and blocks inside [ ] only."),
            token,
            hint=_comma_hint(run),
        )
    bracket.items.append(finished_item(run, bracket))
    return OPERAND


def _comma_hint(run: Run) -> str | None:
    before, after = run.tokens[run.at - 2], run.tokens[run.at]
    if before.kind is Kind.NUMBER and after.kind is Kind.NUMBER:
        return say(
            "Decimals are written with a point: {whole}.{decimals}",
            whole=before.text,
            decimals=after.text,
        )
    return None


@OPERATOR.on(Kind.SEMICOLON)
def semicolon(run: Run, token: Token) -> State | None:
    """Between the rows of blocks; outside of brackets the end of a statement."""
    bracket = run.innermost
    if bracket is None:
        run.end_statement()
        return None
    if bracket.opener.kind is not Kind.BRACKET:
        at = place(run.source, token.start)
        raise never_closed(run, bracket, say(" before the ';' at {place}", place=at))
    bracket.items.append(finished_item(run, bracket))
    bracket.rows.append(tuple(bracket.items))
    bracket.items = []
    return OPERAND


@OPERATOR.on(Kind.CLOSE)
@AFTER_COLON.on(Kind.CLOSE)
def close(run: Run, token: Token) -> State:
    bracket = _matching_bracket(run, token)
    bracket.items.append(finished_item(run, bracket))
    return _close_bracket(run, bracket, token)


@OPERAND.on(Kind.CLOSE)
def close_without_operand(run: Run, token: Token) -> State:
    """``f()`` is a call without arguments; every other closing here is an error."""
    bracket = _matching_bracket(run, token)
    if bracket.name is not None and run.previous() is bracket.opener:
        return _close_bracket(run, bracket, token)
    raise operand_expected(run, token)


def _matching_bracket(run: Run, closer: Token) -> Bracket:
    bracket = run.innermost
    if bracket is None:
        raise _unmatched(run, closer)
    if CLOSER[bracket.opener.kind] != closer.text:
        raise _mismatched(run, closer, bracket)
    return bracket


def _unmatched(run: Run, closer: Token) -> FormulaSyntaxError:
    span = Span(closer.start, closer.end)
    return FormulaSyntaxError(
        say(
            "Unmatched '{closer}' at {place}.",
            closer=closer.text,
            place=place(run.source, closer.start),
        ),
        kind="unbalanced",
        span=span,
        source=run.source,
        fixes=[Fix(span, "")],
    )


def _mismatched(run: Run, closer: Token, bracket: Bracket) -> FormulaSyntaxError:
    return FormulaSyntaxError(
        say(
            "'{closer}' does not match the '{opener}' at {place}.",
            closer=closer.text,
            opener=bracket.opener.text,
            place=place(run.source, bracket.opener.start),
        ),
        kind="unbalanced",
        span=Span(closer.start, closer.end),
        source=run.source,
    )


def _close_bracket(run: Run, bracket: Bracket, closer: Token) -> State:
    name = bracket.name
    start, end = (name or bracket.opener).start, closer.end
    if name is not None:
        name_span = Span(name.start, name.end)
        node: Formula = Call(name.text, tuple(bracket.items), Span(start, end), name_span)
    elif bracket.opener.kind is Kind.BRACKET:
        node = Stack((*bracket.rows, tuple(bracket.items)), Span(start, end))
    else:
        node = bracket.items[0]
    run.brackets.pop()
    run.expression = bracket.outer
    run.expression.operand(node, start, end)
    return OPERATOR
