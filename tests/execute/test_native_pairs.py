"""Σ_r X[r,i] X[r,j] T[r,a,b] by pairs of i and j, and of a and b, against the plain products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.program.operations import Gram, PairGram
from gradform.codegen.task import Task
from gradform.execute.numpy import compiled
from gradform.execute.options import Options
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node
from tests.execute.batches import stacked, task_of
from tests.execute.native_cases import linked
from tests.unit.codegen.codegen_cases import m, matrix, n, p, vector

SHAPES = {
    **{"X": ("m", "n"), "W": ("n", "k"), "V": ("k", "n"), "Y": ("m", "k"), "Q": ("k", "l")},
    **{"Z": ("n", "m"), "w": ("m",), "b": ("k",), "c": ()},
}
# Rows for one block and for several, whose last is shorter; entries that fill no register.
SIZES = [
    {"m": 70, "n": 9, "k": 5, "l": 3},
    {"m": 1301, "n": 17, "k": 9, "l": 4},
    {"m": 40, "n": 2, "k": 11, "l": 2},
]
HESSIANS = {
    "sum(logsumexp(X*W, 2))": "W",
    "sum(logsumexp(X*V', 2))/m": "V",
    "sum(logsumexp(V*Z, 1))": "V",
    "sum(w.*logsumexp(X*W + ones(m)*b', 2)) + c*norm2(W)^2": "W",
    "sum(log(sum(exp(X*W).*Y, 2)))": "W",
    "sum(sqrt(sum((X*W).^2, 2) + ones(m)))": "W",
    "sum(softmax(X*W, 2).*Y)": "W",
    "sum(logsumexp(tanh(X*W)*Q, 2))": "W",
}
APART = {
    "sum(tanh(X*W))": "W",  # a product for each column
    "sum(sum(X*W.*Y, 2).^3)": "W",  # one term, a symmetric product
    "norm2(X*W*Q)^2": "W",  # a Kronecker product
}


def hessian(text: str, wrt: str) -> Task:
    names = {name for name in SHAPES if name in text} - {"n"}
    function = gf.parse(text, shapes={name: SHAPES[name] for name in names})
    return function.hessian(wrt, check=False).compile().task


def arrays_for(task: Task, sizes: dict[str, int], dtype: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {name: sizes[name] for name in task.sizes}
    for each in task.parameters:
        shape = [axis.evaluate(sizes) for axis in each.axes]
        array = rng.normal(size=shape) / 2
        found[each.name] = np.asarray(np.abs(array) + 0.1 if each.name == "Y" else array, dtype)
    return found


def by_pairs(task: Task, sizes: dict[str, int]) -> bool:
    program, _ = program_of(task, sizes, {Gram, PairGram})
    return any(isinstance(each.operation, PairGram) for each in program.instructions)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
def test_hessians(sizes: dict[str, int], dtype: str, tolerance: float) -> None:
    tasks = [hessian(text, wrt) for text, wrt in HESSIANS.items()]
    assert sum(by_pairs(task, sizes) for task in tasks) >= 6
    for threads in (None, 3) if sizes["m"] > 1000 else (None,):
        runs = linked([(task, sizes) for task in tasks], Options(dtype=dtype, threads=threads))
        for text, task, run in zip(HESSIANS, tasks, runs, strict=True):
            given = arrays_for(task, sizes, dtype)
            exact = {k: np.float64(each) for k, each in given.items() if k not in task.sizes}
            sizes_given = {name: sizes[name] for name in task.sizes}
            wanted = compiled(task, Options())(**exact, **sizes_given)
            scale = float(np.max(np.abs(wanted)))
            np.testing.assert_allclose(
                run(**given), wanted, rtol=0, atol=tolerance * scale, err_msg=text
            )


def test_batches() -> None:
    sizes = SIZES[0]
    task = hessian("sum(logsumexp(X*W, 2))", "W")
    points = [arrays_for(task, sizes, "float64")]
    points.append({name: 1.5 * array for name, array in points[0].items()})
    options = Options(batch=("X", "W"))
    (run,) = linked([(task, sizes)], options, batches=[("X", "W")])
    found = run(**stacked(points, ("X", "W")))
    for point, each in zip(points, found, strict=True):
        np.testing.assert_allclose(each, compiled(task, Options())(**point), atol=1e-12)


@pytest.mark.parametrize(("text", "wrt"), APART.items())
def test_what_has_a_better_form_keeps_it(text: str, wrt: str) -> None:
    assert not by_pairs(hessian(text, wrt), SIZES[1])


def test_writers_need_not_know_it() -> None:
    task = hessian("sum(logsumexp(X*W, 2))", "W")
    program, _ = program_of(task, SIZES[1], {Gram})
    assert not any(isinstance(each.operation, PairGram) for each in program.instructions)


# ---------------------------------------------------------------- any weights

X, P, R = matrix("X", m, n), matrix("P", m, p), matrix("R", m, p)
U = vector("u", m)
WEIGHTS: dict[str, list[tuple[tuple[Expr, str], ...]]] = {
    "symmetric": [((P, "ra"), (P, "rb")), ((R, "ra"), (R, "rb"))],
    "symmetric together": [((P, "ra"), (R, "rb")), ((R, "ra"), (P, "rb"))],
    "scaled": [((P, "ra"), (P, "rb"), (U, "r")), ((U, "r"),)],
    "not symmetric": [((P, "ra"), (R, "rb")), ((P, "ra"), (P, "rb"))],
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_sums_of_products(name: str) -> None:
    """Only with weights that are the same under exchange of a and b; in any order of axes."""
    sizes = {"m": 150, "n": 8, "p": 6}
    tasks = [task_of(_pair_sum(WEIGHTS[name], out)) for out in ("iajb", "ijab", "aibj", "biaj")]
    runs = linked([(task, sizes) for task in tasks])
    for task, run in zip(tasks, runs, strict=True):
        assert by_pairs(task, sizes) == (name != "not symmetric")
        given = arrays_for(task, sizes, "float64")
        np.testing.assert_allclose(run(**given), compiled(task, Options())(**given), atol=1e-11)


def _pair_sum(weights: Sequence[Sequence[tuple[Expr, str]]], out: str) -> Node:
    rows = ((X, "ri"), (X, "rj"))
    terms = [[(factor.node, labels, 1) for factor, labels in (*rows, *each)] for each in weights]
    return build.add(*(build.contract(1, term, out, {"a": p, "b": p}) for term in terms))
