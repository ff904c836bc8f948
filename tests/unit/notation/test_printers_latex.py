from __future__ import annotations

import pytest

from gradform.formula.spelling import Spelling
from gradform.formula.tree import Call, Formula, Name, Neg, Power, Transpose
from gradform.notation.latex import to_latex
from gradform.syntax.parser import parse_formula

SPELLINGS: dict[str, str | Spelling | tuple[str | Spelling, ...]] = {
    "norm2": r"\lVert {0} \rVert_{{2}}",
    "abs": r"\left|{0}\right|",
    "sqrt": r"\sqrt{{{0}}}",
    "tr": r"\operatorname{{tr}}({0})",
    "pinv": "{0}^{{+}}",
    "dot": r"{0}^{{\top}} {1}",
    "softmax": (r"\operatorname{{softmax}}({0})", r"\operatorname{{softmax}}_{{{1}}}({0})"),
    "expm1": r"e^{{{0}}} - 1",
    "relu": r"[{0}]_+",
}
SHAPES = {
    "a": (), "c": (), "m": (), "f": (), "lambda": (),
    "b": ("m",), "x": ("n",), "y": ("m",), "w": ("n",), "mu": ("n",),
    "A": ("m", "n"), "B": ("n", "n"), "X": ("m", "n"), "Sigma": ("n", "n"), "W12": ("n", "n"),
}  # fmt: skip


def latex(text: str) -> str:
    return to_latex(parse_formula(text), spell=SPELLINGS.get, shapes=SHAPES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(A + A')*x", r"(\mathbf{A} + \mathbf{A}^{\top})\mathbf{x}"),
        (
            "2*X'*(X*w - y)/m",
            r"\frac{2}{m}\mathbf{X}^{\top}(\mathbf{X}\mathbf{w} - \mathbf{y})",
        ),
        (
            "-inv(X)'*x*y'*inv(X)'",
            r"-\mathbf{X}^{-\top}\mathbf{x}\mathbf{y}^{\top}\mathbf{X}^{-\top}",
        ),
        ("inv(X')", r"\mathbf{X}^{-\top}"),
        ("(X^-1)'", r"\mathbf{X}^{-\top}"),
        ("inv(A + B)", r"(\mathbf{A} + \mathbf{B})^{-1}"),
        ("X'^2", r"(\mathbf{X}^{\top})^{2}"),
        ("x.*y./b", r"\mathbf{x} \odot \mathbf{y} \oslash \mathbf{b}"),
        ("x./y.*b", r"(\mathbf{x} \oslash \mathbf{y}) \odot \mathbf{b}"),
        ("kron(A, B).*X", r"(\mathbf{A} \otimes \mathbf{B}) \odot \mathbf{X}"),
        ("y.*A*x", r"(\mathbf{y} \odot \mathbf{A})\mathbf{x}"),
        ("y.*(A*x)", r"\mathbf{y} \odot \mathbf{A}\mathbf{x}"),
        ("a.*x./c", r"\frac{a}{c}\mathbf{x}"),
        ("x.^2", r"\mathbf{x}^{\odot 2}"),
        ("x.^-1", r"\mathbf{x}^{\odot -1}"),
        ("x.^(1/2)", r"\mathbf{x}^{\odot 1/2}"),
        ("a.^2", "a^{2}"),
        ("a^(c + 1)", "a^{c + 1}"),
        ("x.^(a + c)", r"\mathbf{x}^{\odot (a + c)}"),
        (
            "kron(A, B + X)*x",
            r"(\mathbf{A} \otimes (\mathbf{B} + \mathbf{X}))\mathbf{x}",
        ),
        ("commute(m, n)", r"\mathbf{K}_{m,n}"),
        ("eye(n) - ones(m, n)", r"\mathbf{I}_{n} - \mathbf{1}_{m \times n}"),
        ("eye", r"\mathbf{I}"),
        ("(x'*B*x)*x", r"(\mathbf{x}^{\top}\mathbf{B}\mathbf{x})\mathbf{x}"),
        ("(x'*x)/c", r"\frac{\mathbf{x}^{\top}\mathbf{x}}{c}"),
        ("(X'*X)*x", r"\mathbf{X}^{\top}\mathbf{X}\mathbf{x}"),
        ("x'*x", r"\mathbf{x}^{\top}\mathbf{x}"),
    ],
)
def test_matrix_notation(text: str, shown: str) -> None:
    assert latex(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a/c", r"\frac{a}{c}"),
        ("x'*A*x/m", r"\frac{\mathbf{x}^{\top}\mathbf{A}\mathbf{x}}{m}"),
        ("(x + y)/2", r"\frac{\mathbf{x} + \mathbf{y}}{2}"),
        ("-2*x/m", r"-\frac{2}{m}\mathbf{x}"),
        ("A*(x - y)/m", r"\frac{1}{m}\mathbf{A}(\mathbf{x} - \mathbf{y})"),
        ("1/m*X*x", r"\frac{1}{m}\mathbf{X}\mathbf{x}"),
        ("a/c*f/m", r"\frac{af}{cm}"),
        ("a/(c*f)", r"\frac{a}{cf}"),
        ("exp(-(a - c)/m)", r"\exp\left(-\frac{a - c}{m}\right)"),
        ("a/(-(a + c))", r"\frac{a}{-(a + c)}"),
        ("(a/c)^2", r"\left(\frac{a}{c}\right)^{2}"),
        ("x/norm2(x)", r"\frac{\mathbf{x}}{\lVert \mathbf{x} \rVert_{2}}"),
        ("1/3*x", r"\frac{1}{3}\mathbf{x}"),
        ("0.5*x", r"\frac{1}{2}\mathbf{x}"),
        ("0.1*x", r"0.1\mathbf{x}"),
        ("2.5e-9*a", r"2.5 \cdot 10^{-9}a"),
        ("1e20", "10^{20}"),
    ],
)
def test_fractions_and_numbers(text: str, shown: str) -> None:
    assert latex(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2*3", r"2 \cdot 3"),
        ("a*2", r"a \cdot 2"),
        ("2*(a/c)", r"2 \cdot \frac{a}{c}"),
        ("a*3^c", r"a \cdot 3^{c}"),
        ("f*(a + c)", r"f\,(a + c)"),
        ("lambda*a", r"\lambda a"),
        ("a*rate", r"a\,\mathbf{rate}"),
        ("a*(-c)", r"a\,(-c)"),
    ],
)
def test_factors_are_kept_apart_where_they_would_be_misread(text: str, shown: str) -> None:
    assert latex(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tanh(x)", r"\tanh(\mathbf{x})"),
        ("det(X)^2", r"\det(\mathbf{X})^{2}"),
        ("log_det(X)", r"\operatorname{log\_det}(\mathbf{X})"),
        ("lambda_max(X)", r"\lambda_{\mathrm{max}}(\mathbf{X})"),
        ("exp(a/c)", r"\exp\left(\frac{a}{c}\right)"),
        ("norm2(x - y)^2", r"\lVert \mathbf{x} - \mathbf{y} \rVert_{2}^{2}"),
        ("norm2(x/2)", r"\left\lVert \frac{\mathbf{x}}{2} \right\rVert_{2}"),
        ("abs(a)", r"\lvert a\rvert"),
        ("abs(a/c)", r"\left\lvert\frac{a}{c}\right\rvert"),
        ("sqrt(a)", r"\sqrt{a}"),
        ("tr(X/2)", r"\operatorname{tr}\left(\frac{\mathbf{X}}{2}\right)"),
        ("pinv(X)'", r"(\mathbf{X}^{+})^{\top}"),
        ("2*dot(x, y + b)*a", r"2(\mathbf{x}^{\top} (\mathbf{y} + \mathbf{b}))a"),
        ("softmax(X, 1)", r"\operatorname{softmax}_{1}(\mathbf{X})"),
        ("2*expm1(a)", "2(e^{a} - 1)"),
        (
            "[relu(x); relu(y)]",
            r"\begin{bmatrix} {}[\mathbf{x}]_+ \\ {}[\mathbf{y}]_+ \end{bmatrix}",
        ),
    ],
)
def test_functions(text: str, shown: str) -> None:
    assert latex(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lambda*mu", r"\lambda\boldsymbol{\mu}"),
        ("Sigma*W12", r"\boldsymbol{\Sigma}\mathbf{W}_{12}"),
        ("α + pi", r"\alpha + \pi"),
        ("x(2)", "x_{2}"),
        ("x(2:n)", r"\mathbf{x}_{2:n}"),
        ("A(1, :)", r"\mathbf{A}_{1,:}"),
        ("A(1, 3)^2", "A_{1,3}^{2}"),
        ("W12(1, 2)", r"(W_{12})_{1,2}"),
        ("a_max", r"a_{\mathrm{max}}"),
        ("g_1_2", "g_{1,2}"),
        ("omicron", "o"),
        ("_t", r"\mathit{\_t}"),
    ],
)
def test_names(text: str, shown: str) -> None:
    assert latex(text) == shown


