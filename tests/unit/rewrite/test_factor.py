"""Common factors: what is found, what stays apart, and that nothing else changes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gradform.functions.operators import diagonal_matrix, trace
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Contraction, Sum, symbol
from gradform.rewrite.factor import factor_sum
from gradform.rewrite.networks import as_network, common_parts, same_network
from gradform.rewrite.simplify import factor
from gradform.rewrite.weight import weight
from tests.support.ir_eval import evaluate_node
from tests.unit.ir.networks import agrees, fn, m, n, point, sym
from tests.unit.rewrite.random_sums import random_sum

A, B, P, S, X, Y, W = (Expr(sym(name)) for name in "ABPSXYW")
x, y, w, u, c, d = (Expr(sym(name)) for name in "xywucd")
inv, tanh, exp = fn("inv"), fn("tanh"), fn("exp")
I = Expr(build.delta(n))


def outer(left: Expr, right: Expr) -> Expr:
    return Expr(build.outer(left.node, right.node))


def as_sum(expression: Expr) -> Sum:
    assert isinstance(expression.node, Sum)
    return expression.node


# left: as it comes from the calculus; right: as a textbook has it
FACTORED: dict[str, tuple[Expr, Expr]] = {
    "A*x + A'*x": (A @ x + A.T @ x, (A + A.T) @ x),
    "A*x + B*x": (A @ x + B @ x, (A + B) @ x),
    "A*x + A*y": (A @ x + A @ y, A @ (x + y)),
    "A*x - 3*A*y": (A @ x - 3 * A @ y, A @ (x - 3 * y)),
    "A*B*x + A*x": (A @ B @ x + A @ x, A @ (B @ x + x)),
    "x'*A + x'*B": (x @ A + x @ B, x @ (A + B)),
    "X*b*c' + X*c*b'": (X @ outer(x, y) + X @ outer(y, x), X @ (outer(x, y) + outer(y, x))),
    "B*X'*X + C*X'*X": (A @ X.T @ X + B @ X.T @ X, (A + B) @ X.T @ X),
    "A*P*B + A*S*B": (A @ P @ B + A @ S @ B, A @ (P + S) @ B),
    "A*P*B' - A*S*B'": (A @ P @ B.T - A @ S @ B.T, A @ (P - S) @ B.T),
    "c*x + d*x": (c * x + d * x, (c + d) * x),
    "c*A + c*B": (c * A + c * B, c * (A + B)),
    "exp(c)*x + exp(c)*y": (exp(c) * x + exp(c) * y, exp(c) * (x + y)),
    "x.*y + x.*w": (x * y + x * w, x * (y + w)),
    "x.^2.*y + x.*w": (x**2 * y + x * w, x * (x * y + w)),
    "x^3 + x^2*y": (c**3 + c**2 * d, c**2 * (c + d)),
    "d^-1*(A*x) + d^-2*(A*y)": (A @ x / d + A @ y / d**2, A @ (x + y / d) / d),
    "inv(A)*B + inv(A)*P": (inv(A) @ B + inv(A) @ P, inv(A) @ (B + P)),
    "tr(A*B) + tr(A*P)": (trace(A @ B) + trace(A @ P), trace(A @ (B + P))),
    "x'*A*y + x'*B*y": (x @ A @ y + x @ B @ y, x @ (A + B) @ y),
    "three terms": (A @ x + B @ x + P @ x, (A + B + P) @ x),
    "four terms": (
        A @ x * c + B @ x * c + A @ y * c + B @ y * c,
        c * ((A + B) @ (x + y)),
    ),
    "diag(x)*A + diag(y)*A": (
        diagonal_matrix(x) @ A + diagonal_matrix(y) @ A,
        diagonal_matrix(x + y) @ A,
    ),
    "S*x + x'*S, transposed": (S @ x * 2 + x @ S, 3 * S @ x),
    "a symmetric factor, turned": (A @ S @ x + B @ S @ x, (A + B) @ S @ x),
    "scalars opened": ((x @ A @ w) * y + (x @ B @ w) * y, x @ (A + B) @ w * y),
}


@pytest.mark.parametrize("name", FACTORED)
def test_common_factors_are_taken_out(name: str) -> None:
    left, right = FACTORED[name]
    assert factor(left.node) is factor(right.node)
    assert weight(factor(left.node)) <= weight(right.node)


@pytest.mark.parametrize("name", FACTORED)
def test_the_examples_are_true(name: str) -> None:
    left, right = FACTORED[name]
    at = point(3)
    value = evaluate_node(left.node, at.arrays, at.sizes)
    assert agrees(right.node, value, at)
    assert agrees(factor(left.node), value, at)


APART: dict[str, Expr] = {
    "A*x + B*y": A @ x + B @ y,
    "x + y": x + y,
    "A*x + B'*y": A @ x + B.T @ y,
    "A*B + B*A": A @ B + B @ A,
    "A.*B + A*B": A * B + A @ B,
    "x*y' + y*x'": outer(x, y) + outer(y, x),
    "tr(A)*I + A": trace(A) * I + A,
    "x + ones": x + 1,
    "A + A'": A + A.T,
    "1 + x.^2": 1 + x**2,
    "x'*A*x + 1": x @ A @ x + 1,
    "c + d": c + d,
    "A*P*B + B*P*A": A @ P @ B + B @ P @ A,
}


@pytest.mark.parametrize("name", APART)
def test_what_shares_nothing_stays(name: str) -> None:
    assert factor_sum(as_sum(APART[name])) is APART[name].node


def test_terms_that_share_nothing_stay_beside() -> None:
    whole = factor_sum(as_sum(A @ x + A.T @ x + tanh(y)))
    assert whole is ((A + A.T) @ x + tanh(y)).node


def test_two_groups() -> None:
    whole = factor_sum(as_sum(A @ x + B @ x + X.T @ u + Y @ u))
    assert whole is ((A + B) @ x + (X.T + Y) @ u).node


# ---------------------------------------------------------------- laws


def sums() -> Iterator[tuple[int, Sum]]:
    for seed in range(400):
        node = random_sum(random.Random(seed), point(seed)).node
        if isinstance(node, Sum):
            yield seed, node


def test_values_are_kept() -> None:
    changed = defined = 0
    for seed in range(400):
        at = point(seed)
        node, value = random_sum(random.Random(seed), at)
        if not isinstance(node, Sum):
            continue
        found = factor_sum(node)
        changed += found is not node
        defined += agrees(found, value, at, 1e-6)
        agrees(factor(node), value, at, 1e-6)
    assert changed > 80
    assert defined > 800


def test_the_result_is_no_longer() -> None:
    for seed, node in sums():
        found = factor_sum(node)
        assert found is node or weight(found) < weight(node), seed


def test_factoring_twice_changes_nothing() -> None:
    for seed, node in sums():
        found = factor_sum(node)
        if isinstance(found, Sum):
            assert factor_sum(found) is found, seed


def test_the_names_of_axes_do_not_matter() -> None:
    for name, (left, _) in FACTORED.items():
        if left.node.rank == 2:
            straight, turned = factor(left.node), factor(left.T.node)
            assert weight(straight) == weight(turned), name


def test_very_long_sums_are_left_alone() -> None:
    terms = [(1, build.matmul(symbol(f"M{k}", (n, n)), x.node)) for k in range(30)]
    node = build.linear_combination(terms, (n,))
    assert isinstance(node, Sum)
    assert factor_sum(node) is node


# ---------------------------------------------------------------- shared parts


def shared(left: Expr, right: Expr) -> int:
    """The most factors that two terms have in common."""
    pair = as_network(1, left.node, 0), as_network(1, right.node, 1)
    return max((len(match.pairs) for match in common_parts(*pair)), default=0)


@pytest.mark.parametrize(
    ("left", "right", "count"),
    [
        (A @ x, B @ x, 1),
        (A @ x, A @ y, 1),
        (A @ x, B @ y, 0),
        (A @ B @ x, A @ B @ y, 2),
        (A @ B @ x, A @ P @ x, 2),
        (A @ x, A.T @ x, 1),
        (outer(x, y), outer(y, x), 0),
        (S @ x, S.T @ x, 2),
        (c * x, d * x, 1),
    ],
)
def test_common_parts(left: Expr, right: Expr, count: int) -> None:
    assert shared(left, right) == count
    assert shared(right, left) == count


def test_same_network() -> None:
    common = as_network(1, (A @ B).node, 0)
    assert same_network(common, as_network(1, (A @ B).node, 1)) is not None
    assert same_network(common, as_network(1, (A @ B @ P).node, 1)) is None
    assert same_network(common, as_network(1, (B @ A).node, 1)) is None


def test_axes_of_a_sum_are_those_of_its_factored_form() -> None:
    whole = factor(as_sum(X @ A + X @ B))
    assert isinstance(whole, Contraction)
    assert whole.axes == (m, n)
