"""The built documentation, where it has been built."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

__all__ = ["HtmlPage", "built_site"]


def built_site() -> Path:
    """The folder of the site; what needs it is skipped where nobody has built it.

    ``GRADFORM_DOCS`` names the folder of a site that must be there, as in continuous integration.
    """
    required = os.environ.get("GRADFORM_DOCS")
    site = ROOT / (required or "build/docs")
    if not (site / "index.html").exists():
        if required:
            pytest.fail(f"there is no documentation in {site}")
        pytest.skip("the documentation is not built: sphinx-build -qW docs build/docs")
    return site


class HtmlPage(HTMLParser):
    """Links and targets of a page, and the language that it is in."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.targets: set[str] = set()
        self.language = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if "id" in given:
            self.targets.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if tag in ("script", "img") and "src" in given:
            self.loaded.add(given["src"])
        if tag == "link" and given.get("rel") == "stylesheet":
            self.loaded.add(given["href"])
