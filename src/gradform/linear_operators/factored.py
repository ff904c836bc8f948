"""Dense square matrices, factored once and solved with many times."""

from __future__ import annotations

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, linear_algebra, singular

__all__ = ["Factored", "factored"]


class Factored:
    """A matrix as L L' (Cholesky), or as P L U where it is not positive definite.

    Raises CannotError when LAPACK's estimate of the condition says that it is singular.
    """

    def __init__(self, matrix: Array, symmetric: bool) -> None:
        if not np.isfinite(matrix).all():
            raise singular(say("matrix, which has entries that are not finite,"))
        self._cholesky = _cholesky(matrix) if symmetric else None
        if not matrix.size:
            return
        lapack = linear_algebra()
        norm = np.abs(matrix).sum(axis=0).max(initial=0.0)
        if self._cholesky is not None:
            (condition,) = lapack.get_lapack_funcs(("pocon",), (matrix,))
            reciprocal = condition(self._cholesky[0], norm, uplo="L")[0]
        else:
            factor, solve, condition = lapack.get_lapack_funcs(
                ("getrf", "getrs", "gecon"), (matrix,)
            )
            lu, pivots, _ = factor(matrix)
            self._lu, self._pivots, self._solve = lu, pivots, solve
            reciprocal = condition(lu, norm)[0]
        if not reciprocal > np.finfo(matrix.dtype).eps:
            raise singular(say("matrix"))

    @property
    def is_definite(self) -> bool:
        """Whether the matrix is symmetric and positive definite."""
        return self._cholesky is not None

    def solve(self, b: Array) -> Array:
        if not b.size:
            return b
        if self._cholesky is not None:
            found: Array = linear_algebra().cho_solve(self._cholesky, b, check_finite=False)
            return found
        found, _ = self._solve(self._lu, self._pivots, b)
        return found


def _cholesky(matrix: Array) -> tuple[Array, bool] | None:
    """The factor of a positive definite matrix, else None."""
    try:
        found: tuple[Array, bool] = linear_algebra().cho_factor(
            matrix, lower=True, check_finite=False
        )
    except np.linalg.LinAlgError:
        return None
    return found


def factored(matrix: Array, *, symmetric: bool) -> Factored:
    """The factorisation of a square matrix."""
    return Factored(matrix, symmetric)
