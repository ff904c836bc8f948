"""Variables, random expressions and the comparison that the tests of codegen share."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from inspect import signature
from typing import Any, NamedTuple

import numpy as np

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.python.numpy import generate
from gradform.codegen.python.run import compile_source
from gradform.functions import Shape, lookup
from gradform.functions.record import Function
from gradform.ir import build
from gradform.ir.dims import ONE, Dim, dim
from gradform.ir.expr import Expr
from gradform.ir.nodes import Coefficient, Node, Symbol, symbol, topological
from tests.support.ir_eval import Array, evaluate_node

m, n, p = dim("m"), dim("n"), dim("p")
SIZES = {"m": 4, "n": 3, "p": 2}


class Variable(NamedTuple):
    """What ``generate`` needs to know of a variable."""

    name: str
    shape: Shape


def function(name: str) -> Function:
    """The record of that name."""
    found = lookup(name)
    assert found is not None
    return found


def scalar(name: str, *structure: str) -> Expr:
    return Expr(symbol(name, (), frozenset(structure)))


def vector(name: str, size: Dim, *structure: str) -> Expr:
    return Expr(symbol(name, (size,), frozenset(structure)))


def matrix(name: str, rows: Dim, cols: Dim, *structure: str) -> Expr:
    return Expr(symbol(name, (rows, cols), frozenset(structure)))


def symbols_of(roots: Sequence[Node]) -> list[Symbol]:
    """The variables of some expressions, by name."""
    found = {node for root in roots for node in topological(root) if isinstance(node, Symbol)}
    return sorted(found, key=lambda node: node.name)


def variable(node: Symbol) -> Variable:
    rows, cols = (*node.axes, ONE, ONE)[:2]
    return Variable(node.name, Shape(rows, cols))


def source_of(*roots: Expr | Node, arrangement: Arrangement | None = None) -> str:
    """Generated source with the outputs out0, out1, …"""
    nodes = [root.node if isinstance(root, Expr) else root for root in roots]
    outputs = [
        (f"out{k}", node, arrangement or Arrangement.neutral(node.rank))
        for k, node in enumerate(nodes)
    ]
    return generate(
        "f", outputs, [variable(s) for s in symbols_of(nodes)], docstring="A test function."
    )


def body_of(*roots: Expr | Node) -> str:
    """The statements after the shape checks."""
    lines = source_of(*roots).rstrip().split("\n")
    last = max(
        (
            k
            for k, line in enumerate(lines)
            if "asarray" in line or "raise" in line or ".shape" in line or line.startswith("def")
        ),
        default=0,
    )
    body = lines[last + 1 :]
    return "\n".join(line.removeprefix("    ") for line in body if '"""' not in line)


def arguments_for(symbols: Sequence[Symbol], seed: int = 0) -> dict[str, Array]:
    """Random arrays of the right shapes; positive and well conditioned where needed."""
    rng = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    for node in symbols:
        extent = tuple(axis.evaluate(SIZES) for axis in node.axes)
        array = rng.normal(size=extent)
        if "positive" in node.structure:
            array = rng.uniform(0.5, 2.0, size=extent)
        elif len(extent) == 2 and extent[0] == extent[1]:
            array = array + 3 * np.eye(extent[0])
            if node.structure & {"symmetric", "spd"}:
                array = array + array.T
        values[node.name] = array
    return values


def run(source: str, arguments: Mapping[str, Any]) -> Any:
    """Call the generated function; sizes that no variable tells are arguments too."""
    function = compile_source(source, "f")
    extra = {name: SIZES[name] for name in signature(function).parameters if name in SIZES}
    return function(**arguments, **extra)


def check(*roots: Expr | Node, seed: int = 0, tolerance: float = 1e-9) -> str:
    """Compare generated code with the einsum oracle; returns the source."""
    nodes = [root.node if isinstance(root, Expr) else root for root in roots]
    source = source_of(*nodes)
    arguments = arguments_for(symbols_of(nodes), seed)
    results = run(source, arguments)
    results = results if len(nodes) > 1 else (results,)
    for node, result in zip(nodes, results, strict=True):
        expected = evaluate_node(node, arguments, SIZES)
        assert np.shape(result) == expected.shape, source
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(result, expected, atol=tolerance * scale, err_msg=source)
    return source


# ---------------------------------------------------------------- random expressions

_POOL: tuple[Expr, ...] = (
    scalar("c"),
    vector("x", n),
    vector("u", n),
    vector("y", m),
    vector("z", p),
    vector("w", n, "positive"),
    matrix("A", n, n),
    matrix("S", n, n, "symmetric"),
    matrix("X", m, n),
    matrix("Y", n, m),
    matrix("B", n, p),
    matrix("K", m * n, p),
    vector("v", m * n),
)


