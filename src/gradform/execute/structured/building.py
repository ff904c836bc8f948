"""Forms as functions that make operators of the arrays of their parts.

What sizes tell is worked out when the function is made, once for all calls with these sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from gradform import linear_operators as operators
from gradform.codegen.structured.forms import (
    Band,
    Bands,
    Blocks,
    Diagonal,
    Form,
    Full,
    Identity,
    Kronecker,
    LowRank,
    Scaled,
    Sizes,
    is_borrowed,
    stored,
)
from gradform.ir.dims import Dim
from gradform.ir.nodes import Node
from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.records import replaced

__all__ = ["Build", "Parts", "Values", "builder"]

Values: TypeAlias = Sequence[Array]
Build: TypeAlias = Callable[[Values], LinearOperator]


class Parts:
    """Where the array of each expression is, for some sizes; ``name`` writes an expression."""

    def __init__(
        self, nodes: Sequence[Node], sizes: Sizes, dtype: str, name: Callable[[Node], str]
    ) -> None:
        self.places: Mapping[Node, int] = {node: k for k, node in enumerate(nodes)}
        self.sizes = sizes
        self.dtype = dtype
        self.name = name

    def extents(self, *axes: Dim) -> tuple[int, ...]:
        """The lengths of some axes."""
        return tuple(axis.evaluate(self.sizes) for axis in axes)


def builder(
    terms: Sequence[Form], parts: Parts, rows: tuple[int, ...], columns: tuple[int, ...]
) -> Build:
    """The sum of the terms as one operator between arrays of these shapes."""
    if not terms:
        empty = [np.zeros((math.prod(axes), 0), parts.dtype) for axes in (rows, columns)]
        return lambda _: operators.LowRank(empty[0], None, empty[1], rows, columns)
    if len(terms) == 1 and isinstance(terms[0], Full):
        build = _full(terms[0], parts)
        return lambda values: build(values).reshaped(rows, columns)
    builds = [_given(term, parts) or _builder(term, parts) for term in terms]
    if len(builds) == 1:
        (build,) = builds
        return lambda values: build(values).reshaped(rows, columns)
    return lambda values: operators.added(
        [each(values).reshaped(rows, columns) for each in builds]
    ).reshaped(rows, columns)


def _builder(form: Form, parts: Parts) -> Build:
    match form:
        case Identity(axes):
            extents, dtype = parts.extents(*axes), np.dtype(parts.dtype)
            return lambda _: operators.Identity(extents, dtype=dtype)
        case Diagonal(node):
            place, name = parts.places[node], parts.name(node)
            return lambda values: operators.Diagonal(values[place], name=name)
        case Bands():
            return _bands(form, parts)
        case Full():
            return _full(form, parts)
        case LowRank():
            return _low_rank(form, parts)
        case Blocks():
            return _blocks(form, parts)
        case Kronecker(factors, row_order, column_order):
            builds = [_builder(factor, parts) for factor in factors]
            return lambda values: operators.Kronecker(
                [build(values) for build in builds], row_order, column_order
            )
        case Scaled():
            return _scaled(form, parts)
        case Band():
            raise AssertionError("bands are merged before")


def _scaled(form: Scaled, parts: Parts) -> Build:
    """The number goes to the factor of a product that keeps the fewest numbers."""
    inner, number = form.form, _number(form, parts)
    match inner:
        case Kronecker(factors):
            counts = [stored(factor, parts.sizes) for factor in factors]
            least = counts.index(min(counts))
            scaled = list(factors)
            scaled[least] = Scaled(form.coefficient, form.scalar, factors[least])
            return _builder(replaced(inner, factors=tuple(scaled)), parts)
        case Identity(axes):
            extents, dtype = parts.extents(*axes), np.dtype(parts.dtype)
            return lambda values: operators.Identity(extents, number(values), dtype=dtype)
        case _:
            build = _builder(inner, parts)
            return lambda values: number(values) * build(values)


def _number(form: Scaled, parts: Parts) -> Callable[[Values], float]:
    """coefficient · scalar"""
    coefficient = float(form.coefficient)
    if form.scalar is None:
        return lambda _: coefficient
    place = parts.places[form.scalar]
    return lambda values: coefficient * float(values[place])


def _shapes(form: Bands, parts: Parts) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return parts.extents(form.rows), parts.extents(form.columns)


def _bands(form: Bands, parts: Parts) -> Build:
    rows, columns = _shapes(form, parts)
    places = [(*parts.extents(offset), parts.places[node]) for offset, node in form.entries]
    return lambda values: operators.Banded(
        {offset: values[place] for offset, place in places}, rows, columns
    )


class _Layout(NamedTuple):
    """An array as a matrix: which value it is, its shape, between which axes, its name."""

    place: int
    shape: tuple[int, int]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    name: str


def _laid_out(form: Full, parts: Parts) -> _Layout:
    axes = form.node.axes
    rows, columns = parts.extents(*axes[: form.split]), parts.extents(*axes[form.split :])
    name = parts.name(form.node)
    shape = math.prod(rows), math.prod(columns)
    return _Layout(
        parts.places[form.node], shape, rows, columns, name if form.split else f"{name}'"
    )


def _full(form: Full, parts: Parts) -> Build:
    place, shape, rows, columns, name = _laid_out(form, parts)
    kind = operators.Symmetric if form.symmetric else operators.Dense
    lent = is_borrowed(form.node)
    return lambda values: kind(values[place].reshape(shape), rows, columns, name, lent)


def _given(form: Form, parts: Parts) -> Build | None:
    """A matrix of the caller, or a multiple of one, that shall not be added to others."""
    inner = form.form if isinstance(form, Scaled) else form
    if not isinstance(inner, Full) or not is_borrowed(inner.node):
        return None
    place, shape, rows, columns, name = _laid_out(inner, parts)
    number = _number(form, parts) if isinstance(form, Scaled) else lambda _: 1.0
    return lambda values: operators.Given(
        values[place].reshape(shape), rows, columns, name, number(values)
    )


def _low_rank(form: LowRank, parts: Parts) -> Build:
    sides = [node.axes if form.thin else node.axes[:-1] for node in (form.left, form.right)]
    rows, columns = (parts.extents(*axes) for axes in sides)
    tall, wide = (math.prod(rows), -1), (math.prod(columns), -1)
    left = parts.places[form.left]
    right = left if form.gram else parts.places[form.right]
    core = None if form.core is None else parts.places[form.core]
    names = (
        parts.name(form.left),
        "" if form.core is None else parts.name(form.core),
        parts.name(form.right),
    )
    given = [node.axes for node in {form.left, form.right} if is_borrowed(node)]
    borrowed = sum(math.prod(parts.extents(*axes)) for axes in given)
    kind = operators.Gram if form.gram else operators.LowRank
    return lambda values: kind(
        values[left].reshape(tall),
        None if core is None else values[core],
        values[right].reshape(wide),
        rows,
        columns,
        names,
        borrowed,
    )


def _blocks(form: Blocks, parts: Parts) -> Build:
    extents, at = parts.extents(*form.node.axes), parts.places[form.node]
    place, rest = extents[: form.place], extents[form.place :]
    down, along = rest[: form.split], rest[form.split :]
    shape = math.prod(place), math.prod(down), math.prod(along)
    rows, columns, name = place + down, place + along, parts.name(form.node)
    return lambda values: operators.BlockDiagonal(
        values[at].reshape(shape), rows, columns, form.symmetric, name
    )
