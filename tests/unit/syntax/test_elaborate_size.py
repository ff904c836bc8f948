"""Long and deeply nested formulas, and how long a common one takes."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from gradform.formula.tree import Add, Formula, Name, Neg, Number, Power, Program, Transpose
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula

_DECLARED = {"a": (), "x": ("n",), "y": ("n",), "A": ("n", "n"), "B": ("n", "n")}


def elaborated(formula: str | Formula, declared: dict[str, tuple[str, ...]] | None) -> Elaborated:
    program = parse_formula(formula) if isinstance(formula, str) else Program((), formula)
    return elaborate(program, declared=declared)


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["x'*x"] * 2000),
        "+".join(f"{k}*x'*A*y" for k in range(1, 2000)),
        "-".join(f"sin({k}*a)" for k in range(2, 2000)),
        "*".join(["a"] * 5000),
        ".*".join(["x", "y"] * 2000),
        "*".join(["A", "B"] * 500),
        "a" + "/(1+a)" * 2000,
        "A*(" * 500 + "x" + ")" * 500,
        "sin(a+" * 1900 + "a" + ")" * 1900,
        "tanh(" * 1900 + "x" + ")" * 1900,
        "u0=x;" + "".join(f"u{k + 1}=tanh(A*u{k});" for k in range(1000)) + "u1000",
        "[" + ";".join(["x"] * 200) + "]",
    ],
    ids=lambda text: text[:12],
)
def test_long_formulas(text: str) -> None:
    assert elaborated(text, _DECLARED).value.node is not None


@pytest.mark.parametrize(
    "text",
    ["+".join(["x"] + ["vector(1)"] * 2000), "+".join(f"x{k}" for k in range(2000))],
    ids=["constants", "variables"],
)
def test_many_unknown_sizes(text: str) -> None:
    assert str(elaborated(text, None).value.shape.rows) == "n"


def test_deep_trees() -> None:
    node: Formula = Name("A")
    for _ in range(2500):
        node = Neg(Transpose(node))
    assert elaborated(node, _DECLARED).value.node is elaborated("A", _DECLARED).value.node
    node = Name("a")
    for _ in range(2500):
        node = Power(Add((node, Number(Fraction(1))), (1, 1)), Number(Fraction(2)), False)
    assert elaborated(node, _DECLARED).value.shape.is_scalar


def test_time_is_linear_in_the_number_of_terms() -> None:
    def seconds(terms: int) -> float:
        program = parse_formula("+".join(f"{k}*x'*A*y" for k in range(1, terms)))
        return _fastest(program)

    assert seconds(2000) < 20 * seconds(250)


def test_a_common_formula_takes_little_time() -> None:
    # Measured: 0.2 ms; the bound only catches a change of order.
    assert _fastest(parse_formula("norm2(tanh(A*x) - y)^2 + a*x'*x")) < 5e-3


def _fastest(program: Program) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        elaborate(program, declared=_DECLARED)
        times.append(time.perf_counter() - start)
    return min(times)
