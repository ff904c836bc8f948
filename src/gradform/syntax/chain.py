"""Products and stacks as contractions.

A product is collected as one contraction: every factor gets the labels of the row and the
column of the running product that it meets.
"""

from __future__ import annotations

from itertools import count

from gradform.functions.record import Typed
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import Coefficient, Node

__all__ = ["Chain", "place_block"]

_LONGEST = 16
"""Factors collected before a product becomes a node: keeps long products linear in time."""


class Chain:
    """A product being collected: factors with labels, and the labels of its row and column."""

    __slots__ = ("col", "factors", "labels", "row")

    def __init__(self) -> None:
        self.factors: list[tuple[Node, tuple[int, ...], Coefficient]] = []
        self.labels = count()
        self.row: int | None = None
        self.col: int | None = None

    def times(self, operator: str, node: Node, shape: Shape) -> None:
        """Multiply by, or divide by, a factor of this shape."""
        if len(self.factors) >= _LONGEST:
            self.factors = [(self.product(), self._out(), 1)]
        power = -1 if operator in ("/", "./") else 1
        self.factors.append((node, self._labels_for(operator, shape), power))

    def _labels_for(self, operator: str, shape: Shape) -> tuple[int, ...]:
        if shape.is_scalar:
            return ()
        if self.row is None and self.col is None:
            self.row = self._label(shape.rows)
            self.col = self._label(shape.cols)
        elif operator == "*":
            inner = self.col
            self.col = self._label(shape.cols)
            return tuple(label for label in (inner, self.col) if label is not None)
        return self._out()

    def _label(self, size: Dim) -> int | None:
        return None if size is ONE else next(self.labels)

    def _out(self) -> tuple[int, ...]:
        return tuple(label for label in (self.row, self.col) if label is not None)

    def product(self) -> Node:
        return build.contract(1, self.factors, self._out())


def place_block(block: Typed, whole: Shape, top: Dim, left: Dim) -> Node:
    """A block as part of a larger matrix that is zero elsewhere."""
    factors: list[tuple[Node, tuple[str, ...], Coefficient]] = []
    labels: list[str] = []
    out: list[str] = []
    places = zip("rc", whole, block.shape, (top, left), strict=True)
    for label, length, size, offset in places:
        if size is not ONE:
            labels.append(label)
        if length is ONE:
            continue
        moved = f"moved {label}"
        out.append(moved)
        if size is ONE:
            factors.append((build.unit(length, offset), (moved,), 1))
        else:
            factors.append((build.select(length, offset, size), (label, moved), 1))
    return build.contract(1, [(block.node, labels, 1), *factors], out)
