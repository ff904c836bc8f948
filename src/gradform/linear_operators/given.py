"""Matrices that the caller gave, times numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import times, transposed

__all__ = ["Given"]


class Given(LinearOperator):
    """factor · A, for an array A of the caller that is neither copied nor changed."""

    def __init__(
        self,
        matrix: Array,
        rows: Sequence[int],
        columns: Sequence[int],
        name: str,
        factor: float = 1.0,
    ) -> None:
        super().__init__(rows, columns, matrix.dtype)
        self.matrix = matrix
        self.name = name
        self.factor = factor

    def _times(self, x: Array) -> Array:
        product: Array = self.matrix @ x
        return product if self.factor == 1 else np.multiply(product, self.dtype.type(self.factor))

    @property
    def T(self) -> LinearOperator:
        name = transposed(self.name)
        return Given(self.matrix.T, self.columns, self.rows, name, self.factor)

    @property
    def stored(self) -> int:
        return 0

    @property
    def structure(self) -> str:
        return times(self.factor, self.name)

    def toarray(self) -> Array:
        found: Array = self.matrix * self.dtype.type(self.factor)
        return found

    def diagonal(self) -> Array:
        found: Array = np.diagonal(self.matrix) * self.dtype.type(self.factor)
        return found

    def _scaled(self, factor: float) -> LinearOperator:
        return Given(self.matrix, self.rows, self.columns, self.name, factor * self.factor)
