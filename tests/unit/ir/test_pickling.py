"""Expressions in pickles."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from fractions import Fraction

import pytest

import gradform as gf
from gradform.codegen.task import Task
from gradform.functions import Function, all_functions
from gradform.ir import build
from gradform.ir.dims import Dim, dim
from gradform.ir.nodes import Apply, Contraction, Leaf, Node, Sum, Symbol, symbol, topological


@pytest.mark.parametrize("function", all_functions(), ids=lambda each: each.name)
def test_functions_are_pickled_by_name(function: Function) -> None:
    assert pickle.loads(pickle.dumps(function)) is function


def test_functions_without_a_record_are_not_pickled() -> None:
    with pytest.raises(TypeError, match="unknown cannot be pickled"):
        pickle.dumps(Function(name="unknown"))


def test_expressions_come_back_as_themselves() -> None:
    """Nodes of all types: variables, constants, applications, sums, products."""
    shapes = {"A": ("m", "n"), "S": ("n", "n"), "x": ("n",), "a": ()}
    formula = "a^(2/3)*logdet(S'*S + eye(n)) + x'*inv(S)*x/3 + sum(exp(A*x).^2) - n*pi"
    task: Task = gf.parse(formula, shapes=shapes).hessian("x").compile().task
    nodes = topological(*task.nodes, *gf.parse(formula, shapes=shapes).compile().task.nodes)
    assert {type(node) for node in nodes} == {Symbol, Leaf, Apply, Sum, Contraction}
    for node in nodes:
        assert pickle.loads(pickle.dumps(node)) is node
        assert copy.deepcopy(node) is node
    assert pickle.loads(pickle.dumps(task)) == task


def test_sizes_come_back_as_themselves() -> None:
    for size in (dim(0), dim(3), dim("n"), dim("n") * dim("m") * 2 - 1):
        assert pickle.loads(pickle.dumps(size)) is size


def test_depth_does_not_matter() -> None:
    sine = next(each for each in all_functions() if each.name == "sin")
    node: Node = symbol("x", ())
    for _ in range(5000):
        node = sine.apply(node)
    assert pickle.loads(pickle.dumps(node)) is node


def test_another_process_makes_the_same_expression() -> None:
    sine = next(each for each in all_functions() if each.name == "sin")
    x = symbol("x", (dim("n"),), frozenset({"positive"}))
    node = sine.apply(build.add(x, build.scale(Fraction(1, 3), sine.apply(x))))
    code = (
        "import pickle, sys; node = pickle.load(sys.stdin.buffer); "
        "sys.stdout.buffer.write(pickle.dumps((node.hash, node)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(node),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert pickle.loads(ran.stdout) == (node.hash, node)
    assert all(isinstance(axis, Dim) for each in topological(node) for axis in each.axes)
