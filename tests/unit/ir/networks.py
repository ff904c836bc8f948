"""Random tensors with the value they must have, computed apart from the expressions.

A :class:`Tensor` is a node and an array. The array is never read off the node: products
are summed by ``numpy.einsum`` over the terms as they were asked for, sums and functions
are computed from the arrays of their parts. Entries outside the domain are nan.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gradform.functions import Function, lookup
from gradform.ir import build
from gradform.ir.dims import Dim, dim
from gradform.ir.nodes import Coefficient, Node, Symbol, symbol
from tests.support.ir_eval import Array, evaluate_node

__all__ = [
    "Entry",
    "Network",
    "Point",
    "Tensor",
    "agrees",
    "Factor",
    "fn",
    "m",
    "n",
    "network",
    "p",
    "point",
    "random_network",
    "random_tensor",
    "sym",
]

m, n, p = dim("m"), dim("n"), dim("p")

_AXES: Mapping[str, tuple[Dim, ...]] = {
    **dict.fromkeys(("c", "d"), ()),
    **dict.fromkeys(("x", "y", "w", "q", "s", "h", "b"), (n,)),
    **dict.fromkeys(("A", "B", "S", "P", "D", "Q", "E"), (n, n)),
    "u": (m,),
    "X": (m, n),
    "Y": (n, m),
    "W": (m, n),
    "v": (m * n,),
    "T": (n, m, n),
}
_STRUCTURES: Mapping[str, str] = {
    "d": "positive",
    "w": "positive",
    "W": "positive",
    "q": "simplex",
    "s": "pm1",
    "E": "pm1",
    "h": "onehot",
    "b": "binary",
    "S": "symmetric",
    "P": "spd",
    "D": "diagonal",
    "Q": "orthogonal",
}


@cache
def sym(name: str) -> Symbol:
    """The variable of that name; its structure goes with the name."""
    structure = {_STRUCTURES[name]} if name in _STRUCTURES else set()
    return symbol(name, _AXES[name], frozenset(structure))


def fn(name: str) -> Function:
    """The function record of that name."""
    found = lookup(name)
    assert found is not None
    return found


class Point(NamedTuple):
    """Sizes and arrays for all variables."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]


def point(seed: int) -> Point:
    """Random sizes and random arrays for all variables, with their structures."""
    rng = np.random.default_rng(seed)
    sizes = {"m": int(rng.integers(4, 6)), "n": int(rng.integers(3, 5)), "p": 2}
    return Point(sizes, {name: _draw(rng, name, sizes) for name in _AXES})


def _draw(rng: np.random.Generator, name: str, sizes: Mapping[str, int]) -> Array:
    extent = tuple(axis.evaluate(sizes) for axis in _AXES[name])
    normal = np.asarray(rng.normal(size=extent))
    match _STRUCTURES.get(name):
        case "positive":
            return np.asarray(rng.uniform(0.5, 2, extent))
        case "simplex":
            return rng.dirichlet(np.ones(extent[0]))
        case "pm1":
            return rng.integers(0, 2, extent) * 2.0 - 1
        case "onehot":
            return np.asarray(np.eye(extent[0])[rng.integers(extent[0])])
        case "binary":
            return rng.integers(0, 2, extent) * 1.0
        case "symmetric":
            return normal + normal.T
        case "spd":
            return normal @ normal.T + np.eye(extent[0])
        case "diagonal":
            return np.diag(np.diag(normal))
        case "orthogonal":
            return np.linalg.qr(normal)[0]
    return normal


# ---------------------------------------------------------------- tensors with their values


class Tensor(NamedTuple):
    """A node and the value it must have."""

    node: Node
    array: Array


class Entry(NamedTuple):
    """One factor of a network."""

    tensor: Tensor
    labels: tuple[str, ...]
    power: Coefficient


