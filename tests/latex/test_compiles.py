"""KaTeX and pdfLaTeX take what gradform writes."""

from __future__ import annotations

import pytest

from gradform.markup.mathml import to_mathml
from tests import katex
from tests.latex import pdflatex
from tests.latex.written import all_latex
from tests.notebook.reading import read

needs_katex = pytest.mark.skipif(not katex.is_available(), reason="KaTeX needs Node.js and npm")
needs_pdflatex = pytest.mark.skipif(
    not pdflatex.is_available(), reason="pdfLaTeX is not installed: texlive-latex-base has it"
)


@needs_katex
def test_katex_renders_everything() -> None:
    assert len(all_latex()) >= 2000
    assert katex.failures(all_latex()) == []


@needs_pdflatex
def test_pdflatex_compiles_a_document_of_200() -> None:
    pieces = all_latex()
    assert pdflatex.complaint(pieces[:: len(pieces) // 200][:200]) is None


@needs_pdflatex
def test_pdflatex_refuses_what_is_broken() -> None:
    assert pdflatex.complaint(["x"]) is None
    for broken in (r"\nosuchcommand", "x^{2}^{3}", r"\begin{aligned} x"):
        assert pdflatex.complaint(["x", broken]) is not None


def test_mathml_has_everything() -> None:
    for latex in all_latex():
        read(to_mathml(latex))
