"""Shapes of sums, products, powers and stacks, from the shapes of their parts."""

from __future__ import annotations

from gradform.errors import ShapeError, Span
from gradform.formula.tree import Add, Compare, Formula, Mul, Name, Neg, Number, Power, Stack
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE, Dim
from gradform.language import say
from gradform.syntax.mismatch import (
    Operands,
    division_error,
    entrywise_error,
    huge_power_error,
    operands,
    power_error,
    product_error,
    sum_error,
)
from gradform.syntax.scope import Scope
from gradform.syntax.sizes import is_unknown

__all__ = ["LONGEST_POWER", "OperatorShapes", "integer_literal"]

LONGEST_POWER = 64
"""The largest exponent of a matrix; a power is written out as a product."""


class OperatorShapes:
    """Shapes found so far, by ``id`` of the tree node, and the rules of the operators.

    ``squared`` are the bases of even powers.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.sizes = scope.sizes
        self.shapes: dict[int, Shape] = {}
        self.squared: set[int] = set()

    def _same(self, left: Shape, right: Shape) -> bool:
        """Unify two shapes. The right one is the newer, so its unknowns are bound first."""
        return self.sizes.same(right.rows, left.rows) and self.sizes.same(right.cols, left.cols)

    def _resolved(self, left: Shape, right: Shape) -> tuple[Shape, Shape]:
        """Two shapes for an error message."""
        self.scope.name_sizes(left, right)
        return self.sizes.shape(left), self.sizes.shape(right)

    def _at(self, node: Add | Mul | Power, position: int) -> Operands:
        return operands(node, position, self.scope.source)

    def sum(self, node: Add) -> Shape:
        shape = self.shapes[id(node.terms[0])]
        for position in range(1, len(node.terms)):
            other = self.shapes[id(node.terms[position])]
            if other is shape or self._same(shape, other):
                continue
            left, right = self._resolved(shape, other)
            at = self._at(node, position)
            scalars = node.terms[:position] if left.is_scalar else (node.terms[position],)
            hint = self._letter_hint(scalars) if left.is_scalar or right.is_scalar else None
            raise sum_error(left, right, node.signs[position], at, hint)
        return shape

    def _letter_hint(self, scalars: tuple[Formula, ...]) -> str | None:
        """Which of these terms is a scalar only because of its letter."""
        for term in scalars:
            if isinstance(term, Name) and term.name in self.scope.variables:
                variable = self.scope.variables[term.name]
                if variable.inferred:
                    name = variable.name
                    return say(
                        "{name} was taken as a scalar because of its letter: declare its shape.",
                        name=name,
                    )
        return None

    def product(self, node: Mul) -> Shape:
        shape = self.shapes[id(node.factors[0])]
        for position in range(1, len(node.factors)):
            operator = node.ops[position]
            other = self.shapes[id(node.factors[position])]
            if other.is_scalar:
                continue
            if operator == "/":
                raise division_error(other, self._at(node, position))
            if shape.is_scalar:
                shape = other
            elif operator == "*":
                shape = self._matrix_product(shape, other, node, position)
            elif other is not shape and not self._same(shape, other):
                left, right = self._resolved(shape, other)
                raise entrywise_error(left, right, operator, self._at(node, position))
        return shape

    def _matrix_product(self, left: Shape, right: Shape, node: Mul, position: int) -> Shape:
        if not self.sizes.same(right.rows, left.cols):
            left, right = self._resolved(left, right)
            raise product_error(left, right, self._at(node, position))
        return Shape(left.rows, right.cols)

    def compare(self, node: Compare) -> Shape:
        """Entry by entry; either side may be a scalar."""
        left, right = self.shapes[id(node.left)], self.shapes[id(node.right)]
        if right.is_scalar:
            return left
        if not (left.is_scalar or self._same(left, right)):
            left, right = self._resolved(left, right)
            raise entrywise_error(left, right, node.operator, Operands("", "", node.op_span, None))
        return right

    def power(self, node: Power) -> Shape:
        base, exponent = self.shapes[id(node.base)], self.shapes[id(node.exponent)]
        whole = integer_literal(node.exponent)
        if whole is not None and whole > 0 and whole % 2 == 0:
            self.squared.add(id(node.base))
        if node.elementwise:
            if base.is_scalar:
                return exponent
            if not (exponent.is_scalar or self._same(base, exponent)):
                left, right = self._resolved(base, exponent)
                raise entrywise_error(left, right, ".^", self._at(node, 1))
            return base
        if not (base.is_scalar and exponent.is_scalar):
            self._check_matrix_power(node, base, exponent, whole)
        return base

    def _check_matrix_power(
        self, node: Power, base: Shape, exponent: Shape, whole: int | None
    ) -> None:
        single = base.is_matrix and exponent.is_scalar and whole is not None
        if not single or not self.sizes.same(base.rows, base.cols):
            base, exponent = self._resolved(base, exponent)
            raise power_error(base, exponent, whole, self._at(node, 1))
        if whole is not None and abs(whole) > LONGEST_POWER:
            raise huge_power_error(whole, LONGEST_POWER, self._at(node, 1))

    def stack(self, node: Stack) -> Shape:
        rows = [self._beside(row) for row in node.rows]
        height, width = rows[0]
        for (more, other), blocks in zip(rows[1:], node.rows[1:], strict=True):
            self._align(node.rows[0], blocks)
            if not self.sizes.same(other, width):
                raise self._stack_error("columns", width, other, blocks[0].span)
            height = height + more
        return Shape(height, width)

    def _align(self, above: tuple[Formula, ...], below: tuple[Formula, ...]) -> None:
        """Of all ways to make rows of blocks equally wide, take equally wide blocks."""
        if len(above) != len(below):
            return
        for first, second in zip(above, below, strict=True):
            widths = [self.sizes.resolve(self.shapes[id(each)].cols) for each in (first, second)]
            if any(is_unknown(width) for width in widths):
                self.sizes.same(widths[1], widths[0])

    def _beside(self, blocks: tuple[Formula, ...]) -> Shape:
        """The shape of blocks side by side."""
        height, width = self.shapes[id(blocks[0])]
        for block in blocks[1:]:
            shape = self.shapes[id(block)]
            if not self.sizes.same(shape.rows, height):
                raise self._stack_error("rows", height, shape.rows, block.span)
            width = width + shape.cols
        return Shape(height, width)

    def _stack_error(self, what: str, first: Dim, second: Dim, span: Span) -> ShapeError:
        left, right = self._resolved(Shape(first, ONE), Shape(second, ONE))
        if what == "rows":
            message = say(
                "Blocks side by side need the same number of rows; these have {left} and {right}.",
                left=left.rows,
                right=right.rows,
            )
        else:
            message = say(
                "Blocks below one another need the same number of columns; these have {left} and "
                "{right}.",
                left=left.rows,
                right=right.rows,
            )
        return ShapeError(message, kind="dimension_mismatch", span=span)


def integer_literal(formula: Formula) -> int | None:
    """The value of ``3`` or ``-3``, else None."""
    sign = 1
    while isinstance(formula, Neg):
        formula, sign = formula.operand, -sign
    if isinstance(formula, Number) and formula.value.denominator == 1:
        return sign * formula.value.numerator
    return None
