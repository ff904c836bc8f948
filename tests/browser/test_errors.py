"""What is wrong is underlined where it is, and the suggestion is one click away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.watched import Watched


@pytest.mark.parametrize(
    ("formula", "underlined", "place"),
    [
        ("softmx(x)", "softmx", "Column 1"),
        ("x'*A*x + foo(x)", "foo", "Column 10"),
        ("u = A*x\nsofmax(u)", "sofmax", "Line 2, column 1"),
        ("x )", ")", "Column 3"),
        ("μ'*softmx(μ)", "softmx", "Column 4"),
    ],
)
def test_the_error_is_underlined(
    visitor: Watched, formula: str, underlined: str, place: str
) -> None:
    visitor.opens(formula)
    expect(visitor.underlined).to_have_text(underlined)
    expect(visitor.problem.locator(".problem-place")).to_have_text(place)
    expect(visitor.editor).to_have_attribute("aria-invalid", "true")
    expect(visitor.editor).to_have_accessible_description(re.compile(re.escape(place)))


def test_an_error_at_the_end_is_underlined_behind_the_text(visitor: Watched) -> None:
    visitor.opens("A*")
    expect(visitor.underlined).to_have_text(re.compile(r"^[\u00a0*]$"))
    expect(visitor.problem).to_contain_text("Column")


def test_characters_beyond_the_basic_plane_do_not_move_the_mark(visitor: Watched) -> None:
    visitor.opens("x + 𝐱")
    expect(visitor.underlined).to_have_text("𝐱")


def test_the_suggestion_is_clicked(visitor: Watched) -> None:
    visitor.opens("sum(softmx(x))")
    visitor.page.get_by_role("button", name="Use softmax").click()
    expect(visitor.editor).to_have_value("sum(softmax(x))")
    expect(visitor.problem).to_be_empty()
    expect(visitor.underlined).to_have_count(0)
    expect(visitor.editor).to_be_focused()
    expect(visitor.editor).not_to_have_attribute("aria-invalid", "true")


def test_the_suggestion_is_followed_by_keyboard_and_undone(visitor: Watched) -> None:
    visitor.opens("sum(softmx(x))")
    expect(visitor.problem).to_contain_text("softmax")
    visitor.editor.focus()
    visitor.page.keyboard.press("Control+.")
    expect(visitor.editor).to_have_value("sum(softmax(x))")
    visitor.page.keyboard.press("Control+z")
    expect(visitor.editor).to_have_value("sum(softmx(x))")


def test_the_last_answer_steps_back_and_returns(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.formula).to_be_attached()
    visitor.types("norm2(x)^2 +")
    hero = visitor.page.locator("#hero")
    expect(hero).to_have_class(re.compile("outdated"))
    expect(hero).to_contain_text("The last formula that could be read:")
    visitor.types("norm2(x)^2 + 1")
    expect(hero).not_to_have_class(re.compile("outdated"))
    expect(visitor.problem).to_be_empty()


def test_types_are_declared_where_the_letter_misleads(visitor: Watched) -> None:
    visitor.opens("norm2(A*x - b)^2", by="x")
    expect(visitor.problem).to_contain_text("b was taken as a scalar because of its letter")
    visitor.page.get_by_label("Type of b").select_option("column")
    expect(visitor.problem).to_be_empty()
    expect(visitor.formula).to_contain_text(r"\mathbf{b}")


def test_the_painted_text_lies_under_the_typed_text(visitor: Watched) -> None:
    visitor.opens("x'*A*x\n\n" + "+ norm2(A*x - y)^2 " * 12)
    sizes = visitor.page.evaluate(
        """() => [".editor-paint", ".editor-text"].map((place) => {
          const element = document.querySelector(place);
          const { width, height, top, left } = element.getBoundingClientRect();
          const { font, letterSpacing, padding } = getComputedStyle(element);
          return JSON.stringify([width, height, top, left, font, letterSpacing, padding]);
        })"""
    )
    assert sizes[0] == sizes[1]
    heights = visitor.page.evaluate(
        "() => { const t = document.querySelector('.editor-text');"
        " return [t.scrollHeight, t.clientHeight]; }"
    )
    assert heights[0] <= heights[1]
    painted = visitor.page.locator(".editor-paint").text_content()
    assert painted is not None
    assert painted.rstrip("\u200b\u00a0") == visitor.editor.input_value()


def test_a_server_that_is_gone_is_told_and_found_again(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.formula).to_be_attached()
    visitor.page.context.set_offline(True)
    visitor.types("exp(x)")
    expect(visitor.problem).to_have_text("The server cannot be reached; trying again.")
    visitor.page.context.set_offline(False)
    expect(visitor.formula).to_contain_text("exp")
    expect(visitor.problem).to_be_empty()
    # The browser itself writes down that it was offline.
    visitor.complaints.clear()


def test_a_busy_server_is_asked_again(visitor: Watched) -> None:
    visitor.page.add_init_script(
        """
        const fetched = window.fetch;
        let busy = 2;
        window.fetch = async (url, request) => {
          if (url.endsWith("derivative") && busy-- > 0) {
            return new Response("{}", { status: 503, headers: { "Retry-After": "1" } });
          }
          return fetched(url, request);
        };
        """
    )
    visitor.opens("norm2(x)^2", by="x")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = 2\mathbf{x}")


def test_a_formula_without_an_answer_says_why(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.formula).to_be_attached()
    visitor.types("3")
    expect(visitor.page.locator(".hero-refusal")).to_have_text(
        "There is no variable to differentiate by."
    )
    expect(visitor.problem).to_be_empty()
    expect(visitor.page.get_by_role("tablist")).to_be_hidden()
    visitor.types("3*x'*x")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = 6\mathbf{x}")
    expect(visitor.page.get_by_role("tablist")).to_be_visible()


def test_declarations_that_contradict_are_undone(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x", var="x:column:n:symmetric")
    expect(visitor.page.locator(".hero-refusal")).to_contain_text("x cannot be symmetric")
    visitor.page.get_by_role("button", name="Infer x again").click()
    visitor.shows(
        r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = "
        r"(\mathbf{A} + \mathbf{A}^{\top})\mathbf{x}"
    )
