"""Docstrings as Markdown: paragraphs, and the lists of arguments that stand in two columns."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from docs.extension.markdown import code, sentence

__all__ = ["as_markdown", "entries", "signature", "summary"]

_ENTRY = re.compile(r"(\S+(?: \S+)*?)  +(\S.*)")
_ROLE = re.compile(r":\w+:`~?([^`]*)`")


def as_markdown(thing: object) -> str:
    """The whole docstring."""
    text = inspect.getdoc(thing) or ""
    return "\n\n".join(_paragraph(part) for part in text.split("\n\n"))


def summary(thing: object) -> str:
    """Its first paragraph in one line."""
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return _text(" ".join(first.split()))


def entries(thing: object) -> dict[str, str]:
    """The names that its docstring lists, with what they are."""
    found: dict[str, str] = {}
    for part in (inspect.getdoc(thing) or "").split("\n\n"):
        lines = part.split("\n")
        if _ENTRY.fullmatch(lines[0]):
            for names, text in _entries(lines):
                found.update(dict.fromkeys(names.split(", "), text))
    return found


def signature(name: str, function: object) -> str:
    """A call with the defaults, without annotations."""
    assert callable(function)
    found = inspect.signature(function)
    kept = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
        if parameter.name not in ("self", "cls")
    ]
    bare = found.replace(parameters=kept, return_annotation=inspect.Signature.empty)
    return f"{name}{bare}"


def _text(text: str) -> str:
    return sentence(_ROLE.sub(r"``\1``", text))


def _paragraph(part: str) -> str:
    lines = part.split("\n")
    if not _ENTRY.fullmatch(lines[0]):
        return _text(part)
    pairs = ((", ".join(map(code, names.split(", "))), text) for names, text in _entries(lines))
    return "\n".join(f"- {names}: {_text(text)}" for names, text in pairs)


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """``name   what it is``, with further lines indented."""
    found: list[list[str]] = []
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if entry:
            found.append([entry[1].replace("`", ""), entry[2]])
        else:
            found[-1].append(line.strip())
    for names, *words in found:
        yield names, " ".join(words)