def test_names_of_undeclared_variables_go_by_their_letter() -> None:
    formula = parse_formula("a*h*z*A*alpha*Sigma*x_1")
    expected = r"a\mathbf{h}\mathbf{z}\mathbf{A}\alpha\boldsymbol{\Sigma}\mathbf{x}_{1}"
    assert to_latex(formula) == expected


def test_a_name_is_bold_as_a_variable_and_plain_as_a_size() -> None:
    assert to_latex(parse_formula("n + ones(n)*x(n)")) == r"\mathbf{n} + \mathbf{1}_{n}x_{n}"


def test_a_program_is_aligned() -> None:
    assert latex("u = A*x; v = tanh(u); v'*v") == (
        r"\begin{aligned} \mathbf{u} &= \mathbf{A}\mathbf{x} \\ "
        r"\mathbf{v} &= \tanh(\mathbf{u}) \\ "
        r"&\mathrel{\phantom{=}} \mathbf{v}^{\top}\mathbf{v} \end{aligned}"
    )


def test_a_spelling_goes_before_the_notation_of_operators() -> None:
    formula = parse_formula("inv(X)'")
    assert to_latex(formula, spell={"inv": "1/{0}"}.get) == r"(1/\mathbf{X})^{\top}"


def test_sizes_of_the_variables_are_numbers() -> None:
    """k is a size, so it is no vector as an undeclared k would be."""
    formula = parse_formula("x*ones(k)'/k + z/h")
    shown = to_latex(formula, spell=SPELLINGS.get, shapes={"x": ("n",), "z": ("k+1",)})
    assert shown.endswith(r"}{k} + \frac{\mathbf{z}}{\mathbf{h}}")


def test_depth_is_no_problem() -> None:
    tree: Formula = Name("x")
    for _ in range(50_000):
        tree = Transpose(Power(Name("x"), Neg(Call("tanh", (tree,))), False))
    assert to_latex(tree).count(r"^{\top}") == 50_000
