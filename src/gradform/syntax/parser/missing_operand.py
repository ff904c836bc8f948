"""The errors for what stands, or ends, where an operand is expected."""

from __future__ import annotations

from gradform.errors import Fix, FormulaSyntaxError, Span
from gradform.language import Message, say
from gradform.syntax.lexer import Kind, Token
from gradform.syntax.parser.errors import (
    SLICE_HINT,
    found,
    syntax_error,
    typed,
    unexpected_equals,
)
from gradform.syntax.parser.run import Run

__all__ = ["operand_expected", "operand_missing"]


def operand_expected(run: Run, token: Token) -> FormulaSyntaxError:
    previous = run.previous()
    if token.kind is Kind.END:
        return operand_missing(run, token, say("The expression"))
    if token.kind is Kind.TRANSPOSE:
        return syntax_error(
            run,
            say("Transpose {typed} must follow its operand.", typed=typed(run, token)),
            token,
            hint=say("Write x' for the transpose of x."),
        )
    if token.kind is Kind.EQUALS:
        return unexpected_equals(run, token)
    if previous is not None and token.kind in (Kind.COMMA, Kind.SEMICOLON, Kind.CLOSE):
        missing = _missing_item(run, token, previous)
        if missing is not None:
            return missing
    message = say("Operand expected, found {found}.", found=found(run, token))
    if token.text == "*" and previous is not None and run.source[previous.start] == "*":
        return _double_star(run, message, token)
    return syntax_error(run, message, token)


def _double_star(run: Run, message: Message, token: Token) -> FormulaSyntaxError:
    return syntax_error(
        run,
        say(
            "{message} '**' is not a power operator here: use ^ (or .^ element-wise).",
            message=message,
        ),
        token,
        hint=say("Write x^2, or x.^2 element by element."),
        fixes=[Fix(Span(token.start - 1, token.end), "^")],
    )


def _missing_item(run: Run, token: Token, previous: Token) -> FormulaSyntaxError | None:
    """The error for nothing between two of ``( , : ; )``, None where an operator precedes."""
    bracket = run.innermost
    if bracket is None:
        return None
    if previous is bracket.opener and token.kind is Kind.CLOSE:
        parentheses = bracket.opener.kind is Kind.PARENTHESIS
        message = say("Empty parentheses.") if parentheses else say("Empty brackets.")
        return syntax_error(run, message, token)
    what = found(run, token)
    if previous.kind is Kind.COLON:
        message = say("The end of the slice is missing before {found}.", found=what)
        return syntax_error(run, message, token, hint=SLICE_HINT)
    if previous is bracket.opener or previous.kind in (Kind.COMMA, Kind.SEMICOLON):
        if bracket.opener.kind is Kind.BRACKET:
            message = say("A block is missing before {found}.", found=what)
        else:
            message = say("An argument is missing before {found}.", found=what)
        return syntax_error(run, message, token)
    return None


def operand_missing(run: Run, token: Token, whole: str) -> FormulaSyntaxError:
    """The text, or the line before a definition, ends where an operand is expected."""
    previous = run.previous()
    if previous is None:
        return FormulaSyntaxError(
            say("Empty input: there is no formula."),
            kind="empty",
            span=Span(0, 0),
            source=run.source,
        )
    hint = None
    if previous.kind is Kind.POWER:
        message = say("The exponent is missing after {found}.", found=found(run, previous))
    elif previous.kind is Kind.EQUALS:
        message = say("The value of the definition is missing after '='.")
    elif run.statement_start == run.at - 1:
        message = say("The formula is missing: there are only definitions.")
        hint = say("Write only the right-hand side, or add a formula that uses it: u = A*x; u'*u")
    else:
        message = say(
            "{whole} ends after {found}; an operand is missing.",
            whole=whole,
            found=found(run, previous),
        )
    span = Span(token.start, token.end)
    return FormulaSyntaxError(
        message, kind="unexpected_end", span=span, source=run.source, hint=hint
    )
