"""What the parser can expect, and the rules for the tokens that it then finds.

A rule of the grammar is a function under ``@OPERAND.on(kind)`` or that of another state, and
nothing else; a token without a rule is the error that its state tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias

from gradform.errors import GradformError
from gradform.syntax.lexer import Kind, Token, bad_character
from gradform.syntax.parser.errors import end_of_index_expected
from gradform.syntax.parser.missing_operand import operand_expected
from gradform.syntax.parser.missing_operator import operator_expected
from gradform.syntax.parser.run import Run

__all__ = ["AFTER_COLON", "OPERAND", "OPERATOR", "State", "bad"]


class State(dict[Kind, "_Rule"]):
    """What is done with each kind of token where the parser expects one thing."""

    def __init__(self, expected: Callable[[Run, Token], GradformError]) -> None:
        super().__init__()
        self._expected = expected

    def on(self, kind: Kind) -> Callable[[_Rule], _Rule]:
        """Makes a function the rule for a kind of token."""

        def register(rule: _Rule) -> _Rule:
            if kind in self:
                raise ValueError(f"two rules for {kind} in one state")
            self[kind] = rule
            return rule

        return register

    def __missing__(self, kind: Kind) -> _Rule:
        return self._refuse

    def _refuse(self, run: Run, token: Token) -> NoReturn:
        raise self._expected(run, token)


_Rule: TypeAlias = Callable[[Run, Token], State | None]

OPERAND = State(operand_expected)
OPERATOR = State(operator_expected)
AFTER_COLON = State(end_of_index_expected)


@OPERAND.on(Kind.BAD)
@OPERATOR.on(Kind.BAD)
@AFTER_COLON.on(Kind.BAD)
def bad(run: Run, token: Token) -> NoReturn:
    raise bad_character(run.source, token)
