"""Size and depth: the derivative of a chain grows with its length, not faster."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import process_time

import pytest

from gradform.calculus import derivative, pull, push
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol, topological
from tests.unit.ir.networks import fn, n, sym

A, x, y, w, c = (Expr(sym(name)) for name in "Axywc")
tanh, exp, inv = fn("tanh"), fn("exp"), fn("inv")


def layers(count: int, *, shared: bool) -> Expr:
    """w'·tanh(A … tanh(A x))"""
    state = x
    for k in range(count):
        weights = A if shared else Expr(symbol(f"W{k}", (n, n)))
        state = tanh(weights @ state)
    return w @ state


def products(count: int) -> Expr:
    """x'·A·diag(y)·A·diag(y) … x, with sums between."""
    state = x
    for _ in range(count):
        state = A @ (state * y) + x
    return x @ state


def nested(count: int) -> Expr:
    state = c
    for _ in range(count):
        state = exp(state) * state + 1
    return state


CHAINS: dict[str, tuple[Callable[[int], Expr], str]] = {
    "shared weights by the input": (lambda k: layers(k, shared=True), "x"),
    "shared weights by the weights": (lambda k: layers(k, shared=True), "A"),
    "own weights by the input": (lambda k: layers(k, shared=False), "x"),
    "products by a vector": (products, "y"),
    "products by a matrix": (products, "A"),
    "nested scalars": (nested, "c"),
}


def size(root: Node) -> int:
    """Nodes and the entries they hold."""
    order = topological(root)
    factors = sum(len(getattr(node, "factors", getattr(node, "terms", ()))) for node in order)
    return len(order) + factors


@pytest.mark.parametrize("name", CHAINS)
def test_gradients_grow_linearly(name: str) -> None:
    make, by = CHAINS[name]
    sizes = [size(derivative(make(k).node, sym(by))) for k in (10, 20, 40, 80)]
    per_layer = [(b - a) / k for (a, b), k in zip(pairwise(sizes), (10, 20, 40), strict=True)]
    assert max(per_layer) <= 1.3 * min(per_layer)
    assert per_layer[-1] < 40


@pytest.mark.parametrize("name", CHAINS)
def test_a_gradient_is_a_small_multiple_of_its_function(name: str) -> None:
    make, by = CHAINS[name]
    function = make(40).node
    assert size(derivative(function, sym(by))) <= 8 * size(function)


def test_directional_derivatives_grow_linearly() -> None:
    sizes = []
    for count in (10, 20, 40, 80):
        function = layers(count, shared=True).node
        sizes.append(size(push(function, {sym("x"): symbol("dx", (n,))})))
    assert sizes[3] - sizes[2] <= 1.3 * 2 * (sizes[2] - sizes[1])


def test_two_thousand_layers() -> None:
    function = layers(2000, shared=True).node
    for by in ("x", "A"):
        found = derivative(function, sym(by))
        assert found.axes == sym(by).axes
    assert not build.is_zero(push(function, {sym("x"): symbol("dx", (n,))}))


def test_two_thousand_layers_twice() -> None:
    """The derivative along a direction of a gradient, still without recursion."""
    gradient = derivative(layers(400, shared=True).node, sym("x"))
    along = push(gradient, {sym("x"): symbol("dx", (n,))})
    assert along.axes == (n,)


def test_time_grows_linearly() -> None:
    seconds = []
    for count in (200, 800):
        function = layers(count, shared=True).node
        start = process_time()
        pull(function, build.constant(1), sym("A"))
        seconds.append(process_time() - start)
    assert seconds[1] < 12 * seconds[0] + 0.2
