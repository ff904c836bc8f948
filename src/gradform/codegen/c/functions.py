"""Functions of records in C.

A template of an entrywise function is an expression of entries. That of a function of whole
arrays is a call: ``{0}`` is the pointer to the first argument (a number when it has no axes),
``{rows}`` and ``{size}`` are those of the first argument, ``{rows1}`` those of the second;
``{result}`` is where the result goes when it is not returned, ``{work}`` is memory as large as
the first argument. A function that can fail returns an ``int``: 0, or the status that the
caller gets.

The text of a helper is parted at empty lines; equal parts are carried once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed
from gradform.errors import CannotError
from gradform.functions.record import Function
from gradform.language import say

__all__ = ["FAILS", "applied", "can_fail", "definitions", "template_of"]

_ARGUMENT = re.compile(r"\{(\w+)\}")
FAILS = "status"


def template_of(function: Function) -> str:
    """The template of a function. Raises CannotError where there is none."""
    template = function.spell.get("c")
    if template is None:
        raise CannotError(
            say(
                "'{name}' has no C form, so no C source can be generated for it.",
                name=function.name,
            ),
            kind="no_c",
            hint=say("ask for another language, such as 'numpy'"),
        )
    return template


def applied(template: str, given: Callable[[str], Text]) -> Text:
    """A template with its arguments, which are put in brackets where that is needed."""

    def put(found: re.Match[str]) -> str:
        before = template[: found.start()].rstrip()[-1:]
        after = template[found.end() :].lstrip()[:1]
        text = given(found.group(1))
        enclosed = before in ("(", ",") and after in (")", ",")
        return text.code if enclosed else bracketed(text, Precedence.ATOM)

    return atom(_ARGUMENT.sub(put, template))


def can_fail(function: Function) -> bool:
    """Whether the C function that the template calls returns a status."""
    called = template_of(function).partition("(")[0]
    return re.search(rf"^static int {called}\(", function.helpers.get("c", ""), re.M) is not None


def definitions(functions: Iterable[Function]) -> list[str]:
    """What the helpers of functions define, each part once."""
    parts: dict[str, None] = {}
    for function in functions:
        source = function.helpers.get("c", "").strip("\n")
        parts |= dict.fromkeys(source.split("\n\n") if source else ())
    return list(parts)
