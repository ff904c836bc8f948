"""Operators known by their products alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradform.errors import CannotError
from gradform.language import say
from gradform.linear_operators.arrays import Array
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import times

__all__ = ["MatrixFree"]

_Apply = Callable[[Array], Array]


class MatrixFree(LinearOperator):
    """x ↦ ``apply(x)`` and y ↦ ``apply_transposed(y)``, for x of shape ``columns``."""

    def __init__(
        self,
        apply: _Apply,
        apply_transposed: _Apply,
        rows: Sequence[int],
        columns: Sequence[int],
        dtype: Any,
        symmetric: bool = False,
        name: str = "matrix-free",
    ) -> None:
        super().__init__(rows, columns, dtype)
        self._apply, self._apply_transposed = apply, apply_transposed
        self._given, self._made = tuple(columns), tuple(rows)
        self._symmetric = symmetric
        self.name = name

    def _times(self, x: Array) -> Array:
        result = np.empty((self.shape[0], x.shape[1]), np.result_type(self.dtype, x.dtype))
        for k in range(x.shape[1]):
            result[:, k] = np.reshape(self._apply(x[:, k].reshape(self._given)), -1)
        return result

    @property
    def T(self) -> LinearOperator:
        turned = MatrixFree(
            self._apply_transposed,
            self._apply,
            self._given,
            self._made,
            self.dtype,
            self._symmetric,
            self.name if self._symmetric else f"{self.name}'",
        )
        return turned.reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        return 0

    @property
    def structure(self) -> str:
        return self.name

    @property
    def is_symmetric(self) -> bool:
        return self._symmetric

    def _solved(self, b: Array) -> Array:
        raise CannotError(
            say("A system with an operator known by its products alone is not solved here."),
            kind="unsupported",
            hint=say("use scipy.sparse.linalg.cg(op, b), or np.linalg.solve(op.toarray(), b)"),
        )

    def _scaled(self, factor: float) -> LinearOperator:
        forward, backward = self._apply, self._apply_transposed
        scaled = MatrixFree(
            lambda x: factor * forward(x),
            lambda y: factor * backward(y),
            self._made,
            self._given,
            self.dtype,
            self._symmetric,
            times(factor, self.name),
        )
        return scaled.reshaped(self.rows, self.columns)
