"""Matrices without structure, and symmetric ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import times, transposed

__all__ = ["Dense", "Symmetric"]


class Dense(LinearOperator):
    """A matrix, all of whose entries are kept.

    ``borrowed`` says that it is an array that the caller gave.
    """

    def __init__(
        self,
        matrix: Array,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
        name: str = "dense",
        borrowed: bool = False,
    ) -> None:
        m, n = matrix.shape
        super().__init__(
            (m,) if rows is None else rows, (n,) if columns is None else columns, matrix.dtype
        )
        self.matrix = matrix
        self.name = name
        self.borrowed = borrowed

    def _times(self, x: Array) -> Array:
        return self.matrix @ x

    @property
    def T(self) -> LinearOperator:
        name = transposed(self.name) if self.name else ""
        return Dense(self.matrix.T, self.columns, self.rows, name, self.borrowed)

    @property
    def stored(self) -> int:
        return 0 if self.borrowed else self.matrix.size

    @property
    def structure(self) -> str:
        return self.name or "dense"

    def toarray(self) -> Array:
        return self.matrix.copy()

    def whole(self) -> Array:
        return self.matrix

    def diagonal(self) -> Array:
        return np.diagonal(self.matrix).copy()

    def _scaled(self, factor: float) -> LinearOperator:
        return type(self)(factor * self.matrix, self.rows, self.columns, times(factor, self.name))


class Symmetric(Dense):
    """A symmetric matrix; one triangle tells it."""

    @property
    def T(self) -> LinearOperator:
        return self if self.rows == self.columns else self.reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        n = self.shape[0]
        return 0 if self.borrowed else n * (n + 1) // 2

    @property
    def structure(self) -> str:
        return "symmetric" if self.name in ("", "dense") else self.name

    @property
    def is_symmetric(self) -> bool:
        return True
