"""Pieces of Markdown for the generated pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["code", "formula", "heading", "row", "sentence", "table"]


def heading(level: int, title: str, target: str | None = None) -> str:
    """A heading, and the name by which other pages refer to it."""
    label = f"({target})=\n" if target else ""
    return f"{label}{'#' * level} {title}"


def code(text: str) -> str:
    """Text as it is typed; a table would take a bar for the end of a cell."""
    return "`" + text.replace("|", r"\|") + "`"


def formula(latex: str) -> str:
    """LaTeX inside a line."""
    return f"$\\displaystyle {latex}$"


def sentence(text: str) -> str:
    """Plain text that Markdown must not read as markup, with ``code`` of docstrings as code."""
    parts = text.split("``")
    plain = [_escaped(part) for part in parts[::2]]
    marked = [code(part) for part in parts[1::2]]
    return "".join(each for pair in zip(plain, [*marked, ""], strict=True) for each in pair)


def _escaped(text: str) -> str:
    for character in "\\`*_{}[]<>|$":
        text = text.replace(character, "\\" + character)
    return text


def row(*cells: str) -> str:
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; without words in its head the head is empty, as Markdown needs one."""
    lines = [row(*head), row(*["---"] * len(head))]
    return "\n".join([*lines, *(row(*cells) for cells in rows)])
