"""Interning, walks, and hashes that are the same in every process."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from fractions import Fraction

import pytest

from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import (
    Contraction,
    Sum,
    exact,
    magnitude,
    symbol,
    topological,
)
from tests.unit.ir.networks import fn, m, n, p, sym

A, B, x = (Expr(sym(name)) for name in "ABx")
exp, tanh = fn("exp"), fn("tanh")


def test_equal_nodes_are_one_object() -> None:
    assert symbol("x", (n,)) is symbol("x", (n,))
    assert (A @ x + x).node is (x + A @ x).node
    assert tanh(A @ x).node is tanh(A @ x).node
    assert build.unit(n, dim(1)) is build.unit(n, dim(2) - 1)


def test_what_differs_in_anything_is_another_object() -> None:
    variables = [
        symbol("x", (n,)),
        symbol("y", (n,)),
        symbol("x", (m,)),
        symbol("x", (n, n)),
        symbol("x", (n,), frozenset({"positive"})),
        symbol("x", (n, n), frozenset({"symmetric"})),
    ]
    assert len(set(variables)) == len(variables)
    leaves = [build.delta(n), build.lower(n), build.delta(m), build.unit(n, dim(0))]
    leaves += [build.unit(n, dim(1)), build.select(n, dim(0), p), build.select(n, dim(1), p)]
    leaves += [build.flatten_leaf(m, n), build.flatten_leaf(n, m), build.size_of(n), build.pi()]
    assert len(set(leaves)) == len(leaves)
    applied = [exp(x).node, tanh(x).node, exp(A).node, exp(-x).node]
    assert len(set(applied)) == len(applied)


def test_numbers_that_python_hashes_alike_are_told_apart() -> None:
    """hash(-1) == hash(-2), so an order by hash must not rest on it."""
    first, second = (x**-1).sum(), (x**-2).sum()
    assert first.node.hash != second.node.hash
    assert (first * second).node is (second * first).node
    assert (exp(-x) + exp(-2 * x)).node is (exp(-2 * x) + exp(-x)).node
    assert build.is_zero((tanh(exp(-x) + exp(-2 * x)) - tanh(exp(-2 * x) + exp(-x))).node)


def test_a_node_goes_when_nobody_holds_it() -> None:
    made = symbol("nobody_holds_me", (n,))
    made.memo["mark"] = True
    del made
    gc.collect()
    assert "mark" not in symbol("nobody_holds_me", (n,)).memo


def test_exact_numbers() -> None:
    assert [type(exact(value)) for value in (2, Fraction(4, 2), Fraction(1, 2))] == [
        int,
        int,
        Fraction,
    ]
    assert [magnitude(value) for value in (-2, 0, Fraction(-1, 3))] == [2, 0, Fraction(1, 3)]


def test_children_are_distinct_and_in_order() -> None:
    square = (x * x * A.sum()).node
    assert isinstance(square, Contraction)
    assert len(square.children) == len(set(square.children))
    total = (x + tanh(x)).node
    assert isinstance(total, Sum)
    assert set(total.children) == {x.node, tanh(x).node}
    assert x.node.children == ()


def test_topological_order_of_several_roots_goes_on_from_one_to_the_next() -> None:
    first, second = (A @ tanh(x)).node, (exp(x) * tanh(x)).node
    one_by_one = dict.fromkeys([*topological(first), *topological(second)])
    assert topological(first, second) == list(one_by_one)


def test_topological_order_visits_each_once_after_its_children() -> None:
    shared = tanh(A @ x)
    root = (A @ shared + exp(shared) * shared).node
    order = topological(root)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    assert all(place[kid] < place[node] for node in order for kid in node.children)


def test_a_walk_need_not_enter() -> None:
    root = (A @ tanh(A @ x)).node
    order = topological(root, enter=lambda node: not isinstance(node, Contraction) or node is root)
    assert (A @ x).node in order
    assert x.node not in order


def test_depth_and_sharing_are_no_problem() -> None:
    y = x
    for _ in range(3000):
        y = tanh(y) + y
    assert len(topological(y.node)) == 6001


PROGRAM = """
from gradform.notation.index import index_form
from tests.unit.ir.networks import point, random_tensor
import random

nodes = []
for seed in range(40):
    rng = random.Random(seed)
    nodes.append(random_tensor(rng, point(seed), 3).node)
print(*(f"{node.hash} {index_form(node)}" for node in nodes), sep="\\n")
"""


@pytest.fixture(scope="module")
def outputs() -> list[str]:
    """The same program under different hash seeds."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4242")
    ]
    return [process.communicate()[0] for process in processes]


def test_hashes_and_forms_do_not_depend_on_the_hash_seed(outputs: list[str]) -> None:
    assert outputs[0].count("\n") == 40
    assert outputs[1:] == outputs[:1] * 2
