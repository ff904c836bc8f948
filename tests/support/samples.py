"""Sample calls of the function records: typed arguments and random points for them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from gradform.functions import Comparison, Function, Shape, Typed, Unifier, all_functions
from gradform.functions.samples import SAMPLES
from gradform.ir import build
from gradform.ir.dims import ONE, Dim, dim
from gradform.ir.nodes import Node, symbol
from gradform.verify.operations import COMPARE
from tests.support.ir_eval import Array

__all__ = [
    "PRIMITIVES",
    "SIZES",
    "SampleCall",
    "argument_value",
    "close",
    "draw",
    "each_primitive",
    "each_record",
    "sample_calls",
    "shaped",
    "table",
    "typed_symbol",
]

SIZES: Mapping[str, int] = {"m": 4, "n": 3}


@dataclass(frozen=True)
class SampleCall:
    """One record with one of its sample argument lists."""

    record: Function
    text: str

    def __str__(self) -> str:
        return f"{self.record.name}({self.text})"

    @property
    def words(self) -> list[str]:
        return [word.strip() for word in self.text.split(",")] if self.text else []

    @property
    def kinds(self) -> list[str]:
        return list(self.record.kinds(len(self.words)))

    @property
    def names(self) -> list[str]:
        """The variables among the arguments."""
        words = [word for word, kind in zip(self.words, self.kinds, strict=True) if kind in READ]
        return list(dict.fromkeys(name for word in words for name in _names(word)))

    def arguments(self) -> list[Any]:
        """The arguments as ``Function.value`` takes them."""
        pairs = zip(self.words, self.kinds, strict=True)
        return [_argument(word, kind) for word, kind in pairs]

    def shape(self) -> Shape:
        """The shape of the value; sizes left open by the function are n."""
        shapes = [_shape(arg) for arg in self.arguments()]
        unify = Unifier()
        found = unify.shape(self.record.shape(unify, self.record.name, shapes))
        return Shape(*(dim("n") if str(size).startswith("?") else size for size in found))

    def node(self) -> Node:
        return self.record.value(self.arguments(), self.shape())

    def reference(self, env: Mapping[str, Array]) -> Array:
        """The record's own value with NumPy: a 2-D array."""
        pairs = zip(self.words, self.kinds, strict=True)
        given = [argument_value(word, kind, env) for word, kind in pairs]
        sized = {"shape": tuple(map(_size, self.shape()))} if self.record.sized else {}
        assert self.record.evaluate is not None
        return np.asarray(self.record.evaluate(np, *given, **sized))

    def point(self, number: int = 0) -> dict[str, Array]:
        """Random admissible points, the same in every run."""
        random = default_rng([number, zlib.crc32(str(self).encode())])
        return {name: draw(name, random) for name in self.names}


def sample_calls() -> Iterator[SampleCall]:
    for record in all_functions():
        for text in record.arguments:
            yield SampleCall(record, text)


def typed_symbol(name: str) -> Typed:
    sample = SAMPLES[name]
    axes = tuple(dim(size) for size in sample.shape)
    structure = frozenset() if sample.structure is None else frozenset({sample.structure})
    return Typed(symbol(name, axes, structure), Shape(*(*axes, ONE, ONE)[:2]))


READ = ("expr", "condition")
"""The kinds of arguments that variables occur in."""


def _names(word: str) -> list[str]:
    return [part for part in word.split() if part in SAMPLES]


def _shape(argument: Any) -> Any:
    if isinstance(argument, Comparison):
        argument = argument.difference
    return argument.shape if isinstance(argument, Typed) else argument


def argument_value(word: str, kind: str, env: Mapping[str, Array]) -> Any:
    """An argument as the reference takes it."""
    if kind not in READ:
        return _number(word)
    if kind == "expr":
        return table(env[word])
    left, operator, right = word.split()
    sides = [
        table(env[side]) if side in env else np.array([[float(side)]]) for side in (left, right)
    ]
    return COMPARE[operator](*sides)


def _comparison(word: str) -> Comparison:
    left, operator, right = word.split()
    difference = typed_symbol(left)
    if right in SAMPLES:
        other = typed_symbol(right)
        shape = other.shape if difference.shape.is_scalar else difference.shape
        sides = [
            build.broadcast(s.node, () if s.node.rank else shape.axes) for s in (difference, other)
        ]
        difference = Typed(build.subtract(*sides), shape)
    else:
        assert right == "0"
    return Comparison(operator, difference)


def _argument(word: str, kind: str) -> Any:
    match kind:
        case "condition":
            return _comparison(word)
        case "expr":
            return typed_symbol(word)
        case "dim":
            return dim(int(word) if word.isdecimal() else word)
    return int(word)


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else SIZES[word]


def _size(size: Dim) -> int:
    return size.evaluate(SIZES)


def table(value: Array) -> Array:
    """A value as a 2-D array: vectors as columns."""
    return value.reshape(value.shape + (1,) * (2 - value.ndim))


def draw(name: str, random: Generator) -> Array:
    """A random value of a sample variable with its structure."""
    sample = SAMPLES[name]
    extent = tuple(SIZES[size] for size in sample.shape)
    normal = random.normal(size=extent)
    match sample.structure:
        case None:  # not near 0, where kinks are
            return np.copysign(0.3 + np.abs(normal), normal)
        case "positive":
            return random.uniform(0.3, 2.5, extent)
        case "unit":
            return random.uniform(0.1, 0.9, extent)
        case "large":
            return random.uniform(4.1, 8, extent)
        case "simplex":
            return random.dirichlet(np.ones(extent[0]))
        case "symmetric":
            return normal + normal.T
        case "spd":
            return normal @ normal.T + np.eye(extent[0])
    raise AssertionError(sample.structure)


PRIMITIVES = [record for record in all_functions() if record.is_primitive]
each_record = pytest.mark.parametrize("record", all_functions(), ids=lambda r: r.name)
each_primitive = pytest.mark.parametrize("record", PRIMITIVES, ids=lambda r: r.name)


def shaped(call: SampleCall, value: Array) -> Array:
    """A 2-D reference value with the axes of the expression."""
    extent = tuple(axis.evaluate(SIZES) for axis in call.shape().axes)
    return value.reshape(extent)


def close(found: Array, wanted: Array, tolerance: float) -> None:
    scale = max(1.0, float(np.max(np.abs(wanted))))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale)
