"""What answers show in a notebook: safe HTML with everything in it, and the other forms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.language import speaking
from gradform.markup.card import to_html
from gradform.markup.contents import Card, Code, Fact, Fold, Formula, Words
from gradform.markup.rich import Rich
from tests.golden.rows import ROWS, Row, answer
from tests.notebook.reading import read

SHAPES: dict[str, tuple[str | int, ...]] = {"A": ("m", "n"), "x": ("n",), "b": ("m",), "c": ()}
HOSTILE = """<script>alert('x' & "y")</script>"""


def ridge() -> Any:
    problem = gf.parse("norm2(A*x - b)^2 + c*x'*x", shapes=SHAPES)
    A = np.array([[1.0, 2.0], [3.0, -1.0], [-1.0, 1.0]])
    return problem.minimize({"x": np.zeros(2)}, A=A, b=np.ones(3), c=0.1)


# Every kind of answer: what it is, and words that its HTML has to show.
SHOWN: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "derivative": (
        lambda: gf.derivative("u = A*x - b; norm2(u)", "x", shapes=SHAPES),
        [
            *("function", "variables", "layout", "holds where", "elsewhere", "certificate"),
            *("Derivation", "1. Break the function into steps", "NumPy"),
        ],
    ),
    "derivation": (lambda: gf.derivative("x'*A*x", "x").derivation, ["1. The function"]),
    "unchecked": (lambda: gf.derivative("x'*x", "x", check=False), ["not checked"]),
    "tensor": (lambda: gf.derivative("A*X*B", "X"), ["certificate"]),
    "product": (lambda: gf.hvp("sum(exp(A*x))", "x"), ["certificate"]),
    "derivatives": (
        lambda: gf.derivative("x'*A*x"),
        ["The derivative by x", "The derivative by A"],
    ),
    "expression": (lambda: gf.parse("log(c)*x'*x"), ["variables", "defined where"]),
    "operators": (lambda: gf.vector("x", "n").T @ gf.vector("x", "n"), ["variables"]),
    "number": (lambda: gf.parse("1 + 1"), ["LaTeX"]),
    "at a kink": (
        lambda: gf.subdifferential("max(x^2, x)", at=1),
        ["exact, convex", "one-sided derivatives", "Picture", "Proof"],
    ),
    "all kinks": (lambda: gf.subdifferential("max(x^2, x)"), ["exact, convex", "Proof"]),
    "no kinks": (lambda: gf.subdifferential("x^3"), ["no subdifferential", "refused, neither"]),
    "empty": (lambda: gf.subdifferential("-sqrt(x)", at=0, domain="[0, inf)"), ["exact, convex"]),
    "vectors": (
        lambda: gf.subdifferential("norm1(x)", at=[0, 2, -3]),
        ["exact, convex", "Optimality"],
    ),
    "optimal": (lambda: gf.subdifferential("norm1(x)", at=[0, 0]), ["a global minimum"]),
    "concave": (lambda: gf.subdifferential("-norm1(x)", at=[0, 0]), ["a global maximum"]),
    "refused": (lambda: gf.subdifferential("abs(x(1)) - abs(x(2))", at=[0, 0]), ["refused"]),
    "convexity": (lambda: gf.convexity("x^3"), ["neither", "not convex", "not concave"]),
    "of vectors": (lambda: gf.convexity("norm1(x)", at=[0, 0]), ["convex", "Proof"]),
    "minimum": (ridge, ["global minimum certified", "value", "The point"]),
}  # fmt: skip


@pytest.fixture(scope="module", params=SHOWN, ids=str)
def shown(request: pytest.FixtureRequest) -> tuple[Any, list[str]]:
    make, words = SHOWN[request.param]
    return make(), words


def test_html_is_safe_and_says_what_matters(shown: tuple[Any, list[str]]) -> None:
    found, words = shown
    reading = read(found._repr_html_())
    told = " ".join(reading.words)
    assert [word for word in words if word not in told] == []
    assert reading.mathml == len(reading.latex)
    assert all(latex.startswith("$") and latex.endswith("$") for latex in reading.latex)


def test_html_is_in_chinese(shown: tuple[Any, list[str]]) -> None:
    found, _ = shown
    with speaking("zh"):
        told = "".join(read(found._repr_html_()).words)
    assert told == "LaTeX" or any("一" <= character <= "鿿" for character in told)


def test_forms_by_media_type(shown: tuple[Any, list[str]]) -> None:
    found, _ = shown
    if not isinstance(found, Rich):
        return
    assert list(found._repr_mimebundle_()) == ["text/plain", "text/latex", "text/html"]
    assert list(found._repr_mimebundle_(include=["text/latex"])) == ["text/latex"]
    assert list(found._repr_mimebundle_(exclude={"text/html"})) == ["text/plain", "text/latex"]
    assert found._repr_mimebundle_()["text/plain"] == repr(found)
    assert found._repr_latex_() == rf"$\displaystyle {found.latex}$"


@pytest.mark.parametrize("row", ROWS[::7], ids=str)
def test_answers_show_formula_conditions_and_certificate(row: Row) -> None:
    found = answer(row)
    reading = read(found._repr_html_())
    told = " ".join(reading.words)
    if found.has_formula:
        assert reading.latex[0] == rf"$\displaystyle {found.equation_latex}$"
    for text, latex in zip(found.conditions, found.conditions_latex, strict=True):
        assert f"${latex}$" in reading.latex or text in told
    assert str(found.certificate) in told
    assert found.numpy_source.rstrip("\n") in reading.code
    assert found.latex in reading.code


def test_hostile_texts_stay_texts() -> None:
    card = Card(
        [Formula(rf"\text{{{HOSTILE}}}", "x"), Formula(HOSTILE, HOSTILE), Words(HOSTILE)],
        [Fact(HOSTILE, [Code(HOSTILE), Words(HOSTILE)])],
        [Fold(HOSTILE, [Code(HOSTILE, block=True)])],
    )
    reading = read(to_html(card))
    assert " ".join(reading.words).count(HOSTILE) == 4
    assert reading.code.count(HOSTILE) == 3
    assert reading.latex == [rf"$\text{{{HOSTILE}}}$"]


def test_a_formula_too_long_to_typeset_is_shown_as_text() -> None:
    reading = read(to_html(Card([Formula("x + " * 3000 + "x", "as text")])))
    assert reading.latex == []
    assert reading.code == ["as text"]


def test_deep_formulas_are_shown_as_text() -> None:
    deep = "exp(" * 150 + "x" + ")" * 150
    reading = read(gf.parse(f"sqrt({deep})", shapes={"x": ()})._repr_html_())
    assert len(reading.latex) + len(reading.code) >= 1


def test_import_does_not_load_what_only_notebooks_need() -> None:
    names = ["gradform.markup.card", "gradform.derive.shown", "IPython", "html", "numpy"]
    code = f"import gradform, sys; print([name for name in {names} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
