from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradform.formula.tree import Add, Call, Formula, Mul, Name, Neg, Number, Power, Transpose
from gradform.notation.text import to_text
from gradform.syntax.parser import parse_formula
from tests.unit.notation.printer_trees import program_meaning, random_program

A, B, X, a, b, w, x, y = map(Name, "ABXabwxy")


def number(value: str | int | Fraction) -> Number:
    return Number(Fraction(value))


def product(*factors: Formula, ops: str = "") -> Mul:
    return Mul(factors, ("*", *(ops.split() or ["*"] * (len(factors) - 1))))


@pytest.mark.parametrize(
    "text",
    [
        "(A + A')*x",
        "2*X'*(X*w - y)/m",
        "-inv(X)'*a*b'*inv(X)'",
        "x.^-2",
        "x.^(-1/2)",
        "2^-x",
        "-x.^2",
        "(-x)^2",
        "(x.^2)'",
        "(a^b)^c",
        "a^(b^c)",
        "x^(a')",
        "A'^2",
        "[a; b]",
        "[A, B; C, eye(n)]*x",
        "x(2:n) + A(:, 1) + x(3)",
        "a*(b/c)",
        "a*b/c",
        "a/(b*c)",
        "a/b*c",
        "a*(-b)",
        "a.*b./c.*d",
        "a - (b - c)",
        "a - b - c",
        "-a + b",
        "-(a + b)",
        "1./x + 2.*y",
        "u = A*x - b; v = tanh(u); v'*v",
        "α*x",
    ],
)
def test_is_what_was_typed(text: str) -> None:
    assert to_text(parse_formula(text)) == text


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Neg(product(a, b)), "-a*b"),
        (Neg(Neg(x)), "-(-x)"),
        (Add((a, Neg(b)), (1, 1)), "a - b"),
        (Add((a, Neg(product(a, b))), (1, -1)), "a - (-a*b)"),
        (Add((a, product(number(-2), b)), (1, 1)), "a - 2*b"),
        (Add((a, Neg(Add((a, b), (1, 1)))), (1, 1)), "a - (a + b)"),
        (Add((Add((a, b), (1, -1)), x), (1, 1)), "a - b + x"),
        (Add((a, Add((b, x), (1, 1))), (1, 1)), "a + (b + x)"),
        (product(product(a, b), x), "a*b*x"),
        (product(a, product(b, x)), "a*(b*x)"),
        (product(Neg(a), b), "-a*b"),
        (product(a, number(-1)), "a*(-1)"),
        (Power(product(a, b), number(2), False), "(a*b)^2"),
        (Power(x, number(-2), True), "x.^-2"),
        (Transpose(Transpose(A)), "A''"),
        (Transpose(Neg(A)), "(-A)'"),
        (Call("f", ()), "f()"),
    ],
)
def test_trees_no_text_gives(tree: Formula, text: str) -> None:
    assert to_text(tree) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2", "2"),
        ("-3", "-3"),
        ("1/2", "0.5"),
        ("-3/8", "-0.375"),
        ("1/3", "1/3"),
        ("1e15", "1e15"),
        ("123456789012345", "123456789012345"),
        ("12345678901234567890", "12345678901234567890"),
        ("6.02e23", "6.02e23"),
        ("1e-8", "1e-8"),
        ("0.0000125", "0.0000125"),
        ("1.25e-9", "1.25e-9"),
        (Fraction(0.1), "3602879701896397/36028797018963968"),
    ],
)
def test_numbers_are_exact_and_short(value: str | Fraction, text: str) -> None:
    assert to_text(number(value)) == text
    assert eval(text.replace("/", "/ Fraction(1) /")) == pytest.approx(float(Fraction(value)))


def test_a_ratio_gets_brackets_where_its_bar_would_be_misread() -> None:
    third = number("1/3")
    assert to_text(product(third, x)) == "1/3*x"
    assert to_text(product(x, third)) == "x*(1/3)"
    assert to_text(product(x, third, ops="/")) == "x/(1/3)"
    assert to_text(Power(x, third, False)) == "x^(1/3)"
    assert to_text(Add((x, third), (1, -1))) == "x - 1/3"


def test_numbers_of_any_length() -> None:
    assert to_text(number(10**5000)) == "1e5000"
    assert len(to_text(number(7**9000))) == 7606


@given(st.randoms(use_true_random=False))
def test_parsing_gives_the_printed_tree_back(random: Random) -> None:
    program = random_program(random, ratios=False)
    again = parse_formula(to_text(program))
    assert program_meaning(again) == program_meaning(program)


@given(st.randoms(use_true_random=False))
def test_printing_is_stable(random: Random) -> None:
    text = to_text(random_program(random))
    assert to_text(parse_formula(text)) == text


def test_depth_is_no_problem() -> None:
    tree: Formula = x
    for _ in range(50_000):
        tree = Call("sin", (Neg(tree),))
    assert to_text(tree) == "sin(-" * 50_000 + "x" + ")" * 50_000
