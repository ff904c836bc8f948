"""Everything without a mouse."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.watched import Watched

DIALOGS = {"Control+k": "Examples", "Control+i": "Functions", "Control+/": "Keyboard"}
# Behind its last element the focus may go to the browser's own bar: to the body, for the page.
INSIDE = """dialog => {
  const at = document.activeElement;
  return dialog.contains(at) || at === document.body;
}"""


def press(visitor: Watched, *keys: str) -> None:
    for key in keys:
        visitor.page.keyboard.press(key)


def test_from_the_first_key_to_the_copied_code(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    press(visitor, "Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the formula")).to_be_focused()
    press(visitor, "Enter")
    expect(visitor.editor).to_be_focused()
    press(visitor, "ControlOrMeta+a")
    visitor.page.keyboard.type("x'*A*x")
    visitor.shows(
        r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = "
        r"(\mathbf{A} + \mathbf{A}^{\top})\mathbf{x}"
    )
    press(visitor, "Tab")  # the editor does not hold the focus
    expect(visitor.page.get_by_role("radio", name="x", exact=True)).to_be_focused()
    press(visitor, "ArrowRight")
    expect(visitor.page.get_by_role("radio", name="A", exact=True)).to_be_checked()
    expect(visitor.formula).to_contain_text(r"\partial \mathbf{A}")
    press(visitor, "F6", "F6")
    expect(visitor.page.get_by_role("tab", name="Derivation")).to_be_focused()
    press(visitor, "End")
    expect(visitor.page.get_by_role("tab", name="Your numbers")).to_be_focused()
    press(visitor, "ArrowLeft")
    expect(visitor.page.get_by_role("tab", name="Code")).to_have_attribute("aria-selected", "true")
    press(visitor, "Tab", "Tab")
    expect(visitor.page.get_by_role("radio", name="NumPy")).to_be_focused()
    press(visitor, "ArrowRight", "ArrowRight")
    expect(visitor.page.get_by_role("radio", name="JAX")).to_be_checked()
    expect(visitor.page.locator("pre.source")).to_contain_text("jax")
    press(visitor, "Tab", "Enter")
    expect(visitor.toast).to_have_text("Copied")
    assert "jax" in visitor.copied()


def test_tabs_have_one_stop_and_arrows(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    tabs = visitor.page.get_by_role("tab")
    assert tabs.evaluate_all("tabs => tabs.filter((tab) => tab.tabIndex === 0).length") == 1
    tabs.first.focus()
    for name in ("Graph", "Plot", "Other forms", "Code", "Your numbers", "Derivation"):
        press(visitor, "ArrowRight")
        tab = visitor.page.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(visitor.page.get_by_role("tabpanel")).to_have_accessible_name(name)
    press(visitor, "ArrowLeft")
    expect(tabs.last).to_be_focused()
    press(visitor, "Home")
    expect(tabs.first).to_be_focused()


def test_f6_goes_round(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    press(visitor, "F6")
    expect(visitor.editor).to_be_focused()
    press(visitor, "F6")
    expect(visitor.page.locator("#hero")).to_be_focused()
    press(visitor, "F6")
    expect(visitor.page.get_by_role("tab", name="Derivation")).to_be_focused()
    press(visitor, "Shift+F6")
    expect(visitor.page.locator("#hero")).to_be_focused()


def test_dialogs_keep_the_focus_and_give_it_back(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    for shortcut, name in DIALOGS.items():
        visitor.editor.focus()
        press(visitor, shortcut)
        dialog = visitor.page.get_by_role("dialog", name=name)
        expect(dialog).to_be_visible()
        press(visitor, *["Tab"] * 3)
        assert dialog.evaluate(INSIDE)
        press(visitor, "Escape")
        expect(dialog).to_be_hidden()
        expect(visitor.editor).to_be_focused()


def test_an_example_is_chosen_with_the_keyboard(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    press(visitor, "Control+k")
    dialog = visitor.page.get_by_role("dialog", name="Examples")
    dialog.get_by_role("button", name=re.compile("^Lasso")).focus()
    press(visitor, "Enter")
    expect(dialog).to_be_hidden()
    expect(visitor.editor).to_have_value("norm2(X*w - y)^2/2 + c*norm1(w)")
    expect(visitor.formula).to_contain_text(r"\operatorname{sign}")


def test_a_function_is_found_and_put_in(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    visitor.types("")
    press(visitor, "Delete", "Control+i")
    visitor.page.keyboard.type("logs")
    dialog = visitor.page.get_by_role("dialog", name="Functions")
    expect(dialog.locator(".function-row")).not_to_have_count(0)
    visitor.page.get_by_label("Find a function").fill("logsumexp")
    press(visitor, "Tab", "Enter")
    expect(visitor.editor).to_have_value("logsumexp()")
    visitor.page.keyboard.type("x")
    expect(visitor.editor).to_have_value("logsumexp(x)")


def test_the_focus_is_always_seen(visitor: Watched) -> None:
    visitor.opens()
    expect(visitor.formula).to_be_attached()
    visitor.page.wait_for_load_state("networkidle")
    script = """() => {
      const at = document.activeElement;
      if (at === document.body) return null;
      const face = at.matches("input[type=radio]") ? at.nextElementSibling : at;
      const frame = at.matches("#formula") ? at.closest(".editor") : face;
      const style = getComputedStyle(frame);
      return style.outlineStyle !== "none" || style.boxShadow !== "none" ? "" : at.outerHTML;
    }"""
    press(visitor, "Tab")
    for _ in range(40):
        unseen = visitor.page.evaluate(script)
        if unseen is None:
            return
        assert unseen == ""
        press(visitor, "Tab")
    raise AssertionError("the focus does not leave the page")
