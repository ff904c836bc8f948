"""Every LaTeX output compiles, in KaTeX and, where it is installed, in pdfLaTeX."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from gradform.formula.tree import Call, Name, Power
from gradform.notation.latex import to_latex
from gradform.syntax.parser import parse_formula
from tests import katex
from tests.unit.notation.printer_trees import random_program

TYPED = [
    "(A + A')*x",
    "2*X'*(X*w - y)/m",
    "-inv(X)'*a*b'*inv(X')'^2",
    "x.^-2.*y./z.^(1/3)",
    "u = A*x - b; v_2 = tanh(u); v_2'*v_2",
    "norm2(A*x - b/2)^2 + abs(a/2)/2",
    "kron(eye(n), A)*commute(m, n)*ones(n, m)*zeros(n)*eye",
    "[A, b; relu(x)', 1]",
    "[relu(x); relu(y)]",
    "x(2)*A(1, :)*x_1(2:n)*W12(1, 2)^2",
    "expm1(x)^2 + pinv(X)' + softmax(X, 1) + dot(x, y)'",
    "alpha_max*varepsilon*omicron*Upsilon*Σ*ϵ*x_α*ϑ1*αβ*x_αβ + α(A) + gamma(x)",
    "_t + __ + x_ + log_det(A) + f__x(A)",
    "1e300*x + 1e-300 + 1/3/7",
]
SPELLINGS: dict[str, str | tuple[str, ...]] = {
    "norm2": r"\lVert{0}\rVert_{{2}}",
    "abs": r"\left|{0}\right|",
    "sqrt": r"\sqrt{{{0}}}",
    "pinv": "{0}^{{+}}",
    "dot": r"{0}^{{\top}}{1}",
    "softmax": (r"\operatorname{{softmax}}({0})", r"\operatorname{{softmax}}_{{{1}}}({0})"),
    "expm1": r"e^{{{0}}} - 1",
    "relu": r"[{0}]_+",
}
NAMES_NOBODY_CAN_TYPE = [
    "a b",
    "50%",
    "$x",
    "a&b",
    "#",
    "{",
    "\\frac",
    "~^",
    "名",
    "é",
    "x''",
    "\n",
]


@pytest.fixture(scope="module")
def formulas() -> list[str]:
    typed = [parse_formula(text) for text in TYPED]
    random = [random_program(Random(seed)) for seed in range(400)]
    shapes = dict.fromkeys(NAMES_NOBODY_CAN_TYPE, ())
    spelled = [to_latex(program, spell=SPELLINGS.get) for program in (*typed, *random)]
    return [*spelled, *map(to_latex, typed), *_names(shapes), *_names({})]


def _names(shapes: dict[str, tuple[()]]) -> list[str]:
    return [
        to_latex(Power(tree, tree, False), shapes=shapes)
        for name in NAMES_NOBODY_CAN_TYPE
        for tree in (Name(name), Call(name, (Name(name),)))
    ]


@pytest.mark.skipif(not katex.is_available(), reason="Node.js and npm are not installed")
def test_katex_compiles_everything(formulas: list[str]) -> None:
    assert katex.failures(formulas) == []


@pytest.mark.skipif(not katex.is_available(), reason="Node.js and npm are not installed")
def test_katex_refuses_what_is_broken() -> None:
    broken = [r"\frac{1}", "x^{2}^{3}", r"\nosuchcommand", "é"]
    assert [failure.formula for failure in katex.failures(["x^{2}", *broken])] == broken


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdfLaTeX is not installed")
def test_pdflatex_compiles_everything(formulas: list[str], tmp_path: Path) -> None:
    lines = [rf"\[ {formula} \]" for formula in formulas]
    preamble = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
    (tmp_path / "all.tex").write_text("\n".join([preamble, *lines, r"\end{document}"]))
    result = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-2000:]
