"""Products through a short axis: U C V' with tall U and V."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, common_dtype, singular
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import bracketed, times, transposed

__all__ = ["LowRank"]


class LowRank(LinearOperator):
    """c U C V', where the core C is a matrix, the diagonal of one (a vector), or None for I.

    ``borrowed`` counts the numbers of U, C and V that the caller gave.
    """

    def __init__(
        self,
        left: Array,
        core: Array | None,
        right: Array,
        rows: Sequence[int],
        columns: Sequence[int],
        names: tuple[str, str, str] = ("U", "C", "V"),
        borrowed: int = 0,
        factor: float = 1.0,
    ) -> None:
        parts = [left, right] if core is None else [left, core, right]
        super().__init__(rows, columns, common_dtype(*parts))
        self.left, self.core, self.right = left, core, right
        self.names = names
        self.borrowed = borrowed
        self.factor = float(factor)

    @property
    def rank(self) -> int:
        """The length of the axis in between; the rank is at most that."""
        return int(min(self.left.shape[1], self.right.shape[1]))

    @property
    def is_empty(self) -> bool:
        return self.rank == 0

    def _times(self, x: Array) -> Array:
        return self.left @ self.middle(self.right.T @ x)

    def middle(self, x: Array) -> Array:
        """c C x"""
        if self.core is None:
            found = x
        else:
            found = self.core[:, None] * x if self.core.ndim == 1 else self.core @ x
        return found if self.factor == 1 else self.dtype.type(self.factor) * found

    @property
    def T(self) -> LinearOperator:
        core = None if self.core is None else self.core.T
        left, middle, right = self.names
        names = (right, middle if core is None or core.ndim == 1 else f"{middle}'", left)
        return LowRank(
            self.right, core, self.left, self.columns, self.rows, names, self.borrowed, self.factor
        )

    @property
    def stored(self) -> int:
        core = 0 if self.core is None else self.core.size
        return self.left.size + core + self.right.size - self.borrowed

    @property
    def structure(self) -> str:
        if self.rank == 0:
            return "0"
        left, core, right = self.names
        middle = "" if self.core is None else f"{bracketed(core)}·"
        if self.core is not None and self.core.ndim == 1:
            middle = f"diag({core})·"
        return times(self.factor, f"{bracketed(left)}·{middle}{transposed(right)}")

    def toarray(self) -> Array:
        return self.left @ self.middle(self.right.T)

    def diagonal(self) -> Array:
        length = min(self.shape)
        right = self.middle(self.right[:length].T)
        found: Array = np.einsum("ik,ki->i", self.left[:length], right)
        return found

    def _solved(self, b: Array) -> Array:
        if self.rank < self.shape[0]:
            raise singular(say("matrix of rank {rank} at most", rank=self.rank))
        return super()._solved(b)

    def logdet(self) -> float:
        self._require_square(say("logarithm of the determinant"))
        return super().logdet() if self.rank >= self.shape[0] else -np.inf

    def _scaled(self, factor: float) -> LinearOperator:
        return type(self)(
            self.left,
            self.core,
            self.right,
            self.rows,
            self.columns,
            self.names,
            self.borrowed,
            factor * self.factor,
        )
