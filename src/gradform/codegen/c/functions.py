"""Functions of records in C.

A template of an entrywise function is an expression of entries. That of a function of whole
arrays is a call: ``{0}`` is the pointer to the first argument (a number when it has no axes),
``{rows}`` and ``{size}`` are those of the first argument, ``{rows1}`` those of the second;
``{result}`` is where the result goes when it is not returned, ``{work}`` is memory as large as
the first argument. A function that can fail returns an ``int``: 0, or the status that the
caller gets.

The text of a helper is parted at empty lines; equal parts are carried once.

A choice is a function of its own: its arguments are there before it chooses. What is read from
memory only where it is chosen, GCC 12 mixes up in loops that it computes several rounds of at once.
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
    return f"{function.name}({{0}}, {{1}}, {{2}})" if function.chooses else template


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
        if function.chooses:
            parts[_choice(function)] = None
            continue
        source = function.helpers.get("c", "").strip("\n")
        parts |= dict.fromkeys(source.split("\n\n") if source else ())
    return list(parts)


def _choice(function: Function) -> str:
    """A function that takes the second or the third of its arguments, as the first says."""
    names = ("decides", "one", "other")
    taken = function.spell["c"].format(*names)
    return (
        f"static inline double {function.name}(double {', double '.join(names)})\n"
        f"{{\n    return {taken[1:-1]};\n}}"
    )
