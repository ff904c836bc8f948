"""Constants and structured leaves: identity, unit vectors, selections, sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import (
    Coefficient,
    Contraction,
    Node,
    Symbol,
    contraction_node,
    exact,
    leaf,
    symbol,
)

__all__ = [
    "NUMBERS",
    "constant",
    "constant_value",
    "delta",
    "flatten_leaf",
    "is_zero",
    "lower",
    "ones",
    "number",
    "pi",
    "select",
    "size_of",
    "symbol_like",
    "unit",
    "zero",
]


NUMBERS = {"pi": math.pi, "EulerGamma": 0.57721566490153286, "inf": math.inf}
"""Constants by their names in the input language, with their values."""


def constant(value: Coefficient, axes: Sequence[Dim] = ()) -> Node:
    """The tensor whose entries all are ``value``."""
    return contraction_node(exact(value), (), tuple(axes), len(axes))


def symbol_like(node: Symbol, structure: frozenset[str]) -> Symbol:
    """The same variable with another declared structure."""
    return symbol(node.name, node.axes, structure)


def zero(axes: Sequence[Dim] = ()) -> Node:
    return constant(0, axes)


def ones(*axes: Dim) -> Node:
    return constant(1, axes)


def constant_value(node: Node) -> Coefficient | None:
    """The number every entry equals, or None."""
    if isinstance(node, Contraction) and not node.factors:
        return node.coefficient
    return None


def is_zero(node: Node) -> bool:
    return isinstance(node, Contraction) and node.coefficient == 0


def delta(n: Dim) -> Node:
    """The identity matrix of size n."""
    return ones(n, n) if n is ONE else leaf("delta", (n, n))


def unit(n: Dim, position: Dim) -> Node:
    """The unit vector with its 1 at a 0-based position."""
    return leaf("unit", (n,), (position,))


def select(n: Dim, offset: Dim, length: Dim) -> Node:
    """Rows offset … offset+length-1 of the identity of size n."""
    if length is n:
        return delta(n)
    return leaf("select", (length, n), (offset,))


def lower(n: Dim) -> Node:
    """The lower triangle of ones, diagonal included."""
    return leaf("lower", (n, n))


def flatten_leaf(slow: Dim, fast: Dim) -> Node:
    return leaf("flatten", (slow * fast, slow, fast))


def size_of(n: Dim) -> Node:
    """The dimension n as a number."""
    value = n.value
    return constant(value) if value is not None else leaf("size", (), (n,))


def number(name: str) -> Node:
    """A constant of ``NUMBERS``."""
    return leaf(name, ())


def pi() -> Node:
    return number("pi")
