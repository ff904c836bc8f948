"""Every named equation is true, shortens, is reached, and keeps to its left side."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Node, Sum, Symbol, topological
from gradform.rewrite import EQUATIONS
from gradform.rewrite.equations import Equation, apply_equations
from gradform.rewrite.weight import weight
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.ir.networks import fn, n, network, point, sym

each = pytest.mark.parametrize("rule", EQUATIONS, ids=lambda rule: rule.name)
ARGUMENTS = ("c", "x", "A", "w", "u")
x, y, w, A, B, c, d = (sym(name) for name in "xywABcd")


def value(node: Node, **arrays: Array) -> Array:
    at = point(0)
    return evaluate_node(node, {**at.arrays, **arrays}, at.sizes)


def left_of(rule: Equation, argument: Node) -> Sum:
    left, _ = rule.at(argument)
    assert isinstance(left, Sum), "an equation replaces a sum"
    return left


def combined(terms: Sequence[tuple[Coefficient, Node]], like: Node) -> Node:
    return build.linear_combination(terms, like.axes)


def times(side: Node, factor: Node, like: Node) -> Node:
    """side · factor with the axes of ``like``, scalars and vectors spread as they must be."""
    axes = tuple(range(like.rank))
    own = axes[: factor.rank] if factor.rank < like.rank else axes
    terms: list[build.Term] = [(factor, own, 1)]
    if isinstance(side, Sum):
        parts = [(k, times(term, factor, like)) for k, term in side.terms]
        return build.linear_combination(parts, like.axes)
    terms.append((side, axes, 1))
    return build.contract(1, terms, axes, dict(enumerate(like.axes)))


# ---------------------------------------------------------------- true and shorter


@each
@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_both_sides_have_one_value(rule: Equation, scale: float) -> None:
    rng = np.random.default_rng(17)
    effective = 0
    for _ in range(20):
        given = scale * rng.normal(size=point(0).sizes["n"])
        left, right = rule.at(x)
        with np.errstate(all="ignore"):
            first, second = value(left, x=given), value(right, x=given)
            terms = [np.abs(value(term, x=given)) for _, term in left_of(rule, x).terms]
        defined = np.isfinite(first)
        effective += int(defined.sum())
        assert np.all(
            np.abs(first - second)[defined] <= 1e-13 * (1 + np.sum(terms, axis=0))[defined]
        )
    assert effective >= 20


@each
@pytest.mark.parametrize("name", ARGUMENTS)
def test_sides_have_the_axes_of_the_argument(rule: Equation, name: str) -> None:
    left, right = rule.at(sym(name))
    assert left.axes == right.axes == sym(name).axes


@each
@pytest.mark.parametrize("name", ["c", "x"])
def test_the_right_side_is_shorter(rule: Equation, name: str) -> None:
    left, right = rule.at(sym(name))
    assert weight(right) < weight(left)


@each
@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_sum_never_gets_longer(rule: Equation, name: str) -> None:
    """Where the right side is longer, as ones(m,n) may be, the sum stays."""
    left, right = rule.at(sym(name))
    found = apply_equations(left)
    assert found is right if weight(right) < weight(left) else weight(found) <= weight(left)


@each
def test_the_right_side_has_no_other_variables(rule: Equation) -> None:
    _, right = rule.at(x)
    assert {node for node in topological(right) if isinstance(node, Symbol)} <= {x}


@each
def test_it_says_what_it_does(rule: Equation) -> None:
    assert rule.statement.count("=") == 1
    assert rule.name.isidentifier()


def test_names_and_statements_are_unique() -> None:
    assert len({rule.name for rule in EQUATIONS}) == len(EQUATIONS)
    assert len({rule.statement for rule in EQUATIONS}) == len(EQUATIONS)


# ---------------------------------------------------------------- reached

ARGUMENT = {"x": x, "c": c, "A*x": build.matmul(A, x), "tanh(x)": fn("tanh").apply(x)}
REST: dict[str, list[tuple[Coefficient, Node]]] = {
    "nothing": [],
    "another": [(Fraction(3, 2), fn("erf").apply(y))],
    "two others": [(-1, fn("erf").apply(w)), (4, fn("erf").apply(y))],
}


@each
@pytest.mark.parametrize("argument", ARGUMENT)
def test_the_left_side_becomes_the_right_side(rule: Equation, argument: str) -> None:
    left, right = rule.at(ARGUMENT[argument])
    assert apply_equations(left) is right


@each
@pytest.mark.parametrize("rest", REST)
@pytest.mark.parametrize("number", [1, -1, 3, Fraction(-2, 5)])
def test_reached_beside_others_and_times_a_number(
    rule: Equation, rest: str, number: Coefficient
) -> None:
    left, right = rule.at(x)
    whole = combined([(number, left), *REST[rest]], x)
    assert apply_equations(whole) is combined([(number, right), *REST[rest]], x)


@each
@pytest.mark.parametrize("factor", ["d", "y", "tanh(y)", "y²", "x"])
@pytest.mark.parametrize("rest", REST)
def test_reached_times_a_scalar_or_a_vector(rule: Equation, factor: str, rest: str) -> None:
    tanh_y = fn("tanh").apply(y)
    by = {"d": d, "y": y, "tanh(y)": tanh_y, "y²": build.power(y, 2), "x": x}[factor]
    left, right = rule.at(x)
    whole = combined([(-2, times(left, by, x)), *REST[rest]], x)
    assert isinstance(whole, Sum)
    wanted = combined([(-2, times(right, by, x)), *REST[rest]], x)
    assert apply_equations(whole) is wanted


@each
def test_reached_inside_a_matrix(rule: Equation) -> None:
    """A_ij·left(x)_j + B_ij: the argument stands on one axis of two."""
    at = point(0)

    def spread(side: Node) -> Node:
        terms = side.terms if isinstance(side, Sum) else ((1, side),)
        parts = [(k, network(at, "ij,j->ij", A, term).node()) for k, term in terms]
        return build.linear_combination([*parts, (1, B)], A.axes)

    left, right = rule.at(x)
    assert apply_equations(spread(left)) is spread(right)


@each
def test_reached_under_a_sum_over_its_axis(rule: Equation) -> None:
    """A·left(x) + y, where the label of x is summed."""

    def product(side: Node) -> Node:
        terms = side.terms if isinstance(side, Sum) else ((1, side),)
        parts = [(k, build.matmul(A, term)) for k, term in terms]
        return build.linear_combination([*parts, (1, y)], x.axes)

    left, right = rule.at(x)
    assert apply_equations(product(left)) is product(right)


@each
def test_both_of_two_occurrences(rule: Equation) -> None:
    left_x, right_x = rule.at(x)
    left_y, right_y = rule.at(y)
    whole = combined([(2, left_x), (3, times(left_y, d, y))], x)
    assert apply_equations(whole) is combined([(2, right_x), (3, times(right_y, d, y))], x)


# ---------------------------------------------------------------- near misses


def misses(rule: Equation) -> dict[str, Node]:
    """Sums that look like the left side and are not."""
    left = left_of(rule, x)
    other = left_of(rule, y)
    numbers, terms = zip(*left.terms, strict=True)
    last = len(terms) - 1
    found = {
        "one term has another number": _with(left, {last: (numbers[last] * 3, terms[last])}),
        "one term has another sign": _with(left, {last: (-numbers[last], terms[last])}),
        "one term has a factor": _with(
            left, {last: (numbers[last], build.hadamard(terms[last], d))}
        ),
        "one term is missing": _with(left, {last: (1, fn("erf").apply(y))}),
        "every term has its own factor": combined(
            [(k, build.hadamard(t, f)) for (k, t), f in zip(left.terms, (d, y, c), strict=False)], x
        ),
    }
    if all(build.constant_value(term) is None for term in terms):
        found["two arguments"] = combined([left.terms[0], other.terms[last]], x)
    return found


def _with(left: Sum, changed: dict[int, tuple[Coefficient, Node]]) -> Node:
    terms = [changed.get(k, term) for k, term in enumerate(left.terms)]
    return build.linear_combination(terms, left.axes)


@each
def test_near_misses_are_left_alone(rule: Equation) -> None:
    for name, node in misses(rule).items():
        changed = apply_equations(node)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(value(changed), value(node), rtol=1e-10, err_msg=name)
        uses = [other for other in EQUATIONS if other is not rule and _matches(other, node)]
        assert uses or changed is node, name


def _matches(rule: Equation, node: Node) -> bool:
    """Whether the node contains all terms of another rule's left side."""
    if not isinstance(node, Sum):
        return False
    functions = {kid for _, term in node.terms for kid in topological(term)}
    for argument in (x, build.scale(-1, x), y, build.scale(-1, y)):
        left = left_of(rule, argument)
        present = {term for _, term in left.terms if build.constant_value(term) is None}
        if present <= functions:
            return True
    return False


def test_different_axes_do_not_meet() -> None:
    """sin(x_i)² + cos(x_j)² is not 1."""
    for rule in EQUATIONS:
        left = left_of(rule, x)
        if any(build.constant_value(term) is not None for _, term in left.terms):
            continue
        spread = [
            (k, build.contract(1, [(term, (axis,), 1)], (0, 1), {0: n, 1: n}))
            for axis, (k, term) in enumerate(left.terms)
        ]
        node = build.linear_combination(spread, (n, n))
        assert apply_equations(node) is node, rule.name


def test_what_is_no_sum_stays() -> None:
    for node in (x, A, fn("exp").apply(x), build.hadamard(x, y)):
        assert apply_equations(node) is node


def test_equations_are_applied_until_none_applies() -> None:
    """sin² + cos² - 1 + softplus(y) - softplus(-y) = y"""
    t, s = Expr(x), Expr(y)
    sin, cos, softplus = fn("sin"), fn("cos"), fn("softplus")
    node = (sin(t) ** 2 + cos(t) ** 2 - 1 + softplus(s) - softplus(-s)).node
    assert apply_equations(node) is y
