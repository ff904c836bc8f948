r"""MathML says what the LaTeX says, for all LaTeX that gradform writes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from gradform.markup.mathml import NotMathematics, to_mathml
from tests.golden.rows import ROWS, Row, answer
from tests.notebook.reading import read


def inside(latex: str) -> str:
    """What stands in <math>, without the invisible sign of application."""
    found = re.fullmatch(r'<math xmlns="[^"]*" displaystyle="true">(.*)</math>', to_mathml(latex))
    assert found is not None
    return found[1].replace("<mo>\u2061</mo>", "")


def plain(latex: str) -> str:
    """The signs of a formula in a row, without spaces."""
    root = ElementTree.fromstring(to_mathml(latex))
    return "".join("".join(root.itertext()).replace("\u2061", "").split())


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x", "<mi>x</mi>"),
        ("12.5", "<mn>12.5</mn>"),
        ("x^23", "<mrow><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></mrow>"),
        ("x_{1}^{2}", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        ("x^{2}_{1}", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        (r"\mathbf{x}", '<mi mathvariant="normal" style="font-weight:bold">x</mi>'),
        (r"\mathit{ab}", '<mi style="font-style:italic">ab</mi>'),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\sqrt{x}", "<msqrt><mi>x</mi></msqrt>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\text{a < b}", "<mtext>a\u00a0&lt;\u00a0b</mtext>"),
        (r"\sum_{i}", "<munder><mo>∑</mo><mi>i</mi></munder>"),
        ("-x", '<mrow><mo form="prefix">−</mo><mi>x</mi></mrow>'),
        ("a-b", "<mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow>"),
        (r"\mathbf{1}", '<mn style="font-weight:bold">1</mn>'),
        (
            r"\tanh x",
            '<mrow><mi mathvariant="normal">tanh</mi><mspace width="0.167em"/><mi>x</mi></mrow>',
        ),
    ],
)  # fmt: skip
def test_what_is_written(latex: str, mathml: str) -> None:
    assert inside(latex) == mathml


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"\left(\frac{a}{b}\right)", "(ab)"),
        (r"\left. x \right|", "x|"),
        (r"\lVert \mathbf{x} \rVert_{2}", "‖x‖2"),
        (r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}", "[abcd]"),
        (r"\begin{cases} -1 & x < 0 \\ [0, 1] & x = 0 \end{cases}", "{−1x<0[0,1]x=0"),
        (r"a \\[2pt] b".join([r"\begin{aligned} ", r" \end{aligned}"]), "ab"),
        (r"\{x \in \mathbb{R} \mid x \ge 0\}", "{x∈ℝ∣x≥0}"),
        (r"\operatorname{log\_det}(\Sigma)", "log_det(Σ)"),
        (r"\text{rank } k\%", "rankk%"),
        (r"\text{if $x < 0$, \$1}", "ifx<0,$1"),
        (r"^{2}", "2"),
    ],
)
def test_no_sign_is_lost(latex: str, signs: str) -> None:
    assert plain(latex) == signs


@pytest.mark.parametrize(
    "latex",
    [
        r"\unknown",
        "{x",
        "x}",
        r"\left( x",
        r"\begin{bmatrix} x",
        r"\frac{a}",
        "^",
        "$",
        r"\begin{figure}\end{figure}",
        "{" * 300 + "}" * 300,
        r"\text{\unknown}",
        r"\text{a $x}",
        r"\mathbb{a}",
    ],
)
def test_other_latex_is_refused(latex: str) -> None:
    with pytest.raises(NotMathematics):
        to_mathml(latex)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_all_answers_are_mathematics(row: Row) -> None:
    found = answer(row, check=False)
    formulas = (found.equation_latex, found.function_equation_latex, found.index_latex)
    for latex in (*formulas, *found.conditions_latex):
        mathml = to_mathml(latex)
        read(mathml)
        letters = re.findall(r"\\mathbf\{(\w)\}", latex)
        drawn = [each.text for each in ElementTree.fromstring(mathml).iter()]
        assert all(drawn.count(letter) >= letters.count(letter) for letter in letters)
