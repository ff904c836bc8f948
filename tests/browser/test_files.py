"""What the page is made of: little, its own, and nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.npm import installed, is_available

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src" / "gradform" / "web" / "page"
KATEX = PAGE / "vendor" / "katex"
MOST = 1_000_000


def test_the_page_is_small() -> None:
    assert sum(path.stat().st_size for path in PAGE.rglob("*") if path.is_file()) < MOST


@pytest.mark.skipif(not is_available(), reason="needs Node.js with npm for KaTeX")
def test_katex_is_as_published() -> None:
    published = installed(ROOT / "tests" / "katex", "katex")
    vendored = [path for path in KATEX.rglob("*") if path.is_file() and path.name != "LICENSE"]
    assert len(vendored) == 22
    for path in vendored:
        assert path.read_bytes() == (published / "dist" / path.relative_to(KATEX)).read_bytes()
    assert (KATEX / "LICENSE").read_bytes() == (published / "LICENSE").read_bytes()


def test_the_styles_name_no_other_host_and_all_their_fonts_are_here() -> None:
    for path in PAGE.rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", path.read_text(encoding="utf-8")):
            # Browsers that know woff2 ask for nothing else.
            assert address.startswith("fonts/")
            if address.endswith(".woff2"):
                assert (path.parent / address).is_file()


def test_the_page_holds_no_code_or_style_of_its_own() -> None:
    document = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", document)
    assert re.findall(r"https?://\S+", document) == []
    for path in (PAGE / "js").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", text)
        assert set(re.findall(r"https?://[\w./]+", text)) <= {"http://www.w3.org/2000/svg"}
