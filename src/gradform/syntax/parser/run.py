"""One run of the parser over one text: the tokens, how far they are read, what is open."""

from __future__ import annotations

from gradform.formula.tree import Formula
from gradform.syntax.lexer import Kind, Token, tokenize
from gradform.syntax.limits import Limits
from gradform.syntax.parser.expression import Expression

__all__ = ["Bracket", "Run"]


class Bracket:
    """An open ``(`` or ``[``: what was read before it, and its finished items."""

    __slots__ = ("compared", "items", "name", "opener", "outer", "rows", "slice_from")

    def __init__(self, opener: Token, name: Token | None, outer: Expression) -> None:
        self.opener = opener
        self.name = name  # of the function or variable, for a call
        self.outer = outer
        self.items: list[Formula] = []  # arguments of a call, or blocks of the current row
        self.rows: list[tuple[Formula, ...]] = []
        self.slice_from: tuple[Formula, int] | None = None  # "2" of "2:n", and its start
        self.compared: tuple[Formula, int, Token] | None = None  # "x" of "x < 1", its start, "<"


class Run:
    """One run over one text."""

    __slots__ = (
        "at",
        "brackets",
        "expression",
        "in_definition",
        "limits",
        "source",
        "statement_start",
        "tokens",
    )

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.tokens = tokenize(source, limits)
        self.at = 0  # index of the next token
        self.statement_start = 0
        self.in_definition = False
        self.expression = Expression()
        self.brackets: list[Bracket] = []

    @property
    def innermost(self) -> Bracket | None:
        """The bracket that is being read, None outside of all."""
        return self.brackets[-1] if self.brackets else None

    def previous(self) -> Token | None:
        """The token before the current one, newlines left out; None at the first."""
        at = self.at - 2
        if at >= 0 and self.tokens[at].kind is Kind.NEWLINE:
            at -= 1
        return self.tokens[at] if at >= 0 else None

    def end_statement(self) -> None:
        self.at -= 1  # the separator is for what reads the statements
