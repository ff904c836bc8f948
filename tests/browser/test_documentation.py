"""The built documentation in a browser, from files: formulas, pictures, search, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.docs.built import built_site


@pytest.fixture(scope="module")
def site() -> Path:
    return built_site()


@pytest.fixture
def reader(context: BrowserContext) -> Iterator[Page]:
    """A page that complains of nothing and asks for files only."""
    page = context.new_page()
    complaints: list[str] = []
    strangers: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: strangers.append(request.url))
    yield page
    assert complaints == []
    assert [url for url in strangers if not url.startswith(("file:", "data:"))] == []


def test_every_page_opens_and_every_formula_is_set(reader: Page, site: Path) -> None:
    formulas = 0
    for file in sorted(site.rglob("*.html")):
        reader.goto(file.as_uri())
        assert reader.locator(".katex-error").count() == 0, file
        wanted = reader.locator(".formula").count()
        expect(reader.locator(".formula > .katex, .formula > .katex-display")).to_have_count(wanted)
        formulas += wanted
    assert formulas > 200


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("softmax", "log_softmax"),
        ("subdifferential", "Tutorial"),
        ("链式法则", "教程"),
        ("布局", "布局"),
    ],
)
def test_search_finds_both_languages(reader: Page, site: Path, typed: str, found: str) -> None:
    reader.goto((site / "index.html").as_uri())
    reader.get_by_role("textbox", name="Search").fill(typed)
    reader.keyboard.press("Enter")
    results = reader.locator("#search-results li a")
    expect(results.filter(has_text=re.compile(re.escape(found))).first).to_be_visible()


def test_pictures_are_dark_where_the_page_is(reader: Page, site: Path) -> None:
    reader.goto((site / "layouts.html").as_uri())
    label = reader.locator("svg.gradform text").first
    ink = "e => getComputedStyle(e).fill"
    light = label.evaluate(ink)
    toggle = reader.locator(".theme-toggle:visible").first
    for _ in range(3):
        toggle.click()
        if reader.locator("body").get_attribute("data-theme") == "dark":
            break
    assert reader.locator("body").get_attribute("data-theme") == "dark"
    assert label.evaluate(ink) != light


def test_a_phone_scrolls_down_only(context: BrowserContext, site: Path) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("tutorial", "layouts", "zh/tutorial", "reference/generated/functions-norms"):
        page.goto((site / f"{name}.html").as_uri())
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, name
