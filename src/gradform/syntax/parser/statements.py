"""Statements: definitions and the formula after them, and where one ends."""

from __future__ import annotations

from gradform.errors import Span
from gradform.formula.tree import Definition, Formula, Program
from gradform.language import say
from gradform.syntax.lexer import Kind, Token, reading_notes
from gradform.syntax.limits import DEFAULT_LIMITS, Limits
from gradform.syntax.parser.errors import never_closed, syntax_error
from gradform.syntax.parser.missing_operand import operand_missing
from gradform.syntax.parser.operands import check_name
from gradform.syntax.parser.run import Run
from gradform.syntax.parser.states import OPERAND, OPERATOR, State

__all__ = ["end", "newline_after_operand", "newline_before_operand", "parse_formula"]

_BEGINS_FORMULA = frozenset({Kind.NAME, Kind.NUMBER, Kind.PARENTHESIS, Kind.BRACKET, Kind.SIGN})


def parse_formula(source: str, limits: Limits = DEFAULT_LIMITS) -> Program:
    """The tree of ``source``: definitions, the formula, and notes on characters read as others.

    Raises ``FormulaSyntaxError`` where the text is not a formula, ``LimitError`` where it
    exceeds ``limits`` and ``UnknownNameError`` for a name nobody can have declared.
    """
    run = Run(source, limits)
    definitions: list[Definition] = []
    while True:
        name = _definition_head(run)
        run.in_definition = name is not None
        value = _formula(run)
        if name is None:
            break
        definitions.append(Definition(name.text, value, Span(name.start, name.end)))
        _skip_separators(run)
    _expect_nothing_more(run)
    return Program(tuple(definitions), value, source, reading_notes(source))


def _definition_head(run: Run) -> Token | None:
    """The name of ``name =`` where a definition begins, else None."""
    if run.tokens[run.at].kind is Kind.NEWLINE:
        run.at += 1
    name = None
    if _definition_follows(run):
        name = run.tokens[run.at]
        check_name(run, name)
        run.at += 2
    run.statement_start = run.at
    return name


def _formula(run: Run) -> Formula:
    tokens = run.tokens
    state: State | None = OPERAND
    while state is not None:
        token = tokens[run.at]
        run.at += 1
        state = state[token.kind](run, token)
    return run.expression.result()


def _skip_separators(run: Run) -> None:
    while run.tokens[run.at].kind in (Kind.SEMICOLON, Kind.NEWLINE):
        run.at += 1


def _expect_nothing_more(run: Run) -> None:
    separator = run.tokens[run.at]
    _skip_separators(run)
    if run.tokens[run.at].kind is not Kind.END:
        raise syntax_error(
            run,
            say("More follows after the formula, which must be the last statement."),
            separator,
            hint=say("Name what comes before it: u = A*x - b; u'*u"),
        )


@OPERAND.on(Kind.NEWLINE)
def newline_before_operand(run: Run, token: Token) -> State:
    if not run.brackets and _definition_follows(run):
        raise operand_missing(run, token, say("The line"))
    return OPERAND


@OPERATOR.on(Kind.NEWLINE)
def newline_after_operand(run: Run, _token: Token) -> State | None:
    """A newline ends a definition, and any statement before a definition; else it is a blank.

    A definition goes on where the next line cannot begin a formula. A line that begins
    with a sign can: ``-y'*log(p)`` after ``p = sigmoid(A*x)`` is the formula.
    """
    definition_follows = _definition_follows(run)
    if run.brackets:
        if definition_follows:
            raise never_closed(run, run.brackets[-1])
        return OPERATOR
    formula_follows = run.tokens[run.at].kind in _BEGINS_FORMULA
    if definition_follows or (run.in_definition and formula_follows):
        run.end_statement()
        return None
    return OPERATOR


@OPERATOR.on(Kind.END)
def end(run: Run, _token: Token) -> None:
    if run.brackets:
        raise never_closed(run, run.brackets[-1])
    run.end_statement()


def _definition_follows(run: Run) -> bool:
    # The END token is never a name, so at + 1 is inside the list.
    tokens, at = run.tokens, run.at
    return tokens[at].kind is Kind.NAME and tokens[at + 1].kind is Kind.EQUALS
