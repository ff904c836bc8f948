"""Numbers written and read again."""

from __future__ import annotations

import random

import pytest

from gradform.exact import Undecided
from tests.exact.random_numbers import sample
from tests.exact.reading import read
from tests.exact.test_functions import KNOWN
from tests.exact.test_zero import NONZEROS, ZEROS

SHOWN = (
    ("(1 + sqrt(5))/2", "(1 + √5)/2", r"\frac{1 + \sqrt{5}}{2}"),
    (
        "-2 - LambertW(-exp(-2), -1)",
        "-2 - W₋₁(-e⁻²)",
        r"-2 - W_{-1}\left(-e^{-2}\right)",
    ),
    ("3/10", "3/10", r"\frac{3}{10}"),
    ("-3/10", "-3/10", r"-\frac{3}{10}"),
    ("pi/2", "π/2", r"\frac{\pi}{2}"),
    ("exp(-1)", "e⁻¹", "e^{-1}"),
    ("-EulerGamma", "-γ", r"-\gamma"),
    ("exp(1)/(1 + exp(1))", "e/(1 + e)", r"\frac{e}{1 + e}"),
    ("2*sqrt(2)", "2·√2", r"2 \sqrt{2}"),
    ("pi^2/6", "π²/6", r"\frac{\pi^{2}}{6}"),
    ("2^(1/3)", "2^(1/3)", r"\sqrt[3]{2}"),
    ("exp(-sqrt(2))", "exp(-√2)", r"e^{-\sqrt{2}}"),
    ("exp(-1 - sqrt(2))", "exp(-1 - √2)", r"e^{-1 - \sqrt{2}}"),
    ("sqrt(-LambertW(-1/5))", "√(-W(-1/5))", r"\sqrt{-W_{0}\left(-\frac{1}{5}\right)}"),
    ("digamma(1/5)", "ψ(1/5)", r"\psi\left(\frac{1}{5}\right)"),
    (
        "RootOf(x^5 - x - 1, 0)^2",
        "RootOf(x^5 - x - 1, 0)²",
        r"\operatorname{RootOf}\left(x^{5} - x - 1, 0\right)^{2}",
    ),
)


@pytest.mark.parametrize(("text", "unicode", "latex"), SHOWN)
def test_notations(text: str, unicode: str, latex: str) -> None:
    found = read(text)
    assert (found.text, found.unicode, found.latex) == (text, unicode, latex)


@pytest.mark.parametrize("text", [*KNOWN, *ZEROS, *NONZEROS, *(row[0] for row in SHOWN)])
def test_text_reads_back(text: str) -> None:
    found = read(text)
    again = read(found.text)
    assert again.text == found.text
    assert again == found


@pytest.mark.parametrize("seed", range(60))
def test_random_text_reads_back(seed: int) -> None:
    source = random.Random(seed)
    for _ in range(5):
        found = sample(source, 3).exact
        try:
            again = read(found.text)
            assert again.ball(200).overlaps(found.ball(200)), found.text
            assert again == found
        except Undecided:
            pytest.fail(f"{found.text} was read as {read(found.text).text}")
