"""Gram matrices X'DX, kept as their factors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.low_rank import LowRank

__all__ = ["Gram"]


class Gram(LowRank):
    """U C U' with a symmetric core C: symmetric, of any rank."""

    def __init__(
        self,
        left: Array,
        core: Array | None,
        right: Array,
        rows: Sequence[int],
        columns: Sequence[int],
        names: tuple[str, str, str] = ("U", "C", "U"),
        borrowed: int = 0,
        factor: float = 1.0,
    ) -> None:
        super().__init__(left, core, left, rows, columns, names, borrowed, factor)

    @property
    def T(self) -> LinearOperator:
        return self if self.rows == self.columns else self.reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        core = 0 if self.core is None else self.core.size
        return self.left.size + core - self.borrowed

    @property
    def is_symmetric(self) -> bool:
        return True

    @property
    def is_semidefinite(self) -> bool:
        """Whether no weight of the core, a diagonal, is negative."""
        plain = self.core is None or (self.core.ndim == 1 and bool((self.core >= 0).all()))
        return plain and self.factor >= 0

    def toarray(self) -> Array:
        """Where the core is a diagonal d >= 0 the product of one matrix with its transpose."""
        if self.core is None:
            return self.factor * (self.left @ self.left.T)
        if self.core.ndim == 1 and (self.core >= 0).all():
            root = self.left * np.sqrt(self.core)
            product: Array = self.factor * (root @ root.T)
            return product
        found = super().toarray()
        return (found + found.T) / 2
