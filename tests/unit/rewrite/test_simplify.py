"""Expanding, rebuilding, and the candidate forms."""

from __future__ import annotations

import random
from fractions import Fraction
from time import process_time

import pytest

from gradform.calculus import derivative, kept_sums
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Contraction, Node, Sum, Symbol, topological
from gradform.ir.rebuild import rebuild
from gradform.rewrite import simplify
from gradform.rewrite.simplify import expand, factor
from gradform.rewrite.weight import weight
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, m, n, point, random_tensor, sym
from tests.unit.rewrite.random_sums import random_sum

A, B, P, S, X, x, y, w, c, d = (Expr(sym(name)) for name in "ABPSXxywcd")
tanh, exp, inv = fn("tanh"), fn("exp"), fn("inv")
CASES = 200


def expanded(expression: Expr, *kept: Expr) -> Node:
    return expand(expression.node, frozenset(each.node for each in kept))


# ---------------------------------------------------------------- expand


def test_products_are_multiplied_out() -> None:
    assert expanded((A + B) @ x) is (A @ x + B @ x).node
    assert expanded((A + B) @ (x - y)) is (A @ x + B @ x - A @ y - B @ y).node
    assert expanded(c * (x + y * 2)) is (c * x + 2 * c * y).node
    assert expanded((x + y) * (x - y)) is (x**2 - y**2).node
    assert expanded((A + B) @ (A - B)) is (A @ A - A @ B + B @ A - B @ B).node
    assert expanded((A + Expr(build.delta(n))) @ x) is (A @ x + x).node


def test_powers_and_functions_of_sums_are_kept() -> None:
    for kept in ((x + y) ** 2, (x + y) ** -1, (w + 1) ** Fraction(1, 2), tanh(x + y), x + y):
        assert expanded(kept) is kept.node


def test_inside_functions_too() -> None:
    assert expanded(tanh((A + B) @ x)) is tanh(A @ x + B @ x).node


def test_sums_that_belong_together_are_kept() -> None:
    residual = A @ x - y
    assert expanded(B.T @ residual, residual) is (B.T @ residual).node
    assert expanded(B.T @ residual) is (B.T @ A @ x - B.T @ y).node


def test_many_terms_are_not_multiplied_out() -> None:
    four = x + y + w + tanh(x)
    three = exp(x) + exp(y) + exp(w)
    twelve = expanded(four * three)
    assert isinstance(twelve, Sum)
    assert len(twelve.terms) == 12
    sixteen = four * (three + tanh(y))
    assert expanded(sixteen) is sixteen.node


def test_expanding_keeps_values() -> None:
    defined = changed = 0
    for seed in range(CASES):
        at = point(seed)
        node, value = random_sum(random.Random(seed), at)
        found = expand(node, frozenset())
        changed += found is not node
        defined += agrees(found, value, at, 1e-6)
        assert expand(found, frozenset()) is found, seed
    assert defined > 2 * CASES
    assert changed > 10


def test_factoring_undoes_expanding() -> None:
    for whole in ((A + B) @ x, (A + B) @ (x - y), c * (A + B), (A + B) @ P, (x + y) * w):
        assert factor(expanded(whole)) is whole.node


# ---------------------------------------------------------------- rebuild


def test_rebuilding_changes_nothing_by_itself() -> None:
    for seed in range(CASES):
        node = random_tensor(random.Random(seed), point(seed), 3).node
        assert rebuild(node, lambda kid: kid) is node


def test_rebuilding_replaces_everywhere() -> None:
    def turned(node: Node) -> Node:
        return sym("y") if node is sym("x") else node

    whole = A @ tanh(A @ x) + x * exp(x) + inv(A) @ x
    wanted = A @ tanh(A @ y) + y * exp(y) + inv(A) @ y
    assert rebuild(whole.node, turned) is wanted.node


def test_rebuilding_applies_the_normal_forms_again() -> None:
    def known(node: Node) -> Node:
        return build.delta(n) if node is sym("A") else node

    assert rebuild((inv(A) @ A @ x + A @ B @ x).node, known) is (x + B @ x).node
    assert rebuild(inv(A).node, known) is build.delta(n)


