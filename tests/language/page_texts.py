"""The texts of the web page: every English template in its HTML and its JavaScript."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["page_templates", "unreadable_calls"]

_PAGE = Path(__file__).parents[2] / "src" / "gradform" / "web" / "page"
_CALL = re.compile(r"(?<![\w.])say\(\s*(\"(?:[^\"\\]|\\.)*\")?")
# The module that says what index.html holds takes its templates from there.
_READER = "language.js"


def page_templates() -> frozenset[str]:
    """Everything that the page says."""
    document = _Document()
    document.feed((_PAGE / "index.html").read_text(encoding="utf-8"))
    called = (json.loads(found[1]) for _, found in _calls() if found[1])
    return frozenset(document.templates) | frozenset(called)


def unreadable_calls() -> list[str]:
    """The modules that say something other than a literal template."""
    return [path.name for path, found in _calls() if not found[1] and path.name != _READER]


def _calls() -> list[tuple[Path, re.Match[str]]]:
    modules = sorted((_PAGE / "js").rglob("*.js"))
    return [
        (path, found)
        for path in modules
        for found in _CALL.finditer(path.read_text(encoding="utf-8"))
    ]


class _Document(HTMLParser):
    """Collects the text of elements with ``data-say`` and the attributes that
    ``data-say-attributes`` names."""

    def __init__(self) -> None:
        super().__init__()
        self.templates: set[str] = set()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._inside = "data-say" in found
        named = found.get("data-say-attributes", "").split()
        self.templates.update(found[name] for name in named)

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.templates.add(data)
        self._inside = False
