"""The link holds the whole question, and nothing in it is trusted."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.watched import Watched


def test_a_link_is_copied_and_opened_elsewhere(visitor: Watched) -> None:
    visitor.opens("norm2(A*b - y)^2", by="b", var="b:column:n:")
    visitor.page.get_by_role("radio", name="2nd").check(force=True)
    visitor.page.get_by_label("Add a structure to b").select_option("positive")
    expect(visitor.page.get_by_role("button", name="Remove positive from b")).to_be_visible()
    expect(visitor.formula).to_contain_text(r"\partial^{2} f")
    visitor.pane("Code")
    visitor.page.get_by_role("radio", name="Julia").check(force=True)
    visitor.page.get_by_role("button", name="Copy link").click()
    expect(visitor.toast).to_have_text("Copied")
    link = visitor.copied()
    shown = visitor.formula.text_content()

    visitor.page.goto("about:blank")
    visitor.page.goto(link)
    expect(visitor.editor).to_have_value("norm2(A*b - y)^2")
    expect(visitor.formula).to_have_text(str(shown))
    expect(visitor.page.get_by_role("radio", name="2nd")).to_be_checked()
    expect(visitor.page.get_by_role("radio", name="Julia")).to_be_checked()
    expect(visitor.page.get_by_role("button", name="Remove positive from b")).to_be_visible()
    assert visitor.page.url == link


@pytest.mark.parametrize(
    "state",
    [
        {"formula": "u = A*x\n√ ‖ & # % + = ; \" ' <b>", "wrt": "x"},
        {"formula": "x", "wrt": None, "order": 2, "layout": "numerator", "pane": "check"},
        {"formula": "μ", "wrt": "μ", "at": "[1, -2e3]", "derivation": "componentwise"},
        {"formula": "x", "wrt": "x'", "detail": True, "target": "matlab"},
        {
            "formula": "x",
            "wrt": "x",
            "variables": {
                "A": {"kind": "matrix", "shape": ["m", "2*n"], "structures": []},
                "x": {"kind": "row", "shape": ["1", "n"], "structures": ["positive", "unit"]},
            },
        },
    ],
)
def test_reading_undoes_writing(modules: Watched, state: dict[str, object]) -> None:
    start = "(await import('/static/js/state.js')).START"
    whole = modules.call("/static/js/link.js", f"({{...{start}, ...v[0]}})", state)
    script = f"m.stateOf('#' + m.fragmentOf({{...{start}, ...v[0]}}))"
    read = modules.call("/static/js/link.js", script, state)
    assert read == {"state": whole, "ignored": False}


HOSTILE = [
    "v=2&f=x",
    "f=x",
    "v=1",
    "v=1&f=" + "x" * 4001,
    "%E0%A4%A",
    "<script>window.hit=1</script>",
    "javascript:window.hit=1",
    "v=1&f=norm2(x)^2&by=x&order=7",
    "v=1&f=norm2(x)^2&by=x&layout=constructor",
    "v=1&f=norm2(x)^2&by=x&pane=__proto__",
    "v=1&f=norm2(x)^2&by=x&target=../../etc/passwd",
    "v=1&f=norm2(x)^2&by=<img src=x onerror=window.hit=1>",
    "v=1&f=norm2(x)^2&by=x&at=<svg onload=window.hit=1>",
    "v=1&f=norm2(x)^2&by=x&var=x:column",
    "v=1&f=norm2(x)^2&by=x&var=x:tensor:n:",
    "v=1&f=norm2(x)^2&by=x&var=x:column:n,n:",
    "v=1&f=norm2(x)^2&by=x&var=x:column:<b>:",
    "v=1&f=norm2(x)^2&by=x&var=x:row:2,n:",
    "v=1&f=norm2(x)^2&by=x&var=x:column:n:Not_A_Word",
    "v=1&f=norm2(x)^2&by=x" + "".join(f"&var=a{k}:scalar::" for k in range(61)),
]


@pytest.mark.parametrize("group", range(4))
def test_what_is_not_understood_is_left_out(visitor: Watched, group: int) -> None:
    for fragment in HOSTILE[group::4]:
        visitor.page.goto("about:blank")
        visitor.page.goto(f"{visitor.address}#{fragment}")
        expect(visitor.toast).to_have_text("Part of the link was not understood.")
        expect(visitor.formula).to_contain_text(r"\frac{\partial f}{\partial \mathbf{x}} = 2")
        assert visitor.page.evaluate("window.hit") is None, fragment


def test_names_of_the_language_itself_are_harmless(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x", var=["__proto__:scalar::", "constructor:column:n:"])
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = 2\mathbf{x}")


def test_markup_in_a_formula_stays_text(visitor: Watched) -> None:
    visitor.opens("<img src=x onerror=window.hit=1>")
    expect(visitor.problem).to_contain_text("Column")
    assert visitor.page.evaluate("window.hit") is None
    assert visitor.page.locator("main img").count() == 0


def test_a_link_pasted_into_the_open_page_is_followed(visitor: Watched) -> None:
    visitor.opens("norm2(x)^2", by="x")
    expect(visitor.formula).to_be_attached()
    link = quote("v=1&f=sum(exp(w))&by=w", safe="=&")
    visitor.page.evaluate("link => { location.hash = link; }", link)
    expect(visitor.editor).to_have_value("sum(exp(w))")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{w}} = \exp(\mathbf{w})")
