"""The error for two operands in a row, with what they were probably meant to be."""

from __future__ import annotations

import re

from gradform.errors import Fix, FormulaSyntaxError, Span
from gradform.language import say
from gradform.syntax.lexer import CHOOSE_VARIABLE, Kind, Token
from gradform.syntax.parser.errors import CLOSER, found, short, syntax_error
from gradform.syntax.parser.run import Run

__all__ = ["operator_expected"]

_WITH_RESPECT_TO = re.compile(r"(?:wrt|w\.r\.t)\b", re.IGNORECASE)
_DERIVATIVE_OPERATOR = re.compile(r"\s*(d[\w^]*\s*/\s*d[\w^]+)\s*$")


def operator_expected(run: Run, token: Token) -> FormulaSyntaxError:
    if _WITH_RESPECT_TO.match(run.source, token.start):
        message = say("Unexpected {found}.", found=found(run, token))
        return syntax_error(run, message, token, hint=CHOOSE_VARIABLE)
    if operator := _DERIVATIVE_OPERATOR.match(run.source, 0, token.start):
        message = say("Missing operator after {operator}.", operator=operator[1])
        return syntax_error(run, message, token, hint=CHOOSE_VARIABLE)
    left = short(run.source[run.expression.start : run.expression.end])
    right = short(run.source[token.start : _operand_end(run, token)])
    return syntax_error(
        run,
        say(
            "Missing operator between {left} and {right}: write {left}*{right}.",
            left=left,
            right=right,
        ),
        token,
        hint=_juxtaposition_hint(run, left, right),
        fixes=[Fix(Span(run.expression.end, token.start), "*")],
    )


def _juxtaposition_hint(run: Run, left: str, right: str) -> str | None:
    """What two operands in a row may have meant other than a product."""
    before = run.tokens[run.at - 2]
    if before.kind is Kind.NEWLINE:
        return say("A new line goes on with the formula; only definitions end with their line.")
    if run.brackets and run.brackets[-1].opener.kind is Kind.BRACKET:
        return say("Separate blocks with ',' (side by side) or ';' (below one another).")
    if before.kind is Kind.NAME and len(before.text) > 1:
        return say("If {left} is a function, write {left}({right}).", left=left, right=right)
    return None


def _operand_end(run: Run, token: Token) -> int:
    """Where the operand that begins with ``token`` ends, for showing it."""
    depth = 0
    for following in run.tokens[run.at - 1 :]:
        if following.kind in CLOSER:
            depth += 1
        elif following.kind is Kind.CLOSE:
            depth -= 1
        if depth == 0:
            return following.end
    return token.end
