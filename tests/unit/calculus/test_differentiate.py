"""Both modes against the complex step, and against each other."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from gradform.calculus import derivative, kept_sums, pull, push
from gradform.calculus.differentiate import dependents, identity
from gradform.errors import CannotError
from gradform.functions.operators import diagonal_matrix, trace
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Contraction, Node, Sum, Symbol, symbol, topological
from tests.support.ir_eval import Array, evaluate_node
from tests.unit.ir.networks import Point, fn, m, n, network, p, point, random_network, sym

STEP = 1e-30
VARIABLES = ("c", "d", "x", "w", "A", "X", "T")
PLAIN = ("c", "d", "x", "y", "w", "u", "A", "B", "P", "X", "Y", "W", "T")

A, B, P, X, Y, W, x, y, w, u, c, d, T = (Expr(sym(name)) for name in "ABPXYWxywucdT")
inv, det, logdet, expm, chol = (fn(name) for name in ("inv", "det", "logdet", "expm", "chol"))
exp, tanh, sin, log, sigmoid = (fn(name) for name in ("exp", "tanh", "sin", "log", "sigmoid"))


def value(node: Node, at: Point, **arrays: Array) -> Array:
    with np.errstate(all="ignore"):
        return evaluate_node(node, {**at.arrays, **arrays}, at.sizes)


def along(node: Node, at: Point, tangents: Mapping[str, Array]) -> Array:
    """Im f(x + ihv)/h: no subtraction, so accurate to rounding."""
    moved = {name: at.arrays[name] + 1j * STEP * tangent for name, tangent in tangents.items()}
    return np.imag(value(node, at, **moved)) / STEP


def jacobian(node: Node, at: Point, wrt: Symbol) -> Array:
    """Axes of the node, then those of the variable."""
    extent = at.arrays[wrt.name].shape
    columns = [along(node, at, {wrt.name: direction}) for direction in _units(extent)]
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape((*stacked.shape[:-1], *extent))


def _units(extent: Sequence[int]) -> Iterator[Array]:
    for place in product(*map(range, extent)):
        direction = np.zeros(extent)
        direction[place] = 1.0
        yield direction


def close(found: Array, wanted: Array) -> None:
    assert found.shape == wanted.shape
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9 * scale)


def extent_of(axes: Sequence[Dim], at: Point) -> list[int]:
    return [axis.evaluate(at.sizes) for axis in axes]


# ---------------------------------------------------------------- random expressions


def smooth(count: int) -> Iterator[tuple[Point, Node]]:
    """Random products, sums and functions that are far from singular at their point."""
    seed = found = 0
    while found < count:
        seed += 1
        at = point(seed)
        made = random_network(random.Random(seed), at, 1 + seed % 3, PLAIN, outputs=2).node()
        size = float(np.max(np.abs(value(made, at)), initial=0.0))
        if size < 1e5 and not any(_root_of_zero(node, at) for node in topological(made)):
            found += 1
            yield at, made


def _root_of_zero(node: Node, at: Point) -> bool:
    if not isinstance(node, Contraction):
        return False
    bases = [factor for factor, _, power in node.factors if not isinstance(power, int)]
    return any(bool(np.min(np.abs(value(base, at))) < 1e-3) for base in bases)


CASES = list(smooth(150))


def test_push_is_the_directional_derivative() -> None:
    active = 0
    for number, (at, node) in enumerate(CASES):
        rng = np.random.default_rng(number)
        tangents = {name: np.asarray(rng.normal(size=at.arrays[name].shape)) for name in VARIABLES}
        moving = {sym(name): symbol(f"d{name}", sym(name).axes) for name in VARIABLES}
        pushed = push(node, moving)
        active += not build.is_zero(pushed)
        given = {f"d{name}": tangent for name, tangent in tangents.items()}
        close(value(pushed, at, **given), along(node, at, tangents))
    assert active > len(CASES) // 2


def test_pull_is_the_transpose_of_push() -> None:
    for number, (at, node) in enumerate(CASES):
        rng = np.random.default_rng(number)
        upstream = np.asarray(rng.normal(size=extent_of(node.axes, at)))
        cotangent = symbol("dual", node.axes)
        for name in VARIABLES:
            wrt = sym(name)
            tangent = np.asarray(rng.normal(size=at.arrays[name].shape))
            forward = value(push(node, {wrt: symbol("dx", wrt.axes)}), at, dx=tangent)
            backward = value(pull(node, cotangent, wrt), at, dual=upstream)
            assert backward.shape == tangent.shape
            left, right = np.sum(forward * upstream), np.sum(backward * tangent)
            size = np.sum(np.abs(forward * upstream)) + np.sum(np.abs(backward * tangent))
            assert abs(left - right) <= 1e-10 * max(1.0, float(size)), (number, name)


def test_derivatives_by_both_modes() -> None:
    for at, node in CASES[:80]:
        for name in ("c", "x", "A"):
            wrt = sym(name)
            wanted = jacobian(node, at, wrt)
            axes = (*node.axes, *wrt.axes)
            reverse = pull(node, identity(node.axes), wrt)
            forward = push(node, {wrt: identity(wrt.axes)}, wrt.axes)
            for found in (reverse, forward, derivative(node, wrt)):
                assert found.axes == axes
                close(value(found, at), wanted)


# ---------------------------------------------------------------- by hand

FUNCTIONS: dict[str, tuple[Expr, str]] = {
    "A_ii": (trace(A), "A"),
    "diag(A)": (Expr(network(point(0), "ii->i", A.node).node()), "A"),
    "A_ii x_i": (Expr(network(point(0), "ii,i->", A.node, x.node).node()), "A"),
    "A_ii³": (Expr(network(point(0), "ii->i", (A.node, 3)).node()), "A"),
    "A_ij A_ji A_ii": (Expr(network(point(0), "ij,ji,ii->j", *[A.node] * 3).node()), "A"),
    "T_iji": (Expr(network(point(0), "iji->j", T.node).node()), "T"),
    "T_iji x_i T_ijk": (
        Expr(network(point(0), "iji,i,ijk->k", T.node, x.node, T.node).node()),
        "T",
    ),
    "x^-2": (w**-2, "w"),
    "x^(3/2)": (w ** Fraction(3, 2), "w"),
    "quotient": (x / (1 + x * x), "x"),
    "sqrt": ((x @ x + 1) ** Fraction(1, 2), "x"),
    "x'Ax": (x @ A @ x, "x"),
    "tr(A³)": (trace(A @ A @ A), "A"),
    "tanh(Ax)": (tanh(A @ x), "A"),
    "x x'": (Expr(build.outer(x.node, x.node)), "x"),
    "softmax": (exp(x) / exp(x).sum(), "x"),
    "log Σ exp": (log(exp(A @ x).sum()), "x"),
    "diag(x) A": (diagonal_matrix(x) @ A, "x"),
    "shared": (tanh(A @ x) * sin(tanh(A @ x)), "x"),
    "inv": (inv(A), "A"),
    "inv of a product": (inv(A @ B) @ x, "A"),
    "det": (det(A @ A.T + P), "A"),
    "logdet": (logdet(P + x @ x * P), "x"),
    "x'inv(P)x": (x @ inv(P) @ x, "x"),
    "tr(inv(A)B)": (trace(inv(A) @ B), "A"),
    "inv entrywise": (tanh(inv(A)) * A, "A"),
    "expm": (expm(A / 4) @ x, "A"),
    "tr expm": (trace(expm(A / 3)), "A"),
    "expm of a product": (expm(A @ P / 4) @ x, "A"),
    "chol": (chol(P + diagonal_matrix(x * x)) @ y, "x"),
    "prod": (fn("prod")(w), "w"),
    "pow": (fn("pow")(w, x), "w"),
    "pow, exponent": (fn("pow")(w, x), "x"),
    "two arguments": (fn("maximum")(x, y) * x, "x"),
    "abs": (fn("abs")(x) * x, "x"),
    "pinv": (fn("pinv")(X) @ u, "X"),
    "eig": (fn("eig")(P), "c"),
    "linear": (A @ x, "x"),
    "constant": (A @ x, "y"),
    "itself": (X, "X"),
}
NOT_ANALYTIC = {"pinv", "eig"}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in NOT_ANALYTIC])
def test_first_derivative(name: str) -> None:
    function, by = FUNCTIONS[name]
    for seed in range(2):
        at = point(seed)
        close(value(derivative(function.node, sym(by)), at), jacobian(function.node, at, sym(by)))


@pytest.mark.parametrize("name", sorted(NOT_ANALYTIC))
def test_first_derivative_by_differences(name: str) -> None:
    function, by = FUNCTIONS[name]
    at, step = point(0), 1e-6
    found = value(derivative(function.node, sym(by)), at)
    here = at.arrays[by]
    columns = []
    for direction in _units(here.shape):
        ahead = value(function.node, at, **{by: here + step * direction})
        behind = value(function.node, at, **{by: here - step * direction})
        columns.append((ahead - behind) / (2 * step))
    wanted = np.stack(columns, axis=-1).reshape(found.shape)
    np.testing.assert_allclose(found, wanted, atol=1e-6 * max(1.0, float(np.abs(wanted).max())))


LARGE = {"T_iji x_i T_ijk", "expm", "expm of a product"}
SECOND = [name for name in FUNCTIONS if name not in {*NOT_ANALYTIC, *LARGE, "chol"}]


@pytest.mark.parametrize("name", SECOND)
def test_second_derivative(name: str) -> None:
    function, by = FUNCTIONS[name]
    if function.node.rank + 2 * sym(by).rank > 5:
        function = Expr(build.total(function.node))
    at = point(1)
    first = derivative(function.node, sym(by))
    second = derivative(first, sym(by))
    found = value(second, at)
    close(found, jacobian(first, at, sym(by)))
    rank = sym(by).rank
    axes = list(range(found.ndim))
    turned = [*axes[: found.ndim - 2 * rank], *axes[found.ndim - rank :], *axes[-2 * rank : -rank]]
    close(found, found.transpose(turned))


def test_third_derivatives() -> None:
    at = point(2)
    for function in (log(exp(x).sum()), tanh(x @ x), (x * x * x).sum(), sigmoid(x @ A @ y)):
        node = function.node
        for _ in range(2):
            node = derivative(node, sym("x"))
        close(value(derivative(node, sym("x")), at), jacobian(node, at, sym("x")))


# ---------------------------------------------------------------- rules


def test_the_derivative_of_a_variable_is_the_identity() -> None:
    assert derivative(x.node, sym("x")) is build.delta(n)
    assert derivative(c.node, sym("c")) is build.constant(1)
    assert derivative(X.node, sym("X")) is identity((m, n))


def test_the_derivative_by_an_absent_variable_is_zero_of_all_axes() -> None:
    found = derivative((X @ x).node, sym("A"))
    assert build.is_zero(found)
    assert found.axes == (m, n, n)
    assert push(x.node, {}, (p,)) is build.zero((n, p))
    assert pull(x.node, symbol("dual", (p, n)), sym("A")) is build.zero((p, n, n))


@pytest.mark.parametrize(
    ("function", "by", "gradient"),
    [
        (x @ A @ x, "x", (A + A.T) @ x),
        (trace(A @ B), "A", B.T),
        ((x * x).sum(), "x", 2 * x),
        (logdet(A), "A", inv(A).T),
        (tanh(c), "c", 1 - tanh(c) ** 2),
        (exp(w).sum(), "w", exp(w)),
        ((A @ x - y) @ (A @ x - y), "y", 2 * (y - A @ x)),
    ],
)
def test_gradients_in_normal_form(function: Expr, by: str, gradient: Expr) -> None:
    found = derivative(function.node, sym(by))
    at = point(0)
    close(value(found, at), value(gradient.node, at))


def test_tangents_may_have_further_axes() -> None:
    at = point(3)
    tangent = symbol("dX", (m, n, p))
    pushed = push(tanh(X @ x).node, {sym("X"): tangent}, (p,))
    assert pushed.axes == (m, p)
    given = np.random.default_rng(0).normal(size=extent_of(tangent.axes, at))
    found = value(pushed, at, dX=given)
    for k in range(2):
        close(found[:, k], along(tanh(X @ x).node, at, {"X": given[:, :, k]}))


def test_cotangents_may_have_leading_axes() -> None:
    at = point(3)
    root = tanh(X @ x).node
    dual = symbol("dual", (p, m))
    found = pull(root, dual, sym("X"))
    assert found.axes == (p, m, n)
    given = np.random.default_rng(0).normal(size=extent_of(dual.axes, at))
    wanted = np.einsum("pi,ijk->pjk", given, jacobian(root, at, sym("X")))
    close(value(found, at, dual=given), wanted)


def test_several_variables_move_at_once() -> None:
    at = point(4)
    node = (A @ x * tanh(y)).node
    rng = np.random.default_rng(1)
    tangents = {name: rng.normal(size=at.arrays[name].shape) for name in ("A", "x", "y")}
    moving = {sym(name): symbol(f"d{name}", sym(name).axes) for name in tangents}
    found = value(push(node, moving), at, **{f"d{name}": t for name, t in tangents.items()})
    close(found, along(node, at, tangents))


def test_structure_of_what_is_not_differentiated_by_is_used() -> None:
    S, Q = Expr(sym("S")), Expr(sym("Q"))
    assert derivative((x @ S @ x).node, sym("x")) is (2 * S @ x).node
    assert derivative((x @ Q.T @ Q @ x).node, sym("x")) is (2 * x).node


def test_dependents_come_in_order_and_contain_the_variable() -> None:
    root = (tanh(A @ x) + exp(y)).node
    order = dependents(root, sym("x"))
    assert order[0] is sym("x")
    assert order[-1] is root
    assert exp(y).node not in order
    assert dependents(root, sym("c")) == []


def test_sums_that_belong_together() -> None:
    kept = kept_sums(tanh(x - y).node)
    assert (x - y).node in kept or (y - x).node in kept
    assert (1 - tanh(x - y) ** 2).node in kept
    assert all(isinstance(node, Sum) for node in kept)
    assert (x + y).node not in kept
    assert not kept_sums((A @ x).node)


def test_what_has_no_derivative_is_refused() -> None:
    unknown = [r for r in ("svd_right", "top_singular", "indmax") if fn(r).differential is None]
    for name in unknown:
        with pytest.raises(CannotError):
            derivative(fn(name)(X).node, sym("X"))


def test_cotangents_that_are_known_from_other_variables() -> None:
    """One sweep for several variables gives for each what its own sweep gives."""
    for seed in range(200):
        root = random_network(random.Random(seed), point(seed), 3, PLAIN).node()
        known: dict[Node, Node] = {}
        for name in VARIABLES:
            wrt = sym(name)
            start = identity(root.axes)
            assert pull(root, start, wrt, known) is pull(root, start, wrt)
