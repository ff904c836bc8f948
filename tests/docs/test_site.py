"""The site: every page can be reached."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.pages import PAGES, README, ROOT

DOCS = ROOT / "docs"


def entries(page: Path) -> set[Path]:
    """The pages that the tables of contents of a page list."""
    lists = re.findall(r"^```\{toctree\}\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    lines = [line for each in lists for line in each.splitlines() if line and line[0] != ":"]
    return {(page.parent / f"{line}.md").resolve() for line in lines}


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = set().union(*map(entries, PAGES))
    assert set(PAGES) - listed == {README, DOCS / "index.md"}
