"""The built documentation as files: every link leads somewhere, and nothing is loaded from afar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from gradform.functions import all_functions
from tests.docs.built import HtmlPage, built_site
from tests.docs.pages import PAGES, README, ROOT


@pytest.fixture(scope="module")
def site() -> Path:
    return built_site()


@cache
def parsed(file: Path) -> HtmlPage:
    return HtmlPage(file)


def html_files(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_page_is_there(site: Path) -> None:
    for page in set(PAGES) - {README}:
        assert (site / page.relative_to(ROOT / "docs")).with_suffix(".html").exists(), page


def test_links_lead_to_a_place_on_a_page(site: Path) -> None:
    broken = []
    for file in html_files(site):
        for link in parsed(file).links:
            if not urlsplit(link).scheme and not leads_somewhere(file, link):
                broken.append((file.name, link))
    assert broken == []


def leads_somewhere(file: Path, link: str) -> bool:
    """Whether the file is there, and on it the place."""
    parts = urlsplit(link)
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if not target.exists() or target.suffix != ".html" or not parts.fragment:
        return target.exists()
    return unquote(parts.fragment) in parsed(target).targets


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for file in html_files(site):
        for source in parsed(file).loaded:
            parts = urlsplit(source)
            assert not parts.scheme and not parts.netloc, (file, source)
            assert (file.parent / unquote(parts.path)).exists(), (file, source)


def test_pages_say_in_which_language_they_are(site: Path) -> None:
    for file in html_files(site):
        chinese = file.parent == site / "zh"
        assert parsed(file).language == ("zh-CN" if chinese else "en"), file


def test_every_function_has_a_place(site: Path) -> None:
    places = set().union(*(parsed(f).targets for f in site.rglob("functions-*.html")))
    wanted = {f"function-{record.name}".replace("_", "-").lower() for record in all_functions()}
    assert wanted <= {place.lower() for place in places}
