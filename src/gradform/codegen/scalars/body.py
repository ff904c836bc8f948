"""Expressions as statements of Python on floats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from gradform.codegen.python.functions import filled
from gradform.codegen.scalars.graph import Entry, Graph
from gradform.codegen.text.pieces import Precedence, Text, atom, bracketed, wrapped

__all__ = ["Body"]

_ARGUMENT = re.compile(r"\{(\d+)\}")
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_DEEPEST = 8  # expressions within one another that are no statements


class Body:
    """An expression that is needed once stands where it is needed, all others have names.

    ``checked`` are the names of what must be finite, ``operations`` counts what is done.
    """

    def __init__(self, graph: Graph, temporary: Callable[[], str]) -> None:
        self.graph = graph
        self.lines: list[str] = []
        self.checked: list[str] = []
        self.operations = 0
        self._temporary = temporary
        self._texts: dict[int, Text] = {}
        self._depths: dict[int, int] = {}

    def write(self, outputs: Sequence[Any]) -> None:
        """Statements for the entries of the outputs, and for what must be finite."""
        places = {int(place) for array in outputs for place in array.flat}
        checked = self.graph.checked(places)
        named = places.union(checked)
        needed = self.graph.needed(named)
        uses: Counter[int] = Counter()
        for place in needed:
            uses.update(_mentioned(self.graph.entries[place]))
        for place in needed:
            self._place(place, self.graph.entries[place], place in named or uses[place] > 1)
        self.checked = [self.code(place) for place in checked]

    def code(self, place: Any) -> str:
        return self._texts[int(place)].code

    def _place(self, place: int, entry: Entry, named: bool) -> None:
        texts = [self._texts[argument] for argument in entry.arguments]
        depth = 1 + max((self._depths[argument] for argument in entry.arguments), default=-1)
        text = _text(entry, texts)
        self.operations += entry.kind not in ("input", "number")
        if (named or depth >= _DEEPEST) and entry.kind not in ("input", "number"):
            name = self._temporary()
            self.lines.extend(wrapped(f"{name} = ", text.code, " " * 8))
            text, depth = atom(name), 0
        self._texts[place] = text
        self._depths[place] = depth


def _mentioned(entry: Entry) -> list[int]:
    """The arguments, as often as the text has them."""
    if entry.kind != "call":
        return list(entry.arguments)
    return [entry.arguments[int(k)] for k in _ARGUMENT.findall(str(entry.content))]


def _text(entry: Entry, texts: Sequence[Text]) -> Text:
    match entry.kind:
        case "input":
            return atom(str(entry.content))
        case "number":
            code = repr(entry.content)
            return Text(code, Precedence.SIGN if code.startswith("-") else Precedence.ATOM)
        case "negative":
            code = bracketed(texts[0], Precedence.PRODUCT)
            precedence = min(texts[0].precedence, Precedence.SIGN)
            return Text(f"-{code}", max(precedence, Precedence.PRODUCT))
        case "call":
            return filled(str(entry.content), texts)
        case kind:
            level = Precedence.SUM if kind in ("add", "subtract") else Precedence.PRODUCT
            left = bracketed(texts[0], level)
            right = bracketed(texts[1], Precedence(level + 1))
            if level == Precedence.PRODUCT:
                right = bracketed(texts[1], Precedence.SIGN)
            return Text(f"{left} {_SIGNS[kind]} {right}", level)
