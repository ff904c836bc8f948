"""The page speaks Chinese, and remembers it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.watched import Watched

# Names, units and formulas are the same in both languages; reasons are full of them.
SAME = {
    "gradform", "English", "LaTeX", "Unicode", "Markdown", "NumPy", "JAX", "PyTorch", "Dask",
    "Julia", "MATLAB", "C", "SVG", "DOT", "Kronecker", "Machine", "learning", "Denominator",
    "Numerator", "Mixed", "layout", "Hesse",
    "Ctrl", "Tab", "Esc", "F6", "K", "I", "Mac", "Shift",
}  # fmt: skip
WORDS = """() => [...document.querySelectorAll("button, legend, label, p, h1, h2, h3, th, summary,"
  + "[role=tab], option:checked, dt, .inferred")]
  .filter((e) => e.checkVisibility())
  .filter((e) => !e.closest(".katex, .problem, .step-reason, #spoken, code, pre"))
  .map((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(" "))"""


def english_words(visitor: Watched) -> set[str]:
    texts: list[str] = visitor.page.evaluate(WORDS)
    words = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)}
    return {word for word in words if word not in SAME and not word.isupper()}


PANES = ["推导", "计算图", "图像", "其他形式", "代码", "代入数值"]


def test_everything_is_said_in_chinese(visitor: Watched) -> None:
    visitor.opens("abs(x - 1) + a*x^2", by="x", var="x:scalar::", at="1")
    visitor.page.get_by_label("Language").select_option("zh")
    expect(visitor.page.get_by_role("heading", name="成立条件")).to_be_visible()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "zh")
    for pane in PANES:
        visitor.pane(pane)
        visitor.page.wait_for_load_state("networkidle")
        assert english_words(visitor) == set()
    visitor.pane("推导")
    for reason in visitor.page.locator(".step-reason").all_text_contents():
        assert re.search("[\u4e00-\u9fff]", reason)


def test_errors_and_certificates_are_chinese(visitor: Watched) -> None:
    visitor.opens("norm2(A*x - y)^2", by="x")
    visitor.page.get_by_label("Language").select_option("zh")
    expect(visitor.page.locator(".certificate-text")).to_have_text(re.compile("[\u4e00-\u9fff]"))
    visitor.page.get_by_label("公式").fill("softmx(x)")
    expect(visitor.problem).to_contain_text("第 1 列")
    expect(visitor.problem).to_contain_text(re.compile("[\u4e00-\u9fff]{4}"))
    visitor.page.get_by_role("button", name="改为 softmax").click()
    expect(visitor.problem).to_be_empty()


def test_the_language_is_remembered_and_left(visitor: Watched) -> None:
    visitor.opens()
    visitor.page.get_by_label("Language").select_option("zh")
    expect(visitor.page.get_by_role("button", name="示例")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_role("button", name="示例")).to_be_visible()
    visitor.page.get_by_label("语言").select_option("en")
    expect(visitor.page.get_by_role("button", name="Examples")).to_be_visible()
    expect(visitor.page.locator(".wordmark")).to_have_text("∂gradform")


def test_a_chinese_browser_is_spoken_to_in_chinese(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("button", name="示例")).to_be_visible()
    expect(page.get_by_role("button", name="复制链接")).to_be_visible()
    context.close()


def test_examples_and_keys_are_chinese(visitor: Watched) -> None:
    visitor.opens()
    visitor.page.get_by_label("Language").select_option("zh")
    visitor.page.get_by_role("button", name="示例").click()
    expect(visitor.page.get_by_role("heading", name="线性模型")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.get_by_role("button", name="键盘").click()
    expect(visitor.page.get_by_role("dialog")).to_contain_text("采用公式下方的建议")
    assert english_words(visitor) == set()
