"""Formula trees for Python's operators, with the shapes of NumPy's rules.

``*``, ``/`` and ``**`` act entry by entry and scalars broadcast; ``@`` is the matrix
product. A vector is a column: the inner product is ``x.T @ y``.

Shapes are followed as far as they are plain; what is not known here (None) the pipeline
finds out. Both say the same of operands that do not fit, but here it is said at once.
"""

from __future__ import annotations

from typing import NamedTuple

from gradform.errors import ShapeError
from gradform.formula.tree import Add, Call, Compare, Formula, Mul, Neg, Power, Transpose
from gradform.functions.shapes import Shape, describe
from gradform.language import say

__all__ = [
    "Part",
    "compare",
    "divide",
    "matrix_product",
    "minus",
    "negative",
    "plus",
    "power",
    "times",
    "transpose",
    "transposed",
]


class Part(NamedTuple):
    """A tree and its shape, as far as it is known."""

    tree: Formula
    shape: Shape | None

    @property
    def is_scalar(self) -> bool:
        return self.shape is not None and self.shape.is_scalar


def negative(part: Part) -> Part:
    """-x"""
    return Part(Neg(part.tree), part.shape)


def transposed(tree: Formula) -> Formula:
    """The tree for x', and x for x''."""
    return tree.operand if isinstance(tree, Transpose) else Transpose(tree)


def transpose(part: Part) -> Part:
    """x'"""
    shape = part.shape
    return Part(transposed(part.tree), shape and Shape(shape.cols, shape.rows))


def plus(left: Part, right: Part) -> Part:
    """x + y; a scalar is repeated in the shape of the other."""
    return _sum(left, right, 1)


def minus(left: Part, right: Part) -> Part:
    """x - y; a scalar is repeated in the shape of the other."""
    return _sum(left, right, -1)


def _sum(left: Part, right: Part, sign: int) -> Part:
    first, second = left.shape, right.shape
    shape = None
    if first is not None and second is not None:
        left, right = _repeated(left, second), _repeated(right, first)
        shape = _agreed("+" if sign > 0 else "-", left, right)
    return Part(Add((left.tree, right.tree), (1, sign)), shape)


def _repeated(part: Part, shape: Shape) -> Part:
    """A scalar as a vector or matrix of equal entries."""
    if not part.is_scalar or shape.is_scalar:
        return part
    tree: Formula = Call("matrix" if shape.is_matrix else "vector", (part.tree,))
    return Part(Transpose(tree) if shape.is_row else tree, shape)


def times(left: Part, right: Part) -> Part:
    """x * y, entry by entry or scaling."""
    plain = left.is_scalar or right.is_scalar
    shape = _agreed("*", left, right)
    return Part(Mul((left.tree, right.tree), ("*", "*" if plain else ".*")), shape)


def divide(left: Part, right: Part) -> Part:
    """x / y, entry by entry or by a scalar."""
    shape = _agreed("/", left, right)
    return Part(Mul((left.tree, right.tree), ("*", "/" if right.is_scalar else "./")), shape)


def power(base: Part, exponent: Part) -> Part:
    """x ** p, entry by entry."""
    plain = base.is_scalar and exponent.is_scalar
    shape = _agreed("**", base, exponent)
    return Part(Power(base.tree, exponent.tree, elementwise=not plain), shape)


def compare(operator: str, left: Part, right: Part) -> Part:
    """x < y, a condition of ``piecewise``, entry by entry."""
    shape = _agreed(operator, left, right)
    return Part(Compare(operator, left.tree, right.tree), shape)


def matrix_product(left: Part, right: Part) -> Part:
    """x @ y"""
    tree = Mul((left.tree, right.tree), ("*", "*"))
    if left.shape is None or right.shape is None:
        return Part(tree, None)
    if left.is_scalar or right.is_scalar:
        return Part(tree, right.shape if left.is_scalar else left.shape)
    if left.shape.cols is not right.shape.rows:
        raise ShapeError(
            say(
                "@ cannot multiply {left} by {right}: the inner sizes {columns} and {rows} differ.",
                left=describe(left.shape),
                right=describe(right.shape),
                columns=left.shape.cols,
                rows=right.shape.rows,
            ),
            kind="dimension_mismatch",
            hint=_product_hint(left.shape, right.shape),
        )
    return Part(tree, Shape(left.shape.rows, right.shape.cols))


def _product_hint(left: Shape, right: Shape) -> str | None:
    if left.is_column and right.is_column:
        return say(
            "vectors are columns: x.T @ y is the inner product, gf.outer(x, y) the outer one"
        )
    if left.rows is right.rows:
        return say("transpose the left operand: x.T @ y")
    if left.cols is right.cols:
        return say("transpose the right operand: x @ y.T")
    return None


def _agreed(operator: str, left: Part, right: Part) -> Shape | None:
    """The common shape of two operands, of which scalars take the other's."""
    if left.shape is None or right.shape is None:
        return None
    if left.is_scalar or left.shape == right.shape:
        return right.shape
    if right.is_scalar:
        return left.shape
    chained = operator == "*" and left.shape.cols is right.shape.rows
    raise ShapeError(
        say(
            "{operator} acts entry by entry and needs equal shapes or a scalar; these are "
            "{left} and {right}.",
            operator=operator,
            left=describe(left.shape),
            right=describe(right.shape),
        ),
        kind="dimension_mismatch",
        hint=say("the matrix product is @") if chained else None,
    )
