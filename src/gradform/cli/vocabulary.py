"""The list of functions: ``gradform functions``."""

from __future__ import annotations

from itertools import count

from gradform.cli.colours import Colours
from gradform.functions import all_functions
from gradform.functions.record import Function
from gradform.language import joined, phrase, say

__all__ = ["call_of", "vocabulary"]

_LETTERS = {"condition": "c", "expr": "xyz", "dim": "nmk", "int": "k", "axis": ("axis",)}


def vocabulary(colours: Colours) -> str:
    """One line for each function: how it is called, what it is, its other names."""
    records = all_functions()
    calls = [call_of(record) for record in records]
    width = max(map(len, calls))
    lines = []
    for record, call in zip(records, calls, strict=True):
        described = phrase(record.formula)
        if record.aliases:
            described = say(
                "{formula}  (also {names})", formula=described, names=joined(record.aliases)
            )
        lines.append(f"{colours.strong(call.ljust(width))}  {described}")
    return "\n".join(lines)


def call_of(record: Function) -> str:
    """``softmax(x[, axis])``"""
    seen = {kind: count() for kind in _LETTERS}
    text = ""
    for parameter in record.parameters:
        kind = parameter.removesuffix("?")
        comma = ", " if text else ""
        word = comma + _LETTERS[kind][next(seen[kind])]
        text += f"[{word}]" if parameter.endswith("?") else word
    return f"{record.name}({text}{', …' if record.repeats else ''})"
