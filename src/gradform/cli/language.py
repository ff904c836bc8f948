"""``--lang zh``, before or after any command: the language of everything that is printed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from gradform.api.settings import check_language
from gradform.errors import InputError
from gradform.language import say, speaking

__all__ = ["OPTION", "in_language", "without_language"]

OPTION = "--lang"


def without_language(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The arguments without the option, and the language it asks for."""
    rest: list[str] = []
    wanted: str | None = None
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            return [*rest, argument, *left], wanted
        name, equals, value = argument.partition("=")
        if name != OPTION:
            rest.append(argument)
        elif (wanted := value if equals else next(left, "")) == "":
            raise InputError(say("A language is needed: --lang zh."), kind="language")
    return rest, wanted


def in_language(wanted: str | None) -> AbstractContextManager[None]:
    """Speak the language asked for, or the current one."""
    return nullcontext() if wanted is None else speaking(check_language(wanted))
