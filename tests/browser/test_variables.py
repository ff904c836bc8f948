"""Types, sizes and structures: inferred, edited, given back."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.watched import Watched


def row(visitor: Watched, name: str) -> Locator:
    select = visitor.page.get_by_label(f"Type of {name}", exact=True)
    return visitor.page.locator("tr").filter(has=select)


def test_what_is_inferred_is_shown(visitor: Watched) -> None:
    visitor.opens("c*x'*A*x", by="x")
    for name, kind in (("c", "scalar"), ("x", "column"), ("A", "matrix")):
        expect(visitor.page.get_by_label(f"Type of {name}", exact=True)).to_have_value(kind)
        expect(row(visitor, name)).to_contain_text("inferred")


def test_types_are_edited_and_given_back(visitor: Watched) -> None:
    visitor.opens("norm2(a)^2", by="a")
    visitor.page.get_by_label("Type of a").select_option("column")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{a}} = 2\mathbf{a}")
    assert "var=a%3Acolumn%3An%3A" in visitor.fragment
    row(visitor, "a").get_by_role("button", name="Infer a again").click()
    expect(visitor.page.get_by_label("Type of a")).to_have_value("scalar")
    assert "var=" not in visitor.fragment


def test_sizes_are_edited(visitor: Watched) -> None:
    visitor.opens("A*x", by="x")
    rows = visitor.page.get_by_label("Rows of A")
    rows.fill("3")
    expect(visitor.page.locator(".hero-shape")).to_have_text("shape n × 3")
    expect(rows).to_be_focused()
    rows.fill("")
    expect(rows).to_have_attribute("aria-invalid", "")
    rows.fill("p")
    expect(visitor.page.locator(".hero-shape")).to_have_text("shape n × p")


def test_structures_are_added_and_removed(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    visitor.page.get_by_label("Add a structure to A").select_option("symmetric")
    expect(visitor.formula).to_have_text(re.compile(r"= 2\\mathbf\{A\}\\mathbf\{x\}$"))
    visitor.page.get_by_role("button", name="Remove symmetric from A").click()
    expect(visitor.formula).to_have_text(re.compile(r"\\mathbf\{A\}\^\{\\top\}\)\\mathbf\{x\}$"))


def test_declarations_of_other_formulas_do_not_disturb(visitor: Watched) -> None:
    visitor.opens("norm2(b)^2", by="b", var="b:column:n:")
    visitor.types("norm2(x)^2")
    visitor.shows(r"\displaystyle \frac{\partial f}{\partial \mathbf{x}} = 2\mathbf{x}")
    visitor.types("norm2(b)^2")
    expect(visitor.page.get_by_label("Type of b")).to_have_value("column")


def test_layouts_have_two_names_and_a_drawing(visitor: Watched) -> None:
    visitor.opens("A*x", by="x")
    for english, chinese, shapes in (
        ("Machine learning", "机器学习布局", "3×1, 2×1, 3×2"),
        ("Denominator layout", "分母布局", "3×1, 1×2, 3×2"),
        ("Numerator layout", "分子布局", "1×3, 2×1, 2×3"),
        ("Mixed layout", "混合布局", "3×1, 2×1, 2×3"),
    ):
        card = visitor.page.locator(".card", has_text=chinese)
        expect(card).to_contain_text(english)
        expect(card.get_by_role("img")).to_have_accessible_name(shapes)
