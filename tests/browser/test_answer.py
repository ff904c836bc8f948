"""The answer: live while typing, with its certificate and conditions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.watched import Watched

GRADIENT = r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = "


def test_a_fresh_page_shows_an_answer(visitor: Watched) -> None:
    visitor.opens()
    visitor.shows(GRADIENT + r"2\mathbf{A}^{\top}(\mathbf{A}\mathbf{x} - \mathbf{y})")


def test_the_answer_follows_the_typing(visitor: Watched) -> None:
    visitor.opens()
    visitor.types("x'*A*x")
    visitor.shows(GRADIENT + r"(\mathbf{A} + \mathbf{A}^{\top})\mathbf{x}")
    visitor.types("norm2(x)^2")
    visitor.shows(GRADIENT + r"2\mathbf{x}")


# Each answer takes less time than the one before: the first would arrive last.
SLOW_FIRST = """
const fetched = window.fetch;
const delays = [1500, 700];
window.fetch = async (url, request) => {
  const answer = await fetched(url, request);
  const delay = url.endsWith("derivative") ? delays.shift() ?? 0 : 0;
  await new Promise((done) => setTimeout(done, delay));
  return answer;
};
"""


def test_the_newest_question_wins(visitor: Watched) -> None:
    visitor.page.add_init_script(SLOW_FIRST)
    visitor.opens("exp(x)", by="x")
    visitor.page.wait_for_timeout(400)
    visitor.types("sum(x)")
    visitor.page.wait_for_timeout(400)
    visitor.types("norm2(x)^2")
    visitor.shows(GRADIENT + r"2\mathbf{x}")
    visitor.page.wait_for_timeout(1500)
    visitor.shows(GRADIENT + r"2\mathbf{x}")


def test_a_pause_in_the_typing_is_awaited(visitor: Watched) -> None:
    visitor.opens()
    visitor.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.types("norm2(A*x - y)^2 + x'*x")
    visitor.shows(
        GRADIENT + r"2(\mathbf{A}^{\top}(\mathbf{A}\mathbf{x} - \mathbf{y}) + \mathbf{x})"
    )
    derivatives = [url for url in asked if url.endswith("/derivative")]
    assert 1 <= len(derivatives) < 12


def test_the_certificate_says_what_was_checked(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    certificate = visitor.page.locator(".certificate")
    expect(certificate).to_contain_text(
        re.compile(r"Confirmed, worst error (0|\d · 10⁻[⁰¹²³⁴-⁹]+)")
    )
    certificate.locator("summary").click()
    expect(certificate).to_contain_text("Random points")
    expect(certificate).to_contain_text(re.compile(r"confirmed at \d+ points"))


def test_conditions_are_shown(visitor: Watched) -> None:
    visitor.opens("logdet(X)", by="X", var="X:matrix:n,n:")
    expect(visitor.page.locator(".hero-conditions")).to_contain_text("Holds where")
    expect(visitor.page.locator(".hero-conditions code")).to_have_text("det(X) != 0")


def test_kinks_lead_to_the_plot(visitor: Watched) -> None:
    visitor.opens("abs(x)", by="x", var="x:scalar::")
    visitor.page.get_by_role("button", name="Elsewhere there may be subderivatives").click()
    expect(visitor.page.get_by_role("tab", name="Plot")).to_have_attribute("aria-selected", "true")


def test_the_variable_the_order_and_the_layout_are_chosen(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    visitor.page.get_by_role("radio", name="A", exact=True).check(force=True)
    visitor.shows(
        r"\displaystyle \frac{\partial f}{\partial \mathbf{A}} = \mathbf{x}\mathbf{x}^{\top}"
    )
    visitor.page.get_by_role("radio", name="x", exact=True).check(force=True)
    visitor.page.get_by_role("radio", name="2nd").check(force=True)
    expect(visitor.formula).to_have_text(re.compile(r"\\mathbf\{A\} \+ \\mathbf\{A\}\^\{\\top\}$"))
    visitor.page.get_by_role("radio", name="1st").check(force=True)
    visitor.page.get_by_role("radio", name=re.compile("Numerator")).check(force=True)
    visitor.shows(GRADIENT + r"\mathbf{x}^{\top}(\mathbf{A} + \mathbf{A}^{\top})")


def test_a_variable_that_is_gone_is_chosen_anew(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    visitor.types("norm2(w)^2")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{w}} = 2\mathbf{w}")


def test_without_a_formula_there_is_an_invitation(visitor: Watched) -> None:
    visitor.opens()
    visitor.types("")
    visitor.page.keyboard.press("Delete")
    expect(visitor.page.locator("#hero")).to_have_text(
        "The derivative appears here while you type."
    )


def test_forms_of_the_answer_are_copied(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    copies = visitor.page.get_by_role("group", name="Copy the derivative")
    for name, text in (
        ("LaTeX", r"(\mathbf{A} + \mathbf{A}^{\top})\mathbf{x}"),
        ("Text", "(A + A')*x"),
        ("Unicode", "(A + Aᵀ)·x"),
    ):
        copies.get_by_role("button", name=name).click()
        expect(visitor.toast).to_have_text("Copied")
        assert visitor.copied() == text


TYPESET = """(() => {
  const shown = m.math(v[0], {plain: "told as text"});
  return [shown.querySelector(".math-text") === null, shown.querySelectorAll("a, img").length];
})()"""


@pytest.mark.parametrize(
    ("latex", "typeset"),
    [
        (r"\frac{1}{2}", True),
        (r"\href{javascript:alert(1)}{x}", True),
        (r"\includegraphics{https://example.org/x.png}", True),
        (r"\undefined{x}", False),
        (r"\def\x{\x\x}\x", False),
        ("x" * 8001, False),
        ("{" * 3500 + "}" * 3500, False),
    ],
)
def test_latex_is_typeset_within_limits(visitor: Watched, latex: str, typeset: bool) -> None:
    visitor.opens()
    visitor.shows(GRADIENT + r"2\mathbf{A}^{\top}(\mathbf{A}\mathbf{x} - \mathbf{y})")
    assert visitor.call("/static/js/math.js", TYPESET, latex) == [typeset, 0]
