"""Each pane shows what the library answers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

import gradform as gf
from tests.browser.watched import Watched

NETWORK = "h = tanh(W*x)\nnorm2(V*h - y)^2"
TARGETS = {
    "LaTeX": "latex",
    "Markdown": "markdown",
    "NumPy": "numpy",
    "JAX": "jax",
    "PyTorch": "torch",
    "Dask": "dask",
    "Julia": "julia",
    "MATLAB": "matlab",
    "C": "c",
}


def choose(panel: Locator, name: str) -> None:
    panel.get_by_role("radio", name=name, exact=True).check(force=True)


# ------------------------------------------------------------ derivation


@pytest.mark.parametrize("way", ["Chain rule", "Differential", "By entries"])
def test_derivations_are_shown_step_by_step(visitor: Watched, way: str) -> None:
    visitor.opens("norm2(A*x - y)^2", by="x")
    panel = visitor.pane("Derivation")
    choose(panel, way)
    steps = panel.locator(".step")
    expect(steps.nth(1)).to_be_visible()
    # Every formula is set, none is shown as text for want of typesetting.
    expect(panel.locator(".step .katex").first).to_be_visible()
    expect(panel.locator(".math-note")).to_have_count(0)
    # The last step ends in the answer.
    expect(steps.last.locator("annotation").last).to_have_text(re.compile(r"2\s*\\mathbf\{A\}"))


def test_detail_is_shown_on_demand(visitor: Watched) -> None:
    visitor.opens(NETWORK, by="W")
    panel = visitor.pane("Derivation")
    expect(panel.locator(".step").first).to_be_visible()
    short = panel.locator(".step").count()
    panel.get_by_label("Every step").check()
    expect(panel.locator(".step").nth(short)).to_be_visible()


@pytest.mark.parametrize(
    ("form", "notation"), [("LaTeX", "latex"), ("Markdown", "markdown"), ("Text", "unicode")]
)
def test_derivations_are_copied(visitor: Watched, form: str, notation: str) -> None:
    visitor.opens("norm2(A*x - y)^2", by="x")
    panel = visitor.pane("Derivation")
    panel.get_by_role("button", name=form).click()
    expect(visitor.toast).to_have_text("Copied")
    derivation = gf.derivative("norm2(A*x - y)^2", wrt="x").derivation
    assert visitor.copied() == getattr(derivation, notation)()


# ------------------------------------------------------------ graph


def test_the_paths_of_the_graph_are_followed_one_by_one(visitor: Watched) -> None:
    visitor.opens("u = A*x\nv = tanh(u)\nu'*v + v'*v", by="x")
    panel = visitor.pane("Graph")
    picture = panel.get_by_role("img")
    expect(picture).to_be_visible()
    count = int(re.findall(r"\d+", str(panel.locator(".path-count").text_content()))[0])
    assert count > 1
    for number in range(1, count + 1):
        panel.get_by_role("button", name="Next path").click()
        expect(panel.locator(".path-count")).to_have_text(f"Path {number} of {count}")
        expect(panel.locator(f".path-{number}.lit").first).to_be_visible()
        expect(panel.locator(".path .katex")).to_be_visible()
    panel.get_by_role("button", name="Next path").click()
    expect(panel.locator(".lit")).to_have_count(0)
    panel.get_by_role("button", name="Path before").click()
    expect(panel.locator(".path-count")).to_have_text(f"Path {count} of {count}")


def test_the_graph_is_copied(visitor: Watched) -> None:
    visitor.opens("norm2(A*x - y)^2", by="x")
    panel = visitor.pane("Graph")
    panel.get_by_role("button", name="DOT").click()
    expect(visitor.toast).to_have_text("Copied")
    assert visitor.copied().startswith("digraph")
    panel.get_by_role("button", name="SVG").click()
    expect(visitor.toast).to_have_text("Copied")


# ------------------------------------------------------------ plot and subdifferential


def test_a_kink_shows_its_subdifferential(visitor: Watched) -> None:
    visitor.opens("abs(x - 1) + x^2", by="x", var="x:scalar::", pane="plot")
    panel = visitor.page.get_by_role("tabpanel")
    expect(panel.get_by_role("img").first).to_be_visible()
    expect(panel).to_contain_text("Enter a point where the derivative does not exist")
    panel.get_by_label("At x =").fill("1")
    expect(panel.locator(".subdifferential annotation")).to_have_text(re.compile(r"\[1,\s*3\]"))
    expect(panel.locator(".subdifferential")).to_contain_text("(exact)")
    assert "at=1" in visitor.fragment


def test_points_are_exact(visitor: Watched) -> None:
    visitor.opens("abs(x - sqrt(2))", by="x", var="x:scalar::", pane="plot", at="sqrt(2)")
    subdifferential = visitor.page.locator(".subdifferential annotation")
    expect(subdifferential).to_have_text(re.compile(r"\[-1,\s*1\]"))
    visitor.page.get_by_label("At x =").fill("1.4142135623730951")  # not quite
    expect(subdifferential).to_have_text(re.compile(r"\{1\\?\}|\{-1\\?\}"))


def test_subdifferentials_of_vectors(visitor: Watched) -> None:
    visitor.opens("norm1(x)", by="x", pane="plot", at="[0, 1]")
    expect(visitor.page.locator(".subdifferential")).to_contain_text("(exact)")


def test_other_variables_are_given_numbers(visitor: Watched) -> None:
    visitor.opens("a*abs(x)", by="x", var="x:scalar::", pane="plot", at="0")
    panel = visitor.page.get_by_role("tabpanel")
    panel.get_by_label("a =").fill("3")
    expect(panel.locator(".subdifferential annotation")).to_have_text(re.compile(r"\[-3,\s*3\]"))


# ------------------------------------------------------------ other forms


def test_other_forms_are_shown_and_copied(visitor: Watched) -> None:
    visitor.opens("X*Y", by="X")
    answer = gf.derivative("X*Y", wrt="X")
    panel = visitor.pane("Other forms")
    for name in ("Entry by entry", "Differential", "As a Kronecker product", "LaTeX"):
        expect(panel.get_by_text(name, exact=True)).to_be_visible()
    expect(panel).to_contain_text(answer.differential)
    expect(panel).to_contain_text(answer.text)
    panel.locator("dt", has_text="Differential").get_by_role("button").click()
    expect(visitor.toast).to_have_text("Copied")
    assert visitor.copied() == answer.differential


# ------------------------------------------------------------ code


@pytest.mark.parametrize("name", TARGETS)
def test_code_is_shown_and_copied(visitor: Watched, name: str) -> None:
    formula, target = "norm2(X*w - y)^2", TARGETS[name]
    visitor.opens(formula, by="w")
    panel = visitor.pane("Code")
    choose(panel, name)
    answer = gf.derivative(formula, wrt="w")
    expected = {
        "latex": answer.latex,
        "markdown": answer.latex,
        "numpy": answer.numpy_source,
    }.get(target) or answer.source(target)
    source = panel.locator("pre.source")
    expect(source).to_contain_text(expected.strip().splitlines()[-1].strip())
    panel.get_by_role("button", name="Copy").click()
    expect(visitor.toast).to_have_text("Copied")
    assert expected.strip() in visitor.copied()
    assert visitor.copied() == source.text_content()


def test_native_code_is_written_for_sizes(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    panel = visitor.pane("Code")
    choose(panel, "Native C")
    expect(panel.locator("pre.source")).to_contain_text("double")
    before = panel.locator("pre.source").text_content()
    panel.get_by_label("n =").fill("7")
    expect(panel.locator("pre.source")).not_to_have_text(str(before))


# ------------------------------------------------------------ the person's numbers


def test_numbers_are_put_in(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    panel = visitor.pane("Your numbers")
    expect(panel.get_by_role("heading", name="Value")).to_be_visible()  # samples are there
    panel.get_by_role("textbox", name=re.compile("^A")).fill("[1 2; 3 4]")
    panel.get_by_role("textbox", name=re.compile("^x")).fill("1\n1")
    results = panel.locator(".results section")
    expect(results.nth(0).locator("td")).to_have_text("10")
    expect(results.nth(1).locator("td")).to_have_text(["7", "13"])
    expect(results.nth(2).locator("td")).to_have_text(["7", "13"])
    expect(panel.locator(".agreement")).to_contain_text("Largest relative difference")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "empty"), ("[1, two]", "not a number"), ("[[1, 2], [3]]", "does not fit")],
)
def test_numbers_that_do_not_fit_are_told(visitor: Watched, text: str, told: str) -> None:
    visitor.opens("x'*A*x", by="x")
    panel = visitor.pane("Your numbers")
    panel.get_by_role("textbox", name=re.compile("^A")).fill(text)
    expect(panel.locator(".array-field").filter(has_text="A")).to_contain_text(told)
    expect(panel).to_contain_text("Numbers are missing.")


def test_sizes_that_contradict_are_told(visitor: Watched) -> None:
    visitor.opens("x'*A*x", by="x")
    panel = visitor.pane("Your numbers")
    panel.get_by_role("textbox", name=re.compile("^x")).fill("[1, 2, 3, 4, 5, 6, 7]")
    expect(panel.locator(".refusal")).to_be_visible()


def test_what_does_not_exist_is_told(visitor: Watched) -> None:
    visitor.opens("log(x)", by="x")
    panel = visitor.pane("Your numbers")
    panel.get_by_role("textbox", name=re.compile("^x")).fill("[1, -1]")
    expect(panel.locator(".results")).to_contain_text("Some of it does not exist at these numbers.")
