r"""Index notation for a paper says what the text says, and compiles."""

from __future__ import annotations

import random
import re

import pytest

from gradform.calculus import derivative
from gradform.functions.operators import trace
from gradform.ir import build
from gradform.ir.dims import dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, symbol
from gradform.notation.index import index_form
from gradform.notation.index_latex import index_latex
from tests import katex
from tests.golden.rows import ROWS, Row, answer
from tests.unit.ir.networks import fn, m, n, point, random_network, sym
from tests.unit.notation.test_index_form import HALF, node_of

A, B, X, x, y, w, c = (Expr(sym(name)) for name in "ABXxywc")
x_1 = Expr(symbol("x_1", (n,)))
tanh, inv, expm = fn("tanh"), fn("inv"), fn("expm")

LATEX: dict[str, Expr | Node] = {
    "D = c": c,
    "D_{i} = 2x_{i}": 2 * x,
    "D_{i} = -x_{i}": -1 * x,
    "D_{i} = w_{i}^{-1}": w**-1,
    r"D_{i} = w_{i}^{1/2}": w**HALF,
    r"D_{i} = \frac{x_{i}}{w_{i}}": x / w,
    r"D_{i} = \frac{1}{3}x_{i}": x / 3,
    "D_{i,j} = A_{j,i}": A.T,
    r"D = \sum_{i} A_{i,i}": trace(A),
    r"D_{i} = \sum_{j} x_{j}A_{i,j}": A @ x,
    r"D = \left(\sum_{i,j} A_{i,j}\right)^{2}": Expr(build.total(A.node)) ** 2,
    r"D_{i} = \tanh(x_{i})": tanh(x),
    r"D_{i} = \tanh((x_{1})_{i})": tanh(x_1),
    r"D_{i,j} = \delta_{i,j}": build.delta(n),
    "D_{i} = [i = 2]": build.unit(n, dim(1)),
    r"D_{i,j} = [i \ge j]": build.lower(n),
    "D_{i,j} = [j = i + 1]": build.select(n, dim(1), n - 1),
    r"D_{i,j,k} = [i = (j - 1)\,n + k]": build.flatten_leaf(m, n),
    r"D_{i,j} = (\mathbf{A}^{-1})_{i,j}": inv(A),
    r"D_{i,j} = (([\delta_{k,l} + A_{k,l}]_{k,l})^{-1})_{i,j}": inv(A + Expr(build.delta(n))),
    r"D = \pi": build.pi(),
    "D = (n-1)^{-1}": build.power(build.size_of(n - 1), -1),
    r"D = \det(\mathbf{A})": fn("det")(A),
    "D_{i} = 0": build.zero((n,)),
    r"D_{i,j,k,l} = \mathrm{D}\operatorname{expm}(\mathbf{A})_{i,j,k,l}": derivative(
        expm(A).node, sym("A")
    ),
}  # fmt: skip


@pytest.mark.parametrize("latex", LATEX)
def test_latex(latex: str) -> None:
    assert index_latex(node_of(LATEX[latex])) == latex


def entries(latex: str) -> list[str]:
    """The entries of variables in it: ``A_{i,j}``."""
    without_commands = re.sub(r"\\[A-Za-z]+", " ", latex)
    return sorted(re.findall(r"[A-Za-z]_\{[a-z0-9,]+\}", without_commands))


def entries_of_text(text: str) -> list[str]:
    found = re.findall(r"(?<!\w)([A-Za-z])\[([a-z0-9,]+)\]", text)
    return sorted(f"{name}_{{{places}}}" for name, places in found)


def some_node(seed: int) -> Node:
    return random_network(random.Random(seed), point(seed), 3, outputs=2).node()


@pytest.mark.parametrize("seed", range(60))
def test_latex_has_the_entries_of_the_text(seed: int) -> None:
    node = some_node(seed)
    assert entries(index_latex(node)) == entries_of_text(index_form(node))


@pytest.mark.parametrize("row", ROWS[::5], ids=str)
def test_answers_have_the_entries_of_the_text(row: Row) -> None:
    found = answer(row, check=False)
    assert entries(found.index_latex) == entries_of_text(found.index_notation)


@pytest.mark.skipif(not katex.is_available(), reason="Node.js and npm are not installed")
def test_random_expressions_compile() -> None:
    nodes = [some_node(seed) for seed in range(300)]
    state = x
    for _ in range(100):
        state = tanh(A @ state) * tanh(state)
    assert katex.failures([index_latex(node) for node in (*nodes, state.node)]) == []
