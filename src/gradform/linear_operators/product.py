"""Products of operators."""

from __future__ import annotations

import numpy as np

from gradform.errors import ArrayError
from gradform.language import say
from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.diagonal import Diagonal, Identity
from gradform.linear_operators.text import bracketed

__all__ = ["Product", "multiplied"]


class Product(LinearOperator):
    """A B."""

    def __init__(self, left: LinearOperator, right: LinearOperator) -> None:
        if left.shape[1] != right.shape[0]:
            raise ArrayError(
                say(
                    "Operators of shapes {left} and {right} cannot be multiplied.",
                    left=left.shape,
                    right=right.shape,
                ),
                kind="array",
            )
        super().__init__(left.rows, right.columns, np.result_type(left.dtype, right.dtype))
        self.left, self.right = left, right

    def _times(self, x: Array) -> Array:
        return self.left._times(self.right._times(x))

    @property
    def T(self) -> LinearOperator:
        return Product(self.right.T, self.left.T).reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        return self.left.stored + self.right.stored

    @property
    def structure(self) -> str:
        return f"{bracketed(self.left.structure)}·{bracketed(self.right.structure)}"

    def toarray(self) -> Array:
        return self.left._times(self.right.toarray())

    def _solved(self, b: Array) -> Array:
        """(A B)⁻¹ = B⁻¹ A⁻¹ for square A and B."""
        if self.left.shape[0] != self.left.shape[1]:
            return super()._solved(b)
        return self.right._solved(self.left._solved(b))

    def _scaled(self, factor: float) -> LinearOperator:
        return Product(factor * self.left, self.right).reshaped(self.rows, self.columns)


def multiplied(left: LinearOperator, right: LinearOperator) -> LinearOperator:
    """A B, as a simpler operator where one factor is diagonal or an identity."""
    product = Product(left, right)
    match left, right:
        case Identity(), _:
            found = left.factor * right
        case _, Identity():
            found = right.factor * left
        case Diagonal(), Diagonal():
            found = Diagonal(left.entries * right.entries, name=f"{left.name}.*{right.name}")
        case _:
            return product
    return found.reshaped(product.rows, product.columns)
