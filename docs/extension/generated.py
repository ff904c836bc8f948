"""The pages that are made when the site is built: what they are called and where they go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docs.extension.errors import errors_page
from docs.extension.functions import families, family_page, overview
from docs.extension.interface import interface_page
from docs.extension.rules import rules_page

__all__ = ["pages", "write_pages"]


def pages() -> Iterator[tuple[str, str]]:
    """Names and Markdown."""
    yield "functions", overview()
    for family in families():
        yield f"functions-{family}", family_page(family)
    yield "rules", rules_page()
    yield "interface", interface_page()
    yield "errors", errors_page()


def write_pages(folder: Path) -> None:
    """Write what has changed, so that Sphinx reads only that again; remove what is no page."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{name}.md": text for name, text in pages()}
    for old in set(folder.glob("*.md")) - wanted.keys():
        old.unlink()
    for file, text in wanted.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
