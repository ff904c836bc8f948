"""Rebuilding what nodes remember is rebuilding."""

from __future__ import annotations

import gc
import random
from weakref import ref

from gradform.ir.expr import Expr
from gradform.ir.memo import remembered
from gradform.ir.nodes import Apply, Node, Sum
from gradform.ir.rebuild import everywhere, rebuild
from gradform.rewrite.factor import factor_sum
from tests.unit.ir.networks import fn, point, random_tensor, sym

A, B, x, y = (Expr(sym(name)) for name in "ABxy")
tanh, exp = fn("tanh"), fn("exp")


def _factored(node: Node) -> Node:
    return factor_sum(node) if isinstance(node, Sum) else node


def _exponentials(node: Node) -> Node:
    if isinstance(node, Apply) and node.fn.name == "tanh":
        return exp(Expr(node.args[0])).node
    return node


def test_everywhere_is_rebuilding() -> None:
    changes = (_factored, _exponentials)
    for k, change in enumerate(changes):
        everywhere_changed = everywhere(f"test {k}", change)
        for seed in range(100):
            node = random_tensor(random.Random(seed), point(seed), 3)[0]
            assert everywhere_changed(node) is rebuild(node, change)


def test_shared_parts_are_changed_once() -> None:
    seen: list[Node] = []

    def change(node: Node) -> Node:
        seen.append(node)
        return node

    once = everywhere("test of sharing", change)
    shared = tanh(A @ x)
    for root in ((B @ shared).node, (shared + y).node, (B @ shared).node):
        assert once(root) is root
    assert len(seen) == len(set(seen))


def test_no_unchanged_node_keeps_itself() -> None:
    same = everywhere("test of keeping", lambda node: node)
    root = (A @ tanh(A @ x) + exp(y)).node
    assert same(root) is root
    gone = ref(root)
    gc.disable()
    try:
        del root
        assert gone() is None
    finally:
        gc.enable()


def test_remembered_facts_are_found_once() -> None:
    asked: list[Node] = []

    @remembered
    def is_sum(node: Node) -> bool | None:
        """Whether a node is a sum; None stands for no."""
        asked.append(node)
        return True if isinstance(node, Sum) else None

    nodes = [(x + y).node, (x * y).node]
    assert [is_sum(node) for node in (*nodes, *nodes)] == [True, None, True, None]
    assert asked == nodes
    assert is_sum.__doc__ is not None


def test_what_is_done_before_is_not_done_again() -> None:
    done: dict[Node, Node] = {}
    for seed in range(100):
        node = random_tensor(random.Random(seed), point(seed), 3)[0]
        assert rebuild(node, _factored, done) is rebuild(node, _factored)
    assert all(rebuild(node, _factored) is found for node, found in done.items())
