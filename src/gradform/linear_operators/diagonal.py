"""Diagonal matrices and multiples of the identity."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, singular
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import times

__all__ = ["Diagonal", "Identity"]


class Diagonal(LinearOperator):
    """diag(d): entry by entry, (D x)_i = d_i x_i."""

    def __init__(
        self,
        entries: Array,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
        name: str = "d",
    ) -> None:
        rows = entries.shape if rows is None else rows
        super().__init__(rows, rows if columns is None else columns, entries.dtype)
        self.entries = entries.reshape(-1)
        self.name = name

    def _times(self, x: Array) -> Array:
        return self.entries[:, None] * x

    @property
    def T(self) -> LinearOperator:
        return Diagonal(self.entries, self.columns, self.rows, self.name)

    @property
    def stored(self) -> int:
        return self.entries.size

    @property
    def structure(self) -> str:
        return f"diag({self.name})"

    @property
    def is_symmetric(self) -> bool:
        return True

    def toarray(self) -> Array:
        return np.diag(self.entries)

    def diagonal(self) -> Array:
        return self.entries.copy()

    def _solved(self, b: Array) -> Array:
        return b / nonzero(self.entries)[:, None]

    def is_definite(self) -> bool:
        return bool((self.entries > 0).all())

    def logdet(self) -> float:
        with np.errstate(divide="ignore"):
            return float(np.log(np.abs(self.entries)).sum())

    def _scaled(self, factor: float) -> LinearOperator:
        return Diagonal(factor * self.entries, self.rows, self.columns, times(factor, self.name))


class Identity(LinearOperator):
    """c·I."""

    def __init__(
        self,
        rows: Sequence[int] | int,
        factor: float = 1.0,
        columns: Sequence[int] | None = None,
        dtype: object = np.float64,
    ) -> None:
        rows = (rows,) if isinstance(rows, int) else rows
        super().__init__(rows, rows if columns is None else columns, dtype)
        self.factor = float(factor)

    def _times(self, x: Array) -> Array:
        found: Array = x * self.dtype.type(self.factor)
        return found

    @property
    def T(self) -> LinearOperator:
        return Identity(self.columns, self.factor, self.rows, self.dtype)

    @property
    def stored(self) -> int:
        return 0 if self.factor == 1 else 1

    @property
    def structure(self) -> str:
        return times(self.factor, "I")

    @property
    def is_symmetric(self) -> bool:
        return True

    def toarray(self) -> Array:
        return np.diag(self.diagonal())

    def diagonal(self) -> Array:
        return np.full(self.shape[0], self.factor, self.dtype)

    def _solved(self, b: Array) -> Array:
        found: Array = b / self.dtype.type(float(nonzero(np.array([self.factor]))[0]))
        return found

    def is_definite(self) -> bool:
        return self.factor > 0

    def logdet(self) -> float:
        return self.shape[0] * math.log(abs(self.factor)) if self.factor else -math.inf

    def _scaled(self, factor: float) -> LinearOperator:
        return Identity(self.rows, factor * self.factor, self.columns, self.dtype)


def nonzero(entries: Array) -> Array:
    """The entries, if one can divide by all of them."""
    if not np.all(np.isfinite(entries) & (entries != 0)):
        raise singular(say("diagonal matrix"))
    return entries