@dataclass(frozen=True)
class Network:
    """coefficient · Σ Π tensor[labels]^power with output labels ``out``."""

    coefficient: Coefficient
    entries: tuple[Entry, ...]
    out: tuple[str, ...]
    dims: Mapping[str, Dim]

    def node(self) -> Node:
        terms = [(entry.tensor.node, entry.labels, entry.power) for entry in self.entries]
        return build.contract(self.coefficient, terms, self.out, self.dims)

    def value(self, at: Point) -> Array:
        """By ``numpy.einsum`` over what is written."""
        number = {label: k for k, label in enumerate(self.dims)}
        operands: list[Any] = []
        for tensor, labels, power in self.entries:
            operands += [_raised(tensor.array, power), [number[label] for label in labels]]
        carried = {label for _, labels, _ in self.entries for label in labels}
        for label, size in self.dims.items():
            if label not in carried:
                operands += [np.ones(size.evaluate(at.sizes)), [number[label]]]
        if not operands:
            return np.array(float(self.coefficient))
        total = np.einsum(*operands, [number[label] for label in self.out])
        return np.asarray(float(self.coefficient) * total)

    def tensor(self, at: Point) -> Tensor:
        return Tensor(self.node(), self.value(at))

    def renamed(self, rng: random.Random) -> Network:
        """The same with other label names and another order of the factors."""
        fresh = [f"r{k}" for k in range(len(self.dims))]
        rng.shuffle(fresh)
        name = dict(zip(self.dims, fresh, strict=True))
        entries = [Entry(t, tuple(name[x] for x in labels), p) for t, labels, p in self.entries]
        rng.shuffle(entries)
        dims = {name[label]: size for label, size in self.dims.items()}
        shuffled = dict(rng.sample(list(dims.items()), len(dims)))
        return Network(self.coefficient, tuple(entries), tuple(name[x] for x in self.out), shuffled)


def _raised(base: Array, power: Coefficient) -> Array:
    """base^power; nan where that is not defined, and where a reciprocal would explode."""
    array = np.where(np.abs(base) < 1e6, base, np.nan)
    if not isinstance(power, int):
        array = np.where(array < 0, np.nan, array)
    if power < 0:
        array = np.where(np.abs(array) < 1e-5, np.nan, array)
        return np.asarray(1 / _raised(array, -power))
    return np.asarray(array ** float(power))


def agrees(node: Node, array: Array, at: Point, tolerance: float = 1e-8) -> int:
    """Assert that the node has this value wherever it is defined; returns how often it is."""
    with np.errstate(all="ignore"):
        found = evaluate_node(node, at.arrays, at.sizes)
    assert found.shape == array.shape
    defined = np.isfinite(array) & (np.abs(array) < 1e8)
    scale = max(1.0, float(np.max(np.abs(array[defined]), initial=0.0)))
    np.testing.assert_allclose(
        found[defined], array[defined], rtol=tolerance, atol=tolerance * scale
    )
    return int(defined.sum())


# ---------------------------------------------------------------- random ones

_LEAVES: tuple[Callable[[random.Random], Node], ...] = (
    lambda rng: build.delta(n),
    lambda rng: build.delta(m),
    lambda rng: build.unit(n, dim(rng.randrange(3))),
    lambda rng: build.unit(m, m - 1),
    lambda rng: build.unit(m * n, dim(rng.randrange(12))),
    lambda rng: build.select(n, dim(rng.randrange(2)), dim(2)),
    lambda rng: build.select(m, dim(rng.randrange(2)), dim(3)),
    lambda rng: build.select(m * n, dim(rng.randrange(9)), dim(3)),
    lambda rng: build.lower(n),
    lambda rng: build.lower(m),
    lambda rng: build.flatten_leaf(m, n),
    lambda rng: build.flatten_leaf(n, m),
    lambda rng: build.size_of(n),
    lambda rng: build.size_of(m * n),
    lambda rng: build.pi(),
    lambda rng: build.ones(m, n),
    lambda rng: build.constant(Fraction(-2, 3)),
)
_NUMBERS: Sequence[Coefficient] = (1, 1, 1, -1, 2, Fraction(1, 2), Fraction(-2, 3), 4, -3)
_ENTRYWISE = ("exp", "tanh", "sin", "cos", "abs", "sigmoid", "relu", "softplus")

Symbols = Sequence[str]


def random_tensor(
    rng: random.Random,
    at: Point,
    depth: int,
    symbols: Symbols = tuple(_AXES),
    leaves: bool = True,
) -> Tensor:
    """A variable, a leaf, a product, a sum, a function or an inverse."""
    kind = rng.random()
    if depth <= 0 or kind < 0.45:
        if leaves and rng.random() < 0.3:
            node = rng.choice(_LEAVES)(rng)
            return Tensor(node, evaluate_node(node, {}, at.sizes))
        name = rng.choice(symbols)
        return Tensor(sym(name), at.arrays[name])
    if kind < 0.7:
        return random_network(rng, at, depth, symbols, leaves).tensor(at)
    inner = random_tensor(rng, at, depth - 1, symbols, leaves)
    if kind < 0.85:
        return _sum(rng, at, inner, lambda: random_tensor(rng, at, depth - 1, symbols, leaves))
    if kind < 0.95:
        record = fn(rng.choice(_ENTRYWISE))
        return Tensor(record.apply(inner.node), _applied(record, inner.array))
    return _inverse(rng, at)


