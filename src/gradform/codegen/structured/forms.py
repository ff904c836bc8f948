"""Forms of linear maps: a closed set. What is written in them are the expressions to compute.

A form says how a matrix is made of smaller arrays; ``stored`` counts their numbers for given
sizes. Row and column axes are read with the last one fastest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Node, Symbol
from gradform.records import record

__all__ = [
    "Band",
    "Bands",
    "Blocks",
    "Diagonal",
    "Form",
    "Full",
    "Identity",
    "Kronecker",
    "LowRank",
    "Scaled",
    "Sizes",
    "borrowed",
    "is_borrowed",
    "nodes_of",
    "settled",
    "stored",
]

Sizes: TypeAlias = Mapping[str, int]


@record
class Identity:
    """I, for rows and columns with these axes."""

    axes: tuple[Dim, ...]


@record
class Diagonal:
    """Entries on the diagonal; ``node`` has the axes of the rows."""

    node: Node


@record
class Band:
    """One diagonal: entry b of ``node`` stands at row ``down`` + b and column ``along`` + b."""

    node: Node
    down: Dim
    along: Dim
    rows: Dim
    columns: Dim


@record
class Bands:
    """Whole diagonals: the offset of each, column minus row, and its entries."""

    entries: tuple[tuple[Dim, Node], ...]
    rows: Dim
    columns: Dim


@record
class Full:
    """A matrix without structure: the first ``split`` axes of ``node`` are its rows."""

    node: Node
    split: int
    symmetric: bool = False


@record
class LowRank:
    """left · core · right': the last axes of left and right are those of the core.

    Without a core the two are one axis. A left without axis for it is one column.
    ``full`` is the same matrix as one expression.
    """

    left: Node
    core: Node | None
    right: Node
    full: Full
    gram: bool
    thin: bool = False


@record
class Blocks:
    """Blocks along a diagonal: axes of the place, then ``split`` row axes, then columns."""

    node: Node
    place: int
    split: int
    symmetric: bool


@record
class Kronecker:
    """Factors with axes of their own; row k is axis ``row_order[k]`` of all their rows."""

    factors: tuple[Form, ...]
    row_order: tuple[int, ...]
    column_order: tuple[int, ...]


@record
class Scaled:
    """coefficient · scalar · form."""

    coefficient: Coefficient
    scalar: Node | None
    form: Form


Form: TypeAlias = Identity | Diagonal | Band | Bands | Full | LowRank | Blocks | Kronecker | Scaled


def nodes_of(form: Form) -> Iterator[Node]:
    """The expressions that a form is made of."""
    match form:
        case Identity():
            return
        case Diagonal(node) | Band(node) | Full(node) | Blocks(node):
            yield node
        case Bands(entries):
            yield from dict.fromkeys(node for _, node in entries)
        case LowRank(left, core, right):
            yield left
            if core is not None:
                yield core
            if not form.gram:
                yield right
        case Kronecker(factors):
            for factor in factors:
                yield from nodes_of(factor)
        case Scaled(_, scalar, inner):
            if scalar is not None:
                yield scalar
            yield from nodes_of(inner)


def size_of(axes: Sequence[Dim], sizes: Sizes) -> int:
    """How many entries an array with these axes has."""
    return math.prod(axis.evaluate(sizes) for axis in axes)


def borrowed(node: Node) -> tuple[str, tuple[int, ...]] | None:
    """The variable that an array is, and the order of its axes; None for what is computed."""
    if isinstance(node, Symbol):
        return node.name, tuple(range(node.rank))
    if not isinstance(node, Contraction) or node.coefficient != 1 or len(node.factors) != 1:
        return None
    inner, labels, power = node.factors[0]
    plain = power == 1 and sorted(labels) == list(range(node.rank))
    if not plain or not isinstance(inner, Symbol):
        return None
    return inner.name, tuple(labels.index(k) for k in range(node.rank))


def is_borrowed(node: Node) -> bool:
    """Whether an array is one that the caller gives."""
    return borrowed(node) is not None


def stored(form: Form, sizes: Sizes) -> int:
    """How many numbers the form keeps besides the arrays that the caller gives."""
    if isinstance(form, Full) and form.symmetric and not is_borrowed(form.node):
        length = size_of(form.node.axes[: form.split], sizes)
        return length * (length + 1) // 2
    new = [node for node in nodes_of(form) if not is_borrowed(node)]
    return sum(size_of(node.axes, sizes) for node in new)


def settled(form: Form, sizes: Sizes, inside: bool = False) -> Form:
    """The form with products through an axis that is not short written as one matrix.

    ``inside`` a Kronecker product a factor is applied many times, so what counts is how many
    numbers one application reads; otherwise how many are stored.
    """
    match form:
        case Kronecker(factors):
            kept = tuple(settled(factor, sizes, inside=True) for factor in factors)
            return Kronecker(kept, form.row_order, form.column_order)
        case Scaled(coefficient, scalar, inner):
            return Scaled(coefficient, scalar, settled(inner, sizes, inside))
        case LowRank(left, core, right, full):
            if inside:
                parts = [left, right] if core is None else [left, core, right]
                count = sum(size_of(node.axes, sizes) for node in parts)
            else:
                count = stored(form, sizes)
            return form if count < size_of(full.node.axes, sizes) else full
        case _:
            return form
