"""Banded square matrices, factored once and solved with many times."""

from __future__ import annotations

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, linear_algebra, singular
from gradform.linear_operators.condition import inverse_norm

__all__ = ["BandedFactors"]


class BandedFactors:
    """A banded matrix as U'U (Cholesky), or as P L U where it is not positive definite.

    ``storage`` is LAPACK's: entry (i, j) at [above + i - j, j]. Raises CannotError when the
    condition, by an estimate, is that of a singular matrix.
    """

    def __init__(self, storage: Array, below: int, above: int, symmetric: bool) -> None:
        if not np.isfinite(storage).all():
            raise singular(say("banded matrix, which has entries that are not finite,"))
        self.cholesky = _cholesky(storage[: above + 1]) if symmetric else None
        if self.cholesky is None:
            self._factor(storage, below, above)
        size = storage.shape[1]
        norm = np.abs(storage).sum(axis=0).max(initial=0.0)
        with np.errstate(all="ignore"):
            condition = norm * inverse_norm(self.solve, self._solve_transposed, size)
        if size and not condition < 1 / np.finfo(storage.dtype).eps:
            raise singular(say("banded matrix"))

    def _factor(self, storage: Array, below: int, above: int) -> None:
        """P L U; the rows that pivots fill stand first."""
        factor, solve = linear_algebra().get_lapack_funcs(("gbtrf", "gbtrs"), (storage,))
        filled = np.zeros((below, storage.shape[1]), storage.dtype)
        self._lu, self._pivots, info = factor(np.vstack([filled, storage]), below, above)
        if info > 0:
            raise singular(say("banded matrix"))
        self._solve, self._widths = solve, (below, above)

    def solve(self, b: Array) -> Array:
        return self._solution(b, transposed=False)

    def _solve_transposed(self, b: Array) -> Array:
        return self._solution(b, transposed=True)

    def _solution(self, b: Array, transposed: bool) -> Array:
        if self.cholesky is not None:
            found: Array = linear_algebra().cho_solve_banded(
                (self.cholesky, False), b, check_finite=False
            )
            return found
        below, above = self._widths
        found, _ = self._solve(self._lu, below, above, b, self._pivots, trans=int(transposed))
        return found


def _cholesky(upper: Array) -> Array | None:
    """The factor of a positive definite matrix, of which the upper half is given, else None."""
    try:
        found: Array = linear_algebra().cholesky_banded(upper, check_finite=False)
    except np.linalg.LinAlgError:
        return None
    return found
