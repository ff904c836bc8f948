"""The pages of the documentation and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["LANGUAGES", "PAGES", "README", "ROOT", "Block", "blocks", "is_how_to", "name"]

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
GENERATED = ROOT / "docs" / "reference" / "generated"
"""What the site's build writes; it has no blocks that are not made by gradform itself."""

PAGES = [
    README,
    *(p for p in sorted((ROOT / "docs").rglob("*.md")) if not p.is_relative_to(GENERATED)),
]

LANGUAGES = {"python", "console", "sh", "diff"}
"""Each of them is run: sessions and files, a terminal, setting up, changes of files."""


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that the block is the text of: its first line is a comment that says so."""
        found = re.match(r"# ((?:src|tests)/\S+\.py)\n", self.text)
        return found[1] if found and self.language == "python" else None


def blocks(page: Path) -> Iterator[Block]:
    """The blocks in order, without Sphinx's directives."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(.*?)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if not found[1].startswith("{"):
            yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 2)


def is_how_to(page: Path) -> bool:
    """Whether the page changes files of gradform, so that it is carried out on a copy."""
    return any(block.file or block.language == "diff" for block in blocks(page))


def name(page: Path) -> str:
    """The page's place, which names its tests."""
    return str(page.relative_to(ROOT))
