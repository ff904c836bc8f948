"""Index notation: every expression has one, and it means what the expression means."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import pytest

from gradform.calculus import derivative
from gradform.functions.operators import trace
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol, topological
from gradform.notation.index import index_form
from tests.unit.ir.networks import fn, m, n, point, random_network, random_tensor, sym

A, B, X, x, y, w, c = (Expr(sym(name)) for name in "ABXxywc")
tanh, inv, expm = fn("tanh"), fn("inv"), fn("expm")
HALF = Fraction(1, 2)

TEXTS: dict[str, Expr | Node] = {
    "D = c": c,
    "D[i] = x[i]": x,
    "D[i] = 2*x[i]": 2 * x,
    "D[i] = -x[i]": -1 * x,
    "D[i] = x[i]^2": x**2,
    "D[i] = w[i]^(-1)": w**-1,
    "D[i] = w[i]^0.5": w**HALF,
    "D[i] = (1/3)*x[i]": x / 3,
    "D[i,j] = A[j,i]": A.T,
    "D = sum_{i} A[i,i]": trace(A),
    "D[i] = sum_{j} A[i,j]": A.sum(1),
    "D[i] = tanh(x[i])": tanh(x),
    "D[i,j] = [i=j]": build.delta(n),
    "D[i] = [i=2]": build.unit(n, dim(1)),
    "D[i,j] = [i>=j]": build.lower(n),
    "D[i,j] = [j=i+1]": build.select(n, dim(1), n - 1),
    "D[i,j,k] = [i=(j-1)*n+k]": build.flatten_leaf(m, n),
    "D[i,j] = inv(A)[i,j]": inv(A),
    "D[i] = n": Expr(build.broadcast(build.size_of(n), (n,))),
    "D = pi": build.pi(),
    "D = (n-1)^(-1)": build.power(build.size_of(n - 1), -1),
    "D = 2*(n-1)": build.scale(2, build.size_of(n - 1)),
    "D[i,j,k] = [i=(j-1)*(n-1)+k]": build.flatten_leaf(m, n - 1),
    "D[i] = [i=n-2]": build.unit(n - 1, n - 3),
    "D = det(A)": fn("det")(A),
    "D[i] = 0": build.zero((n,)),
    "D[i,j,k,l] = d1expm(A)[i,j,k,l]": derivative(expm(A).node, sym("A")),
}


def node_of(expression: Expr | Node) -> Node:
    return expression.node if isinstance(expression, Expr) else expression


@pytest.mark.parametrize("text", TEXTS)
def test_text(text: str) -> None:
    assert index_form(node_of(TEXTS[text])) == text


def test_products_and_sums() -> None:
    assert set(index_form((A @ x).node).split("} ")[1].split("*")) == {"A[i,j]", "x[j]"}
    assert set(index_form((x - y).node).removeprefix("D[i] = ").split(" - ")) == {"x[i]", "y[i]"}
    assert index_form((x - y).node).startswith("D[i] = x")


def test_sums_in_products_and_powers_are_bracketed() -> None:
    assert re.search(r"\(.*x\[i\].*\)\^2", index_form(((x + y) ** 2).node))
    assert "*(" in index_form((w * (x + y)).node) or ")*" in index_form((w * (x + y)).node)
    assert index_form((tanh(x + y)).node).count("(") == 1


# ---------------------------------------------------------------- everything has one

_TOKEN = re.compile(r"sum_\{([^}]*)\}")


def test_random_expressions() -> None:
    for seed in range(400):
        at, rng = point(seed), random.Random(seed)
        made = random_tensor(rng, at, 4).node
        for node in (made, random_network(rng, at, 3, outputs=4).node()):
            text = index_form(node)
            assert text.startswith("D[" if node.rank else "D = ")
            assert text.count("(") == text.count(")")
            assert text.count("[") == text.count("]")
            assert text.count("{") == text.count("}")


def test_every_derivative_has_one() -> None:
    for seed in range(60):
        at = point(seed)
        node = random_network(random.Random(seed), at, 2, outputs=2).node()
        for name in ("x", "A", "T"):
            assert index_form(derivative(node, sym(name)))


def test_indices_are_never_used_twice() -> None:
    """A letter that is summed inside is not one that is summed, or stands, outside."""
    for seed in range(200):
        at = point(seed)
        text = index_form(random_network(random.Random(seed), at, 3, outputs=2).node())
        head = re.match(r"D(?:\[([^]]*)\])?", text)
        assert head is not None
        used = (head[1] or "").split(",") if head[1] else []
        for group in _TOKEN.findall(text):
            used += group.split(",")
        assert len(set(used)) == len(used), text


def test_many_indices() -> None:
    totals = [build.total(fn("exp").apply(build.scale(k + 1, x.node))) for k in range(30)]
    text = index_form(build.hadamard(*totals, (A @ x).node))
    letters = [letter for group in _TOKEN.findall(text) for letter in group.split(",")]
    assert len(set(letters)) == len(letters) == 31


def test_depth_is_no_problem() -> None:
    state = x
    for _ in range(1500):
        state = tanh(A @ state)
    assert index_form(state.node).count("tanh") == 1500


def test_shared_parts_do_not_explode() -> None:
    """u = tanh(u)·exp(u), forty times: 2^40 entries when written out."""
    state = c
    for _ in range(40):
        state = tanh(state) * fn("exp")(state)
    assert len(topological(state.node)) == 121
    assert len(index_form(state.node)) < 10**6


def test_parts_of_long_expressions_are_named_before_they_are_used() -> None:
    state = Expr(symbol("t1", (n,)))
    for _ in range(100):
        state = tanh(A @ state) * tanh(state)
    lines = [line.partition(" = ")[::2] for line in index_form(state.node).split("; ")]
    assert lines[-1][0] == "D[i]"
    known = {"A", "t1"}
    for head, body in lines:
        assert set(re.findall(r"(\w+)\[", body)) <= known
        name = head.partition("[")[0]
        assert name not in known, "a name has one meaning"
        known.add(name)
    assert len(lines) > 2