def test_a_node_is_rebuilt_once() -> None:
    state = x
    for _ in range(40):
        state = tanh(state) * exp(state)
    seen: list[Node] = []

    def count(node: Node) -> Node:
        seen.append(node)
        return node

    rebuild(state.node, count)
    assert len(seen) == len(set(seen)) == len(topological(state.node))


def test_depth_is_no_problem() -> None:
    state = x
    for _ in range(2000):
        state = tanh(A @ state)
    found = rebuild(state.node, lambda node: sym("y") if node is sym("x") else node)
    assert sym("x") not in topological(found)


# ---------------------------------------------------------------- weight


@pytest.mark.parametrize(
    ("lighter", "heavier"),
    [
        (x, 2 * x),
        (x, x + y),
        (A @ x, A @ x + y),
        ((A + B) @ x, A @ x + B @ x),
        (x**2, x * y * y),
        (tanh(x), tanh(A @ x)),
        (x, x.sum()),
        (x, Expr(build.ones(n)) * c),
        (inv(A) @ x, inv(A) @ B @ x),
    ],
)
def test_weight_orders_by_length(lighter: Expr, heavier: Expr) -> None:
    assert weight(lighter.node) < weight(heavier.node)


def test_weight_is_positive_and_does_not_depend_on_sign() -> None:
    for seed in range(CASES):
        node = random_tensor(random.Random(seed), point(seed), 3).node
        assert weight(node) >= 0
        if isinstance(node, Symbol | Contraction) and not build.is_zero(node):
            assert weight(build.scale(-1, node)) == weight(node)


# ---------------------------------------------------------------- candidates

GRADIENTS: dict[str, tuple[Expr, str]] = {
    "least squares": ((A @ x - y) @ (A @ x - y), "x"),
    "logistic": (fn("softplus")(X @ x).sum(), "x"),
    "cross entropy": (fn("log")(exp(x).sum()) - y @ x, "x"),
    "quotient": ((x @ A @ x) / (x @ x), "x"),
    "trace of an inverse": (fn("det")(A @ B), "A"),
    "tanh layers": (w @ tanh(A @ tanh(A @ x)), "x"),
    "entrywise": (tanh(x) ** 2 / (1 + x**2), "x"),
    "norms": ((x @ x + 1) ** Fraction(1, 2), "x"),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_all_candidates_have_one_value(name: str) -> None:
    function, by = GRADIENTS[name]
    raw = derivative(function.node, sym(by))
    candidates = simplify(raw, kept_sums(function.node))
    assert candidates
    assert len(set(candidates)) == len(candidates)
    for seed in range(2):
        at = point(seed)
        value = evaluate_node(raw, at.arrays, at.sizes)
        for candidate in candidates:
            assert candidate.axes == raw.axes
            assert agrees(candidate, value, at, 1e-7) == value.size


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_candidate_is_no_longer_than_what_went_in(name: str) -> None:
    function, by = GRADIENTS[name]
    raw = derivative(function.node, sym(by))
    assert min(map(weight, simplify(raw, kept_sums(function.node)))) <= weight(raw)


def test_candidates_of_random_sums_have_one_value() -> None:
    for seed in range(100):
        at = point(seed)
        node, value = random_sum(random.Random(seed), at)
        for candidate in simplify(node):
            agrees(candidate, value, at, 1e-6)


def test_chains_of_products_take_no_time() -> None:
    """u = tanh(u)·exp(u), eight times; factoring must not try every way at every level."""
    state = c
    for _ in range(8):
        state = tanh(state) * exp(state)
    raw = derivative(state.node, sym("c"))
    start = process_time()
    simplify(raw, kept_sums(state.node))
    assert process_time() - start < 1.5


def test_simplifying_is_deterministic() -> None:
    node = derivative(((X @ x) @ (X @ x)).node, sym("X"))
    assert simplify(node) == simplify(node)
    assert node.axes == (m, n)
    assert simplify(S.node) == [S.node]
