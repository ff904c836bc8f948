"""What can be applied to what: the calls of a function that give a wanted shape.

Quantified over the registry: a new record is called here without a change, with arguments
of every shape that its shape rule accepts, in the domains its sample arguments show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, TypeAlias

from gradform.errors import GradformError
from gradform.functions import Function, Shape, Unifier, all_functions
from gradform.functions.samples import SAMPLES
from gradform.ir.dims import ONE, Dim

__all__ = [
    "ANY",
    "Argument",
    "Signature",
    "callable_records",
    "domain_of",
    "signatures",
    "transposed",
]

ANY = ""
"""The domain of an argument that may be anything."""


@dataclass(frozen=True)
class Argument:
    """An expression of a shape in a domain, a number (``literal``), or a comparison."""

    shape: Shape | None = None
    domain: str = ANY
    literal: int | None = None
    compared: bool = False


@dataclass(frozen=True)
class Signature:
    record: Function
    arguments: tuple[Argument, ...]


Given: TypeAlias = Shape | int


@lru_cache(maxsize=1)
def callable_records() -> tuple[Function, ...]:
    """All functions but constants, which are written by their sizes."""
    return tuple(
        record
        for record in all_functions()
        if not (record.sized or record.no_derivative)
        and not {"dim", "dim?"} & set(record.parameters)
    )


@lru_cache(maxsize=65_536)
def signatures(record: Function, target: Shape, base: tuple[Dim, ...]) -> tuple[Signature, ...]:
    """The calls of a function that have the shape ``target``."""
    return tuple(_calls(record, target, base))


def _calls(record: Function, target: Shape, base: tuple[Dim, ...]) -> Iterator[Signature]:
    for given in _argument_lists(record, target, base):
        try:
            unify = Unifier()
            shape = unify.shape(record.shape(unify, record.name, given))
        except GradformError:
            continue
        if shape == target and not any(str(size).startswith("?") for size in shape):
            yield Signature(record, _arguments(record, given))


def _arguments(record: Function, given: tuple[Given, ...]) -> tuple[Argument, ...]:
    kinds = record.kinds(len(given))
    return tuple(
        Argument(literal=each)
        if not isinstance(each, Shape)
        else Argument(each, compared=True)
        if kind == "condition"
        else Argument(each, domain_of(record, k, each))
        for k, (each, kind) in enumerate(zip(given, kinds, strict=True))
    )


def _argument_lists(
    record: Function, target: Shape, base: tuple[Dim, ...]
) -> Iterator[tuple[Given, ...]]:
    least, most = record.arity
    counts = range(least, least + 3 if most is None else most + 1)
    for count in filter(record.accepts, counts):
        kinds = record.kinds(count)
        crowded = len(kinds) - kinds.count("int") > 2
        choices = [_choices(kind, target, base, crowded=crowded) for kind in kinds]
        yield from product(*choices)


def _choices(kind: str, target: Shape, base: tuple[Dim, ...], *, crowded: bool) -> list[Given]:
    if kind == "axis":
        return [1, 2]
    if kind == "int":
        return [0, 1, 2, 3]
    if crowded:
        return [Shape(ONE, ONE), target]
    return list(_shapes(target, base))


@lru_cache(maxsize=4096)
def _shapes(target: Shape, base: tuple[Dim, ...]) -> tuple[Shape, ...]:
    sizes = (ONE, *base)
    found = dict.fromkeys(Shape(*pair) for pair in product(sizes, repeat=2))
    found[target] = None
    found[transposed(target)] = None
    if target.is_vector or target.is_scalar:
        size = target.rows * target.cols
        found[Shape(size, size)] = None
        first, *rest = base
        for other in (first - 1, first + 1, first * 2, *(first + r for r in rest[:1])):
            found[Shape(other, ONE)] = None
            found[Shape(ONE, other)] = None
        for r in rest[:1]:
            found[Shape(first * r, ONE)] = None
            found[Shape(first + r, first)] = None
    return tuple(found)


def transposed(shape: Shape) -> Shape:
    return Shape(shape.cols, shape.rows)


def domain_of(record: Function, position: int, shape: Shape) -> str:
    """The structure that all sample arguments at this position have, for such a shape."""
    structures = set(_samples(record, position, is_matrix=shape.is_matrix))
    if not structures:
        structures = set(_samples(record, position, is_matrix=None))
        structures = {s if s not in ("spd", "symmetric") else "positive" for s in structures}
    if len(structures) == 1:
        return structures.pop() or (record.domain if position == 0 else None) or ANY
    if structures == {"symmetric", "spd"}:
        return "symmetric"
    return ANY


def _samples(record: Function, position: int, *, is_matrix: bool | None) -> Iterator[Any]:
    for text in record.arguments:
        words = [word.strip() for word in text.split(",")]
        if position < len(words) and words[position] in SAMPLES:
            sample = SAMPLES[words[position]]
            if is_matrix is None or is_matrix == (len(sample.shape) == 2):
                yield sample.structure
