"""Light and dark, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.watched import Watched

LIGHTNESS = """() => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data[1];
}"""
LONG = "sum(log(vector(1) + exp(-y.*(X*w)))) + norm2(X*w - y)^2 + w'*w + norm1(w) + logsumexp(X*w)"


def is_dark(visitor: Watched) -> bool:
    return int(visitor.page.evaluate(LIGHTNESS)) < 128


def test_the_page_is_dark_where_the_system_is(visitor: Watched) -> None:
    visitor.page.emulate_media(color_scheme="dark")
    visitor.opens()
    assert is_dark(visitor)
    visitor.page.emulate_media(color_scheme="light")
    assert not is_dark(visitor)


def test_the_theme_is_chosen_and_remembered(visitor: Watched) -> None:
    visitor.opens("norm2(A*x - y)^2", by="x", pane="graph")
    expect(visitor.formula).to_be_attached()
    visitor.page.get_by_role("button", name="Theme: as the system").click()
    visitor.page.get_by_role("button", name="Theme: light").click()
    expect(visitor.page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert is_dark(visitor)
    paper = visitor.page.locator("svg .paper").first
    fill = str(paper.evaluate("e => getComputedStyle(e).fill"))
    assert max(map(int, re.findall(r"\d+", fill)[:3])) < 128
    visitor.page.reload()
    assert is_dark(visitor)
    visitor.page.get_by_role("button", name="Theme: dark").click()
    assert not is_dark(visitor)


OUTSIDE = """width => [...document.querySelectorAll("button, input, select, textarea")]
  .filter((e) => e.checkVisibility() && !e.closest(".tabs, pre, .unseen"))
  .filter((e) => e.getBoundingClientRect().right > width + 1).map((e) => e.outerHTML)"""
PANES = ["Derivation", "Graph", "Plot", "Other forms", "Code", "Your numbers"]


@pytest.mark.parametrize("width", [360, 414, 768, 1024, 1920])
def test_nothing_runs_off_the_side(visitor: Watched, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 740})
    visitor.opens(LONG, by="w")
    expect(visitor.formula).to_be_attached()
    for pane in PANES:
        visitor.pane(pane)
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == width
        assert visitor.page.evaluate(OUTSIDE, width) == []


def test_a_phone_shows_the_formula_before_the_details(visitor: Watched) -> None:
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    visitor.opens("norm2(A*x - y)^2", by="x")
    expect(visitor.formula).to_be_attached()
    expect(visitor.page.locator("details.fold[open]")).to_have_count(0)
    box = visitor.page.locator(".hero-formula").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740
    visitor.page.get_by_text("Variables", exact=True).click()
    expect(visitor.page.get_by_label("Type of A")).to_be_visible()


def test_the_formula_is_not_cut_off(visitor: Watched) -> None:
    visitor.page.set_viewport_size({"width": 1400, "height": 500})
    visitor.opens("x'*A*x/(x'*x)", by="x", pane="code")
    expect(visitor.formula).to_be_attached()
    script = "e => e.scrollHeight - e.clientHeight"
    assert visitor.page.locator(".hero-formula").evaluate(script) <= 1


def test_touch_targets_are_large_enough(visitor: Watched) -> None:
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    visitor.opens("norm2(A*x - y)^2", by="x")
    expect(visitor.formula).to_be_attached()
    small = """() => [...document.querySelectorAll("button, select, .chip, .card, summary")]
      .filter((e) => e.checkVisibility())
      .filter((e) => { const r = e.getBoundingClientRect(); return r.height < 24 || r.width < 24; })
      .map((e) => e.outerHTML)"""
    assert visitor.page.evaluate(small) == []