def _applied(record: Function, array: Array) -> Array:
    assert record.evaluate is not None
    table = array.reshape(array.shape + (1,) * max(0, 2 - array.ndim))
    with np.errstate(all="ignore"):
        return np.asarray(record.evaluate(np, table)).reshape(array.shape)


def _sum(rng: random.Random, at: Point, first: Tensor, draw: Callable[[], Tensor]) -> Tensor:
    """c·first + d·another of the same axes, or a number."""
    axes = first.node.axes
    others = (other for other in (draw() for _ in range(12)) if other.node.axes == axes)
    constant = Tensor(build.ones(*axes), np.ones(first.array.shape))
    second = constant if rng.random() < 0.3 else next(others, constant)
    c, d = rng.choice(_NUMBERS), rng.choice(_NUMBERS)
    node = build.linear_combination([(c, first.node), (d, second.node)], axes)
    return Tensor(node, float(c) * first.array + float(d) * second.array)


def _inverse(rng: random.Random, at: Point) -> Tensor:
    name = rng.choice("ABSP")
    node: Node = sym(name)
    array = at.arrays[name]
    if rng.random() < 0.3:
        node, array = build.transpose(node), array.T
    if rng.random() < 0.3:
        node, array = build.matmul(node, sym("B")), array @ at.arrays["B"]
    return Tensor(fn("inv").apply(node), np.linalg.inv(array))


def random_network(
    rng: random.Random,
    at: Point,
    depth: int = 1,
    symbols: Symbols = tuple(_AXES),
    leaves: bool = True,
    outputs: int = 3,
) -> Network:
    """Random factors joined by random labels, some of them repeated."""
    labels: dict[str, Dim] = {}
    entries: list[Entry] = []
    for _ in range(rng.choice([1, 1, 2, 2, 3, 3, 4, 5])):
        tensor = random_tensor(rng, at, depth - 1, symbols, leaves)
        names = tuple(_label(rng, labels, axis) for axis in tensor.node.axes)
        entries.append(Entry(tensor, names, _power(rng, tensor.array)))
    if rng.random() < 0.1:
        labels["extra"] = rng.choice([n, m])
    candidates = rng.sample(list(labels), len(labels))
    out = tuple([label for label in candidates if rng.random() < 0.5][:outputs])
    return Network(rng.choice(_NUMBERS), tuple(entries), out, labels)


def _label(rng: random.Random, labels: dict[str, Dim], axis: Dim) -> str:
    same = [label for label, size in labels.items() if size is axis]
    if same and rng.random() < 0.7:
        return rng.choice(same)
    label = f"l{len(labels)}"
    labels[label] = axis
    return label


def _power(rng: random.Random, array: Array) -> Coefficient:
    """A power that the entries allow."""
    options: list[Coefficient] = [1, 1, 1, 1, 1, 1, 2, 2, 3]
    if np.all(array != 0):
        options += [-1, -1, -2]
    if np.all(array >= 0):
        options += [Fraction(1, 2), Fraction(3, 2)]
    if np.all(array > 0):
        options += [Fraction(-1, 2), Fraction(1, 3)]
    return rng.choice(options)


# ---------------------------------------------------------------- by hand

Factor = Node | tuple[Node, Coefficient]


def network(
    at: Point,
    spec: str,
    *factors: Factor,
    free: Mapping[str, Dim] | None = None,
    coefficient: Coefficient = 1,
) -> Network:
    """A network as ``numpy.einsum`` writes it: ``network(at, "ij,j->i", A, (x, 2))``.

    ``free`` are the dimensions of labels that no factor has.
    """
    inside, _, out = spec.partition("->")
    dims = dict(free or {})
    entries: list[Entry] = []
    for labels, factor in zip(inside.split(",") if factors else [], factors, strict=True):
        node, power = factor if isinstance(factor, tuple) else (factor, 1)
        dims.update(zip(labels, node.axes, strict=True))
        tensor = Tensor(node, evaluate_node(node, at.arrays, at.sizes))
        entries.append(Entry(tensor, tuple(labels), power))
    return Network(coefficient, tuple(entries), tuple(out), dims)
