"""Forms and the arrays of their parts, as operators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from gradform import linear_operators as operators
from gradform.codegen.structured.forms import (
    Band,
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
)
from gradform.ir.dims import Dim
from gradform.ir.nodes import Node
from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator

__all__ = ["Parts", "built"]


class Parts(Protocol):
    """The arrays of the parts of forms, and their names."""

    sizes: Sizes
    arrays: Mapping[Node, Array]
    dtype: str

    def name(self, node: Node) -> str: ...


def built(terms: Sequence[Form], parts: Parts, rows: Sequence[int], columns: Sequence[int]) -> Any:
    """The sum of the terms as one operator between arrays of these shapes."""
    if not terms:
        empty = [np.zeros((math.prod(axes), 0), parts.dtype) for axes in (rows, columns)]
        return operators.LowRank(empty[0], None, empty[1], rows, columns)
    found = operators.added([_built(term, parts).reshaped(rows, columns) for term in terms])
    return found.reshaped(rows, columns)


def _built(form: Form, parts: Parts) -> LinearOperator:
    match form:
        case Identity(axes):
            return operators.Identity(_extents(axes, parts), dtype=parts.dtype)
        case Diagonal(node):
            return operators.Diagonal(parts.arrays[node], name=parts.name(node))
        case Band():
            return _band(form, parts)
        case Full():
            return _full(form, parts)
        case LowRank():
            return _low_rank(form, parts)
        case Blocks():
            return _blocks(form, parts)
        case Kronecker(factors, row_order, column_order):
            built_factors = [_built(factor, parts) for factor in factors]
            return operators.Kronecker(built_factors, row_order, column_order)
        case Scaled(coefficient, scalar, inner):
            factor = float(coefficient)
            if scalar is not None:
                factor *= float(parts.arrays[scalar])
            return factor * _built(inner, parts)


def _extents(axes: Sequence[Dim], parts: Parts) -> tuple[int, ...]:
    return tuple(axis.evaluate(parts.sizes) for axis in axes)


def _band(form: Band, parts: Parts) -> LinearOperator:
    """The entries in place, with zeros before and behind where they do not fill the diagonal."""
    rows, columns, down, along = _extents((form.rows, form.columns, form.down, form.along), parts)
    entries, offset = parts.arrays[form.node], along - down
    length = min(rows - max(0, -offset), columns - max(0, offset))
    start = min(down, along)
    if len(entries) < length:
        entries = np.pad(entries, (start, length - start - len(entries)))
    return operators.Banded({offset: entries}, (rows,), (columns,))


def _full(form: Full, parts: Parts) -> LinearOperator:
    rows = _extents(form.node.axes[: form.split], parts)
    columns = _extents(form.node.axes[form.split :], parts)
    matrix = parts.arrays[form.node].reshape(math.prod(rows), math.prod(columns))
    kind = operators.Symmetric if form.symmetric else operators.Dense
    name = parts.name(form.node)
    dense = kind(matrix, name=name if form.split else f"{name}'", borrowed=is_borrowed(form.node))
    return dense.reshaped(rows, columns)


def _low_rank(form: LowRank, parts: Parts) -> LinearOperator:
    sides = [(node, node.axes if form.thin else node.axes[:-1]) for node in (form.left, form.right)]
    rows, columns = (_extents(axes, parts) for _, axes in sides)
    arrays = [form.left, form.right if not form.gram else form.left]
    left, right = (
        parts.arrays[node].reshape(math.prod(axes), -1)
        for node, axes in zip(arrays, (rows, columns), strict=True)
    )
    core = None if form.core is None else parts.arrays[form.core]
    names = tuple("" if node is None else parts.name(node) for node in (form.left, form.core))
    name = (names[0], names[1], parts.name(form.right))
    given = [node for node in {form.left, form.right} if is_borrowed(node)]
    borrowed = sum(parts.arrays[node].size for node in given)
    kind = operators.Gram if form.gram else operators.LowRank
    return kind(left, core, right, rows, columns, name, borrowed)


def _blocks(form: Blocks, parts: Parts) -> LinearOperator:
    extents = _extents(form.node.axes, parts)
    place, rest = extents[: form.place], extents[form.place :]
    down, along = rest[: form.split], rest[form.split :]
    blocks = parts.arrays[form.node].reshape(math.prod(place), math.prod(down), math.prod(along))
    name = parts.name(form.node)
    return operators.BlockDiagonal(blocks, place + down, place + along, form.symmetric, name)
