"""Operators on expressions, for writing derivatives the way they are written on paper.

``*`` and ``/`` are entrywise, ``@`` is the matrix product, scalars and numbers
broadcast. Function records use this; the passes work on nodes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Union

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Node

__all__ = ["Expr", "ExprLike"]

ExprLike = Union["Expr", int, Fraction]


class Expr:
    """A node with operators."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def _with(self, other: ExprLike) -> tuple[Node, Node]:
        """Both operands with equal axes."""
        left = self.node
        right = other.node if isinstance(other, Expr) else build.constant(other)
        if left.rank and not right.rank:
            right = build.broadcast(right, left.axes)
        elif right.rank and not left.rank:
            left = build.broadcast(left, right.axes)
        return left, right

    def __add__(self, other: ExprLike) -> Expr:
        return Expr(build.add(*self._with(other)))

    def __radd__(self, other: ExprLike) -> Expr:
        return self + other

    def __neg__(self) -> Expr:
        return Expr(build.scale(-1, self.node))

    def __sub__(self, other: ExprLike) -> Expr:
        return Expr(build.subtract(*self._with(other)))

    def __rsub__(self, other: ExprLike) -> Expr:
        return -self + other

    def __mul__(self, other: ExprLike) -> Expr:
        if isinstance(other, Expr):
            return Expr(build.hadamard(self.node, other.node))
        return Expr(build.scale(other, self.node))

    def __rmul__(self, other: ExprLike) -> Expr:
        return self * other

    def __truediv__(self, other: ExprLike) -> Expr:
        if isinstance(other, Expr):
            return self * other**-1
        return Expr(build.scale(Fraction(1) / other, self.node))

    def __rtruediv__(self, other: ExprLike) -> Expr:
        return self**-1 * other

    def __pow__(self, exponent: Coefficient) -> Expr:
        return Expr(build.power(self.node, exponent))

    def __matmul__(self, other: Expr) -> Expr:
        return Expr(build.matmul(self.node, other.node))

    @property
    def T(self) -> Expr:
        return Expr(build.transpose(self.node))

    def sum(self, axis: int | None = None) -> Expr:
        return Expr(build.total(self.node, axis))
