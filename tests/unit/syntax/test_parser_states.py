"""The rules of a state: one for a kind of token, and an error where there is none."""

from __future__ import annotations

import pytest

from gradform.errors import FormulaSyntaxError
from gradform.syntax.lexer import Kind, Token
from gradform.syntax.limits import DEFAULT_LIMITS
from gradform.syntax.parser.errors import unexpected_equals
from gradform.syntax.parser.run import Run
from gradform.syntax.parser.states import State


def stay(run: Run, token: Token) -> State:
    return State(unexpected_equals)


def test_a_second_rule_for_a_kind_is_refused() -> None:
    state = State(unexpected_equals)
    state.on(Kind.NAME)(stay)
    with pytest.raises(ValueError, match="two rules for name"):
        state.on(Kind.NAME)(stay)


def test_a_token_without_a_rule_is_the_error_of_the_state() -> None:
    run = Run("=", DEFAULT_LIMITS)
    with pytest.raises(FormulaSyntaxError, match="Unexpected '='"):
        State(unexpected_equals)[Kind.EQUALS](run, run.tokens[0])