def _leaves(rng: random.Random) -> list[Node]:
    return [
        build.delta(n),
        build.delta(m),
        build.unit(n, dim(rng.randrange(3))),
        build.unit(m, m - 1),
        build.select(n, dim(rng.randrange(2)), p),
        build.select(m, dim(1), dim(3)),
        build.lower(n),
        build.lower(m),
        build.flatten_leaf(m, n),
        build.flatten_leaf(n, n),
        build.size_of(n),
    ]


def _functions(rng: random.Random) -> list[Node]:
    a, x, w = _POOL[6], _POOL[1], _POOL[5]
    inv, tanh, exp = function("inv"), function("tanh"), function("exp")
    return [
        build.apply(inv, a.node, axes=(n, n)),
        build.apply(inv, _POOL[7].node, axes=(n, n)),
        tanh(x).node,
        tanh(_POOL[8]).node,
        exp(x).node,
        (exp(x).sum() ** -1).node,
        (w.sum() ** Fraction(1, 2)).node,
        (x - 2 * w).node,
        (_POOL[8].T + _POOL[9] * 3).node,
    ]


def _joining(rng: random.Random) -> list[Node]:
    """Joined axes and what meets them."""
    return [
        build.flatten_leaf(m, n),
        build.flatten_leaf(n, m),
        build.flatten_leaf(m, n),
        build.flatten_leaf(n, n),
        build.unit(m * n, dim(rng.randrange(12))),
        build.select(m * n, dim(2), dim(5)),
        build.lower(m * n),
        build.delta(n),
        vector("v", m * n).node,
        matrix("X", m, n).node,
        matrix("Y", n, m).node,
        matrix("A", n, n).node,
        vector("x", n).node,
    ]


def _derivatives(rng: random.Random) -> list[Node]:
    """Fréchet derivatives and what they are summed with."""
    a = matrix("A", n, n) * Fraction(1, 4)
    expm = function("expm")
    order = rng.choice([1, 1, 2])
    return [
        build.apply(expm, a.node, axes=(n, n) * (1 + order), order=order),
        build.apply(expm, matrix("S", n, n, "symmetric").node, axes=(n, n, n, n), order=1),
        matrix("A", n, n).node,
        matrix("B", n, p).node,
        vector("x", n).node,
        vector("u", n).node,
        build.delta(n),
        build.unit(n, dim(1)),
    ]


def _matrices(rng: random.Random) -> list[Node]:
    """Inverses, triangles and what they are multiplied with."""
    inv = function("inv")
    a, s, b, x = _POOL[6].node, _POOL[7].node, _POOL[10].node, _POOL[1].node
    inverses = [build.apply(inv, each, axes=(n, n)) for each in (a, s)]
    return [*inverses, *inverses, a, b, b, x, build.lower(n), _POOL[8].node]


def _anything(rng: random.Random) -> list[Node]:
    variables = [each.node for each in _POOL]
    return rng.choice([variables, variables, _functions(rng), _leaves(rng), _leaves(rng)])


_KINDS = {
    "any": _anything,
    "joined": _joining,
    "derivative": _derivatives,
    "leaf": _leaves,
    "matrix": _matrices,
}


def random_product(seed: int, kind: str = "any") -> Node:
    """A contraction of random factors, leaves among them, with random labels."""
    rng = random.Random(seed)
    count = rng.choice([1, 2, 2, 3, 3, 4, 5])
    labels: list[tuple[str, Dim]] = []
    factors: list[build.Term] = []
    for k in range(count):
        pool = _KINDS[kind](rng)
        node = pool[0] if k == 0 and kind == "derivative" else rng.choice(pool)
        names: list[str] = []
        for axis in node.axes:
            same = [name for name, size in labels if size is axis]
            if not same or rng.random() < 0.35:
                name = f"l{len(labels)}"
                labels.append((name, axis))
            else:
                name = rng.choice(same)
            names.append(name)
        powers: list[Coefficient] = [1, 1, 2]
        if node is _POOL[5].node:
            powers += [-1, Fraction(1, 2)]
        power = rng.choice(powers)
        factors.append((node, names, power))
    rng.shuffle(labels)
    out = [name for name, _ in labels if rng.random() < 0.55][:4]
    numbers: list[Coefficient] = [1, 1, -1, 2, Fraction(1, 2), Fraction(-2, 3)]
    coefficient = rng.choice(numbers)
    dims: dict[build.Label, Dim] = dict(labels)
    if rng.random() < 0.15:
        dims["extra"] = n
        out.append("extra")
    return build.contract(coefficient, factors, out, dims)


def random_expression(seed: int) -> Node:
    """Sums, functions and products over random products."""
    rng = random.Random(seed)
    node = random_product(rng.randrange(10**6))
    for _ in range(rng.randrange(3)):
        other = random_product(rng.randrange(10**6))
        if other.axes == node.axes:
            node = build.linear_combination([(1, node), (rng.choice([1, -2, 3]), other)], node.axes)
        elif rng.random() < 0.5:
            node = function("tanh")(Expr(node)).node
        else:
            node = (Expr(node) - 1).node if rng.random() < 0.5 else (Expr(node) ** 2).node
    return node
