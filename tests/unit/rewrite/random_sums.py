"""Sums of random products that share factors, with their values."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient
from tests.unit.ir.networks import Entry, Network, Point, Tensor, n, random_tensor

__all__ = ["random_sum"]

_NUMBERS: tuple[Coefficient, ...] = (1, 1, -1, 2, Fraction(1, 2))
_SYMBOLS = ("c", "d", "x", "y", "w", "A", "B", "S", "P")


def random_sum(rng: random.Random, at: Point) -> Tensor:
    """Two to four products of a few tensors, over none, one or two axes of size n."""
    pool = [_tensor(rng, at) for _ in range(4)]
    rank = rng.choice([0, 1, 1, 2])
    parts = [_product(rng, pool, rank).tensor(at) for _ in range(rng.randrange(2, 5))]
    axes = (n,) * rank
    node = build.linear_combination([(1, part.node) for part in parts], axes)
    return Tensor(node, np.sum([part.array for part in parts], axis=0))


def _tensor(rng: random.Random, at: Point) -> Tensor:
    while True:
        found = random_tensor(rng, at, rng.choice([0, 0, 1, 2]), _SYMBOLS, leaves=False)
        if found.node.rank <= 2 and all(axis is n for axis in found.node.axes):
            return found


def _product(rng: random.Random, pool: list[Tensor], rank: int) -> Network:
    dims: dict[str, Dim] = {}
    entries: list[Entry] = []
    for _ in range(rng.randrange(1, 4)):
        tensor = rng.choice(pool)
        names = tuple(_name(rng, dims) for _ in tensor.node.axes)
        regular = bool(np.all(np.abs(tensor.array) > 1e-2))
        powers: list[Coefficient] = [1, 1, 1, 2, -1] if regular else [1]
        entries.append(Entry(tensor, names, rng.choice(powers)))
    out = rng.sample(list(dims), min(rank, len(dims)))
    while len(out) < rank:
        out.append(f"broadcast{len(out)}")
        dims[out[-1]] = n
    return Network(rng.choice(_NUMBERS), tuple(entries), tuple(out), dims)


def _name(rng: random.Random, dims: dict[str, Dim]) -> str:
    if dims and rng.random() < 0.6:
        return rng.choice(list(dims))
    name = f"l{len(dims)}"
    dims[name] = n
    return name
