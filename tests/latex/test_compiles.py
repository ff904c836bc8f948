"""KaTeX and pdfLaTeX take what gradform writes."""

from __future__ import annotations

import pytest

from gradform.markup.mathml import to_mathml
from tests import katex
from tests.latex import pdflatex
from tests.latex.written import all_latex
from tests.notebook.reading import read

needs_pdflatex = pytest.mark.skipif(
    not pdflatex.is_available(), reason="pdfLaTeX is not installed: texlive-latex-base has it"
)


def test_browsers_take_everything() -> None:
    """As MathML, and typeset by KaTeX: one test, since the answers take longer than both."""
    assert len(all_latex()) >= 2000
    for latex in all_latex():
        read(to_mathml(latex))
    if not katex.is_available():
        pytest.skip("KaTeX needs Node.js and npm")
    assert katex.failures(all_latex()) == []


@needs_pdflatex
def test_pdflatex_compiles_a_document_of_200() -> None:
    pieces = all_latex(every=8)
    assert pdflatex.complaint(pieces[:: len(pieces) // 200][:200]) is None


@needs_pdflatex
def test_pdflatex_refuses_what_is_broken() -> None:
    assert pdflatex.complaint(["x"]) is None
    for broken in (r"\nosuchcommand", "x^{2}^{3}", r"\begin{aligned} x"):
        assert pdflatex.complaint(["x", broken]) is not None
