"""Every text of the product, found in its sources: templates in Python, in the page, in records."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from gradform.functions import all_functions
from gradform.syntax.declare import STRUCTURES

SOURCE = Path(__file__).parents[2] / "src" / "gradform"
_PAGE = SOURCE / "web" / "page"
_JAVASCRIPT_TEXT = r'"(?:[^"\\\n]|\\.)*"'
# Words that are not in formulas.
_WORD = re.compile(
    r"\b(the|of|for|where|is|with|and|are|has|otherwise|entrywise|elsewhere|over|inverse|"
    r"natural|integral|accurate|determinant|norm|columns?|rows?|lower|upper|smaller|larger)\b"
)

# What is looked up by a name that is no literal: verdicts, statuses, kinds of candidates.
NAMES = (
    *("convex", "concave", "affine", "neither", "undecided", "not convex", "not proved"),
    *("EXACT", "OUTER", "INNER", "REFUSED", "UNDECIDED", "outer", "inner", "refused"),
    *("converged", "iteration limit", "stalled", "interrupted", "stopped"),
    *("formula", "code"),
)


class Told(NamedTuple):
    """A call of ``say``: the call and where it is."""

    call: ast.Call
    place: str

    @property
    def template(self) -> str | None:
        """The template, None where it is no literal."""
        first = self.call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value
        return None


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module with the path below the package."""
    paths = sorted(SOURCE.rglob("*.py"))
    return tuple(
        (path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in paths
    )


def calls_of(*names: str) -> Iterator[Told]:
    """Calls of functions by these names."""
    return (told for name, told in _calls() if name in names)


@cache
def _calls() -> tuple[tuple[str, Told], ...]:
    """All calls with arguments, by the name of the function."""
    return tuple(
        (name_of(node), Told(node, f"{path}:{node.lineno}"))
        for path, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and node.args
    )


def name_of(call: ast.Call) -> str:
    """The name of the function that is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


@cache
def of_python() -> frozenset[str]:
    """Templates in ``say``, texts in ``phrase`` and separators in ``joined``."""
    found: set[object] = {told.template for told in calls_of("say", "phrase")}
    found |= {
        told.call.args[1].value
        for told in calls_of("joined")
        if len(told.call.args) > 1 and isinstance(told.call.args[1], ast.Constant)
    }
    return frozenset(each for each in found if isinstance(each, str))


@cache
def of_records() -> frozenset[str]:
    """Sentences in the records of functions, and the names of structures."""
    texts = {record.formula for record in all_functions()}
    texts |= {each.template for record in all_functions() for each in record.conditions}
    return frozenset(text for text in texts if _WORD.search(text)) | STRUCTURES | set(NAMES)


@cache
def of_page() -> frozenset[str]:
    """Templates of the page: in its scripts and in its elements."""
    found = _Elements()
    found.feed((_PAGE / "index.html").read_text(encoding="utf-8"))
    said = rf"\bsay\(\s*({_JAVASCRIPT_TEXT})"
    return frozenset(found.texts) | {json.loads(text) for text in re.findall(said, _scripts())}


@cache
def strings_of_page() -> frozenset[str]:
    """All strings in the scripts of the page: some are looked up under another name."""
    return frozenset(json.loads(text) for text in re.findall(_JAVASCRIPT_TEXT, _scripts()))


def _scripts() -> str:
    paths = sorted((_PAGE / "js").rglob("*.js"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


class _Elements(HTMLParser):
    """Texts of elements with ``data-say`` and attributes named in ``data-say-attributes``."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in (given.get("data-say-attributes") or "").split():
            self.texts.add(given[name] or "")
        if "data-say" in given:
            self._open = []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open is not None:
            self.texts.add("".join(self._open))
            self._open = None
