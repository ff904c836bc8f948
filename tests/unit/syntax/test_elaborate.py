"""What a formula becomes: variables, shapes, definitions, notes and conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from gradform.formula.tree import (
    Add,
    Call,
    Formula,
    Mul,
    Name,
    Number,
    Power,
    Program,
    Slice,
    children,
)
from gradform.functions import Shape
from gradform.ir import build
from gradform.ir.dims import ONE, dim
from gradform.ir.nodes import Symbol, topological
from gradform.syntax.elaborate import Elaborated, elaborate
from gradform.syntax.parser import parse_formula

_DECLARED: Mapping[str, Sequence[str | int]] = {
    "a": (),
    "c": (),
    "x": ("n",),
    "y": ("n",),
    "r": (1, "n"),
    "A": ("n", "n"),
    "B": ("n", "n"),
    "X": ("m", "n"),
}


def elaborated(text: str, **options: Any) -> Elaborated:
    return elaborate(parse_formula(text), **{"declared": _DECLARED, **options})


def conditions(text: str, **options: Any) -> list[str]:
    return [each.text for each in elaborated(text, **options).conditions]


def test_all_declared_variables_are_there_in_order() -> None:
    assert list(elaborated("x'*x").variables) == list(_DECLARED)


def test_inferred_variables_follow_in_order_of_appearance() -> None:
    answer = elaborated("z'*A*x + w'*w", infer=True)
    assert list(answer.variables)[-2:] == ["z", "w"]
    assert answer.variables["z"].inferred
    assert not answer.variables["x"].inferred


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("a", "1", "1"), ("x", "n", "1"), ("r", "1", "n"), ("X", "m", "n")],
)
def test_declared_shapes(name: str, rows: str, columns: str) -> None:
    variable = elaborated("1").variables[name]
    assert (str(variable.shape.rows), str(variable.shape.cols)) == (rows, columns)
    assert variable.symbol.axes == variable.shape.axes


def test_every_part_has_a_shape() -> None:
    answer = elaborated("u = X*x(1)*y; [sum(u.^2), A(1,2:n); A*x, A(:,1:n-1)]")
    roots: list[Formula] = [answer.program.body, answer.program.definitions[0].value]
    parts = [part for root in roots for part in shaped_parts(root)]
    assert {id(part) for part in parts} == set(answer.shapes)
    assert answer.shapes[id(answer.program.body)] is answer.value.shape


def shaped_parts(root: Formula) -> list[Formula]:
    """The parts of a formula but for those inside an index."""
    below = () if isinstance(root, Call) and root.name in ("x", "A") else children(root)
    return [root, *(part for child in below for part in shaped_parts(child))]


def test_constants_take_their_size_from_the_formula() -> None:
    answer = elaborated("(X'*X + eye)*(x - vector(2))")
    sized = {
        str(part.name): answer.shapes[id(part)]
        for part in map_parts(answer.program.body)
        if isinstance(part, (Name, Call)) and part.name in ("eye", "vector")
    }
    n = dim("n")
    assert sized == {"eye": Shape(n, n), "vector": Shape(n, ONE)}


def map_parts(root: Formula) -> list[Formula]:
    return [root, *(part for child in children(root) for part in map_parts(child))]


def test_definitions_are_put_in() -> None:
    answer = elaborated("u = A*x - y; v = u'*u; v^2")
    assert list(answer.definitions) == ["u", "v"]
    assert answer.definitions["u"].shape == Shape(dim("n"), ONE)
    assert answer.value.node is build.power(answer.definitions["v"].node, 2)


def test_definitions_and_the_same_text_are_one_expression() -> None:
    with_names = elaborated("u = A*x; u'*u")
    without = elaborated("(A*x)'*(A*x)")
    assert with_names.value.node is without.value.node


def test_a_dimension_is_a_number() -> None:
    answer = elaborated("X'*X/m")
    size = build.size_of(dim("m"))
    gram = elaborated("X'*X").value.node
    assert answer.value.node is build.hadamard(gram, build.power(size, -1))


def test_a_variable_hides_a_dimension() -> None:
    answer = elaborated("n*ones(n)", declared={"n": (), "x": ("n",)})
    assert answer.value.node.axes == (dim("n"),)
    names = {n.name for n in topological(answer.value.node) if isinstance(n, Symbol)}
    assert names == {"n"}


# ---------------------------------------------------------------- structures


def test_symbols_have_the_assumed_structure() -> None:
    answer = elaborated("A*x", assume={"A": "symmetric, positive", "x": ["simplex"]})
    assert answer.variables["A"].symbol.structure == {"symmetric", "positive"}
    assert answer.variables["x"].structure == {"simplex"}
    symmetric = answer.variables["A"].symbol
    assert elaborated("A'", assume={"A": "symmetric, positive"}).value.node is symmetric


def test_plain_variables_have_independent_entries() -> None:
    options: dict[str, Any] = {"assume": {"A": ["spd", "positive"], "B": "symmetric"}}
    answer = elaborated("A' + B'", plain={"A"}, **options)
    variable = answer.variables["A"]
    assert variable.structure == {"spd", "positive"}
    assert variable.symbol.structure == {"positive"}
    assert answer.variables["B"].symbol.structure == {"symmetric"}
    expected = build.add(build.transpose(variable.symbol), answer.variables["B"].symbol)
    assert answer.value.node is expected


def test_conditions_of_plain_variables_use_what_was_declared() -> None:
    assert conditions("inv(A)", assume={"A": "spd"}, plain={"A"}) == []


@pytest.mark.parametrize("formula", ["eig(A)", "lambda_max(A+B)", "eig((X'*X))", "eig(A+A*A)"])
def test_symmetric_arguments_are_recognised(formula: str) -> None:
    options = {"assume": {"A": "symmetric", "B": "symmetric"}}
    assert elaborated(formula, **options).conditions
    assert elaborated(formula, plain={"A", "B"}, **options).conditions


# ---------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x./y", ["y != 0"]),
        ("a/(x'*x)", ["x'*x != 0"]),
        ("1/(a*c)", ["a != 0", "c != 0"]),
        ("1/(-a^2)", ["a != 0"]),
        ("x.^-2", ["x != 0"]),
        ("x.^0.5", ["x > 0"]),
        ("x.^a", ["x > 0"]),
        ("a^c", ["a > 0"]),
        ("log( a + \n c )", ["a + c > 0"]),
        ("log1p(a)", ["a > -1"]),
        ("inv(A)", ["det(A) != 0"]),
        ("A^-2", ["det(A) != 0"]),
        ("solve(A,x)", ["det(A) != 0"]),
        ("acos(a)", ["abs(a) < 1"]),
        ("norm2(x)", ["norm2(x) != 0"]),
        ("u = A*x; log(u)", ["u > 0"]),
        ("log(a) + log(a)/a", ["a > 0"]),
        ("1/a + log(a)", ["a > 0"]),
        ("X*x/(m-1)", ["m-1 != 0"]),
    ],
)
def test_conditions(formula: str, expected: list[str]) -> None:
    assert conditions(formula) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "x/2",
        "x/m",
        "a/exp(c)",
        "a/(1+c^2)",
        "log(1+x'*x)",
        "sqrt(2)*x",
        "log(pi)",
        "exp(x)./(vector(1)+exp(x))",
        "x.^2 + x.^3",
        "norm2(A*x-y)^2",
        "acos(0.5)",
        "1/(-exp(a))",
    ],
)
def test_what_always_holds_is_no_condition(formula: str) -> None:
    assert conditions(formula) == []


@pytest.mark.parametrize(
    ("formula", "assume"),
    [
        ("log(x)", {"x": "positive"}),
        ("log(x)", {"x": "simplex"}),
        ("a./x", {"x": "pm1"}),
        ("acosh(x)", {"x": "large"}),
        ("acos(x)", {"x": "unit"}),
        ("inv(A)", {"A": "orthogonal"}),
        ("logdet(A)", {"A": "lower_positive"}),
        ("inv(A'*A + c*eye)", {"c": "positive"}),
        ("inv(X'*diag(exp(X*x))*X + c*A)", {"c": "positive", "A": "spd"}),
        ("inv(diag(x))", {"x": "positive"}),
        ("chol(A + c*B)", {"A": "spd", "B": "spd", "c": "positive"}),
        ("sqrt(mean(x.^2) + a)", {"a": "positive"}),
    ],
)
def test_declared_structure_settles_conditions(formula: str, assume: dict[str, str]) -> None:
    assert conditions(formula, assume=assume) == []


@pytest.mark.parametrize(
    ("formula", "assume"),
    [
        ("inv(A + c*B)", {"A": "spd", "B": "spd"}),
        ("inv(A - B)", {"A": "spd", "B": "spd"}),
        ("inv(A*B)", {"A": "spd", "B": "spd"}),
        ("inv(X'*X)", {}),
        ("inv(A.*B)", {"A": "spd", "B": "positive"}),
        ("inv(A'*B + eye)", {}),
        ("log(x)", {"x": "binary"}),
        ("log(x - y)", {"x": "positive", "y": "positive"}),
        ("acosh(x)", {"x": "positive"}),
    ],
)
def test_what_is_not_known_stays_a_condition(formula: str, assume: dict[str, str]) -> None:
    assert len(conditions(formula, assume=assume)) == 1


def test_kinks_are_marked() -> None:
    answer = elaborated("abs(a) + log(c)")
    assert [(each.text, each.smooth) for each in answer.conditions] == [
        ("a != 0", True),
        ("c > 0", False),
    ]


def test_a_condition_of_the_value_replaces_one_of_the_derivative() -> None:
    (only,) = elaborated("abs(a) + c/a").conditions
    assert (only.text, only.smooth) == ("a != 0", False)


def test_trees_without_text_have_conditions_too() -> None:
    two, total = Number(Fraction(2)), Add((Name("a"), Name("c")), (1, 1))
    body = Mul((two, total, Power(Power(Name("a"), two, False), two, False)), ("*", "/", "*"))
    answer = elaborate(Program((), body), declared=_DECLARED)
    assert [each.text for each in answer.conditions] == ["divisor != 0"]
    assert answer.notes == ()


# ---------------------------------------------------------------- notes


@pytest.mark.parametrize("formula", ["a^c^2", "a ^ c ^ 2", "x.^a.^2"])
def test_powers_of_powers_are_explained(formula: str) -> None:
    (note,) = elaborated(formula).notes
    assert "read from the left" in note


@pytest.mark.parametrize("formula", ["(a^c)^2", "a^(c^2)", "(a)^2", "a^c"])
def test_bracketed_powers_need_no_explanation(formula: str) -> None:
    assert elaborated(formula).notes == ()


def test_notes_of_the_parser_are_kept() -> None:
    assert elaborated("a \N{MINUS SIGN} c").notes


def test_a_slice_is_a_part_of_an_index_only() -> None:
    index = next(p for p in map_parts(parse_formula("x(2:n)").body) if isinstance(p, Slice))
    assert id(index) not in elaborated("x(2:n)").shapes
