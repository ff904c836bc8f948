"""Matrices with equal blocks along the diagonal and zeros elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, singular
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import times

__all__ = ["BlockDiagonal"]


class BlockDiagonal(LinearOperator):
    """Block b of the diagonal is ``blocks[b]``; all have one shape."""

    def __init__(
        self,
        blocks: Array,
        rows: Sequence[int],
        columns: Sequence[int],
        symmetric: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(rows, columns, blocks.dtype)
        self.blocks = blocks
        self.name = name
        self._symmetric = symmetric

    def _times(self, x: Array) -> Array:
        count, _, width = self.blocks.shape
        products = self.blocks @ x.reshape(count, width, x.shape[1])
        return products.reshape(self.shape[0], x.shape[1])

    @property
    def T(self) -> LinearOperator:
        turned = self.blocks.transpose(0, 2, 1)
        return BlockDiagonal(turned, self.columns, self.rows, self._symmetric, self.name)

    @property
    def stored(self) -> int:
        count, height, width = self.blocks.shape
        each = height * (height + 1) // 2 if self.is_symmetric else height * width
        return int(count * each)

    @property
    def structure(self) -> str:
        count, height, width = self.blocks.shape
        inside = f", {self.name}" if self.name else ""
        return f"blockdiag({count} of {height}×{width}{inside})"

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether every block is its own transpose."""
        square = self.blocks.shape[1] == self.blocks.shape[2]
        turned = self.blocks.transpose(0, 2, 1)
        return square and (self._symmetric or np.array_equal(self.blocks, turned))

    def toarray(self) -> Array:
        count, height, width = self.blocks.shape
        result = np.zeros((count, height, count, width), self.dtype)
        each = np.arange(count)
        result[each, :, each, :] = self.blocks
        return result.reshape(self.shape)

    def diagonal(self) -> Array:
        if self.blocks.shape[1] != self.blocks.shape[2]:
            return super().diagonal()
        return np.diagonal(self.blocks, axis1=1, axis2=2).reshape(-1).copy()

    def _solved(self, b: Array) -> Array:
        count, height, width = self.blocks.shape
        if height != width:
            return super()._solved(b)
        if not self._invertible:
            raise singular(say("block diagonal matrix"))
        found = np.linalg.solve(self.blocks, b.reshape(count, height, b.shape[1]))
        return found.reshape(b.shape)

    @cached_property
    def _invertible(self) -> bool:
        """Whether every block is far enough from a singular one."""
        if not np.isfinite(self.blocks).all():
            return False
        values = np.linalg.svd(self.blocks, compute_uv=False)
        eps = np.finfo(self.dtype).eps
        return bool((values[:, -1] > eps * self.blocks.shape[1] * values[:, 0]).all())

    def is_definite(self) -> bool:
        self._require_square(say("definiteness"))
        if self.blocks.shape[1] != self.blocks.shape[2]:
            return super().is_definite()
        if not (self._invertible and self.is_nearly_symmetric(self.blocks)):
            return False
        try:
            np.linalg.cholesky(self.blocks)
        except np.linalg.LinAlgError:
            return False
        return True

    def logdet(self) -> float:
        self._require_square(say("logarithm of the determinant"))
        if self.blocks.shape[1] != self.blocks.shape[2]:
            return super().logdet()
        return float(np.linalg.slogdet(self.blocks)[1].sum())

    def _scaled(self, factor: float) -> LinearOperator:
        name = times(factor, self.name) if self.name else ""
        return BlockDiagonal(factor * self.blocks, self.rows, self.columns, self._symmetric, name)
