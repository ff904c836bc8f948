"""No serious violation of the accessibility guidelines, as far as axe can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.watched import Watched
from tests.support.npm import installed, is_available

pytestmark = pytest.mark.skipif(not is_available(), reason="needs Node.js with npm for axe-core")

RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]);
}"""
PANES = ["Derivation", "Graph", "Plot", "Other forms", "Code", "Your numbers"]


@pytest.fixture(scope="session")
def axe() -> str:
    package = installed(Path(__file__).parent, "axe-core")
    return (package / "axe.min.js").read_text(encoding="utf-8")


def violations(visitor: Watched, axe: str) -> Any:
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.evaluate(axe)
    return visitor.page.evaluate(RUN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_panes(visitor: Watched, axe: str, scheme: Any) -> None:
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.opens("abs(x - 1) + a*x^2", by="x", var="x:scalar::", at="1")
    expect(visitor.formula).to_be_attached()
    for pane in PANES:
        visitor.pane(pane)
        assert violations(visitor, axe) == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [360, 1400])
def test_widths_and_languages(visitor: Watched, axe: str, width: int, language: str) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.opens("-logdet(S)/2 - x'*inv(S)*x/2", by="S", var="S:matrix:n,n:spd")
    expect(visitor.formula).to_be_attached()
    visitor.page.locator("#language").select_option(language)
    visitor.page.locator(".certificate summary").click()
    assert violations(visitor, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_errors(visitor: Watched, axe: str, scheme: Any) -> None:
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.formula).to_be_attached()
    visitor.types("sum(softmx(x))")
    expect(visitor.page.get_by_role("button", name="Use softmax")).to_be_visible()
    assert violations(visitor, axe) == []


@pytest.mark.parametrize("tool", ["Examples", "Functions", "Keyboard"])
def test_dialogs(visitor: Watched, axe: str, tool: str) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    visitor.page.get_by_role("button", name=tool, exact=True).click()
    expect(visitor.page.get_by_role("dialog", name=tool)).to_be_visible()
    assert violations(visitor, axe) == []


def test_the_answer_is_announced_when_the_typing_rests(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.page.locator("#spoken")).to_contain_text("∂f/∂x = 2·x")
    visitor.types("softmx(x)")
    expect(visitor.page.locator("#spoken")).to_contain_text("softmax")
    expect(visitor.page.locator("#spoken")).to_have_attribute("role", "status")
