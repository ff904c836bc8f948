from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradform.formula.spelling import Precedence, Spelling
from gradform.formula.tree import Formula, Name, Neg, Number, Transpose
from gradform.notation.unicode import to_unicode
from gradform.syntax.parser import parse_formula
from tests.unit.notation.printer_trees import random_program

SPELLINGS: dict[str, str | Spelling | tuple[str | Spelling, ...]] = {
    "norm2": "‖{0}‖₂",
    "norm1": "‖{0}‖_{{1}}",
    "normnuc": "‖{0}‖_*",
    "abs": "|{0}|",
    "sqrt": "√{0}",
    "pinv": "{0}⁺",
    "sum": ("Σ {0}", "sum_{{{1}}}({0})"),
    "outer": Spelling("{0}·{1}ᵀ", Precedence.PRODUCT, (Precedence.PRODUCT, Precedence.ATOM)),
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(A + A')*x", "(A + Aᵀ)·x"),
        ("2*X'*(X*w - y)/m", "2·Xᵀ·(X·w - y)/m"),
        ("-inv(X)'*a*b'*inv(X)'", "-X⁻ᵀ·a·bᵀ·X⁻ᵀ"),
        ("inv(X')", "X⁻ᵀ"),
        ("X^-1", "X⁻¹"),
        ("(X^-1)'", "X⁻ᵀ"),
        ("(A + B)^-1", "(A + B)⁻¹"),
        ("(X^2)'", "(X²)ᵀ"),
        ("X'^2", "(Xᵀ)²"),
        ("x^12 + a^b", "x¹² + a^b"),
        ("a^(b + c)", "a^(b + c)"),
        ("2^-x", "2^(-x)"),
        ("x^0.5", "x^0.5"),
        ("x.^2", "x⊙²"),
        ("x.^-1.*y", "x⊙⁻¹ ⊙ y"),
        ("x.^(1/2)", "x^⊙(1/2)"),
        ("2.^3", "2³"),
        ("x.*y./z", "x ⊙ y ⊘ z"),
        ("x./y.*z", "(x ⊘ y) ⊙ z"),
        ("kron(A, B).*X", "(A ⊗ B) ⊙ X"),
        ("kron(A, B).*X.*Y", "(A ⊗ B) ⊙ X ⊙ Y"),
        ("y.*(A*x)", "y ⊙ A·x"),
        ("y.*A*x", "(y ⊙ A)·x"),
        ("2.*x./3", "2·x/3"),
        ("1./x", "1 ⊘ x"),
        ("a/b*c", "(a/b)·c"),
        ("1/3*x", "(1/3)·x"),
        ("a/(b*c)", "a/(b·c)"),
        ("a - (-b)", "a - (-b)"),
        ("a*(-b)", "a·(-b)"),
        ("kron(A + B, C*D)*x", "((A + B) ⊗ C·D)·x"),
        ("kron(kron(A, B), C)", "(A ⊗ B) ⊗ C"),
        ("eye(n) + eye(3)*eye(N) + eye", "Iₙ + I₃·I_N + I"),
        ("ones(n)*ones(m,n)*ones(M,d)", "𝟏ₙ·𝟏ₘₓₙ·𝟏_(M×d)"),
        ("zeros(n)", "𝟎ₙ"),
        ("commute(m,n)", "K_(m,n)"),
        ("alpha*x_1 + W12 + lambda_max + x_max", "α·x₁ + W₁₂ + λ_max + x_max"),
        ("pi*β", "π·β"),
        ("x(2) + A(1,:)*x(2:n)", "x[2] + A[1, :]·x[2:n]"),
        ("tanh(x)", "tanh(x)"),
        ("(x'*y)*z + (X'*X)*y", "(xᵀ·y)·z + Xᵀ·X·y"),
        ("[A, b; c', 1]", "[A, b; cᵀ, 1]"),
        ("1e-8 + 2.5e20*x", "10⁻⁸ + 2.5×10²⁰·x"),
        ("u = A*x; v_2 = u; v_2'*u", "u = A·x; v₂ = u; v₂ᵀ·u"),
    ],
)
def test_operators(text: str, shown: str) -> None:
    assert to_unicode(parse_formula(text)) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("norm2(A*x - b)^2/2", "‖A·x - b‖₂²/2"),
        ("norm1(x) + normnuc(X)*a", "‖x‖₁ + ‖X‖_*·a"),
        ("abs(x)/2", "|x|/2"),
        ("sqrt(x) + sqrt(x + y)*sqrt(2)^3", "√x + √(x + y)·(√2)³"),
        ("pinv(X)'", "(X⁺)ᵀ"),
        ("pinv(X')", "(Xᵀ)⁺"),
        ("2*sum(x)*y", "2·(Σ x)·y"),
        ("sum(X,1)", "sum₁(X)"),
        ("outer(A*x, y + x)^2", "(A·x·(y + x)ᵀ)²"),
        ("norm2(x, y)", "norm2(x, y)"),
    ],
)
def test_functions(text: str, shown: str) -> None:
    assert to_unicode(parse_formula(text), spell=SPELLINGS.get) == shown


def test_declared_variables_decide_what_is_an_element() -> None:
    formula = parse_formula("f(2) + rate(2)")
    assert to_unicode(formula) == "f[2] + rate(2)"
    assert to_unicode(formula, shapes={"rate": ("n",)}) == "f(2) + rate[2]"
    assert to_unicode(parse_formula("rate = x; rate(2)")) == "rate = x; rate[2]"


@given(st.randoms(use_true_random=False))
def test_brackets_are_balanced(random: Random) -> None:
    shown = to_unicode(random_program(random))
    assert shown.count("(") == shown.count(")")
    assert shown.count("[") == shown.count("]")


def test_depth_is_no_problem() -> None:
    tree: Formula = Name("x")
    for _ in range(50_000):
        tree = Transpose(Neg(tree))
    assert to_unicode(tree).count("ᵀ") == 50_000
    assert to_unicode(Number(Fraction(10**5000))) == "10⁵⁰⁰⁰"
