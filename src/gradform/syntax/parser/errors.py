"""The errors of the grammar that several rules can meet, and the words that all of them use."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.errors import Fix, FormulaSyntaxError, Span
from gradform.language import Message, say
from gradform.syntax.lexer import Kind, Token, place
from gradform.syntax.parser.run import Bracket, Run

__all__ = [
    "CLOSER",
    "SLICE_HINT",
    "end_of_index_expected",
    "found",
    "never_closed",
    "short",
    "syntax_error",
    "typed",
    "unexpected_equals",
]

CLOSER = {Kind.PARENTHESIS: ")", Kind.BRACKET: "]"}
SLICE_HINT = say("A slice has both ends, x(2:n), or is ':' alone, A(:, 1).")

_LONGEST_QUOTE = 24


def syntax_error(
    run: Run,
    message: str,
    token: Token,
    *,
    hint: str | None = None,
    fixes: Sequence[Fix] = (),
) -> FormulaSyntaxError:
    span = Span(token.start, token.end)
    return FormulaSyntaxError(
        message, kind="syntax", span=span, source=run.source, hint=hint, fixes=fixes
    )


def short(text: str) -> str:
    """``text`` on one line, cut to a length that fits into a message."""
    text = " ".join(text[: 4 * _LONGEST_QUOTE].split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def typed(run: Run, token: Token) -> str:
    return short(run.source[token.start : token.end])


def found(run: Run, token: Token) -> Message:
    if token.kind is Kind.END:
        return say("the end")
    return say("'{typed}'", typed=typed(run, token))


def never_closed(run: Run, bracket: Bracket, where: str = "") -> FormulaSyntaxError:
    opener = bracket.opener
    owner = "" if bracket.name is None else say(" of {name}(", name=short(bracket.name.text))
    return FormulaSyntaxError(
        say(
            "'{opener}'{owner} at {place} is never closed{where}.",
            opener=opener.text,
            owner=owner,
            place=place(run.source, opener.start),
            where=where,
        ),
        kind="unbalanced",
        span=Span(opener.start, opener.end),
        source=run.source,
        hint=say("Add the missing '{closer}'.", closer=CLOSER[opener.kind]),
        fixes=[] if where else [_all_closed(run)],
    )


def _all_closed(run: Run) -> Fix:
    """Every open bracket closed at the end of the text."""
    end = len(run.source.rstrip())
    missing = (CLOSER[bracket.opener.kind] for bracket in reversed(run.brackets))
    return Fix(Span(end, end), "".join(missing))


def unexpected_equals(run: Run, token: Token) -> FormulaSyntaxError:
    return syntax_error(
        run,
        say("Unexpected '='; only a name can be defined, at the beginning of a statement."),
        token,
        hint=say("Enter only the expression, or definitions before it: u = A*x - b; u'*u"),
    )


def end_of_index_expected(run: Run, token: Token) -> FormulaSyntaxError:
    """Something else after the lone ``:`` of an index."""
    if token.kind is Kind.END:
        return never_closed(run, run.brackets[-1])
    message = say("',' or ')' expected after ':', found {found}.", found=found(run, token))
    return syntax_error(run, message, token, hint=SLICE_HINT)
