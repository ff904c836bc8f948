"""Banded matrices: a few diagonals of a matrix that is zero elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from gradform.errors import CannotError
from gradform.language import say
from gradform.linear_operators.arrays import Array, common_dtype
from gradform.linear_operators.banded_factors import BandedFactors
from gradform.linear_operators.base import LinearOperator

__all__ = ["Banded"]


class Banded(LinearOperator):
    """``bands[k]`` is the diagonal k, as ``numpy.diagonal`` gives it; zeros elsewhere."""

    def __init__(
        self,
        bands: Mapping[int, Array],
        rows: Sequence[int],
        columns: Sequence[int],
    ) -> None:
        super().__init__(rows, columns, common_dtype(*bands.values()))
        self.bands = dict(bands)

    def _inside(self, offset: int) -> slice:
        """The rows where a diagonal stands inside the matrix."""
        m, n = self.shape
        first = min(max(0, -offset), m)
        return slice(first, max(first, min(m, n - offset)))

    def _times(self, x: Array) -> Array:
        m = self.shape[0]
        result = np.zeros((m, x.shape[1]), np.result_type(self.dtype, x.dtype))
        for offset, band in self.bands.items():
            at = self._inside(offset)
            result[at] += band[:, None] * x[at.start + offset : at.stop + offset]
        return result

    @property
    def T(self) -> LinearOperator:
        turned = {-offset: band for offset, band in self.bands.items()}
        return Banded(turned, self.columns, self.rows)

    @property
    def stored(self) -> int:
        return sum(band.size for k, band in self.bands.items() if k >= 0 or not self.is_symmetric)

    @property
    def structure(self) -> str:
        offsets = sorted(self.bands)
        names = {(-1, 0, 1): "tridiagonal", (-1, 0): "lower bidiagonal", (0, 1): "upper bidiagonal"}
        found = names.get(tuple(offsets))
        if found is None:
            found = f"banded, offsets {', '.join(f'{k:+d}' if k else '0' for k in offsets)}"
        return f"symmetric {found}" if self.is_symmetric else found

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether each diagonal is that on the other side."""
        if self.shape[0] != self.shape[1]:
            return False
        return all(
            -k in self.bands and (band is self.bands[-k] or np.array_equal(band, self.bands[-k]))
            for k, band in self.bands.items()
        )

    def toarray(self) -> Array:
        result = np.zeros(self.shape, self.dtype)
        for offset, band in self.bands.items():
            at = self._inside(offset)
            places = np.arange(at.start, at.stop)
            result[places, places + offset] = band
        return result

    def diagonal(self) -> Array:
        length = min(self.shape)
        band = self.bands.get(0)
        return np.zeros(length, self.dtype) if band is None else band.copy()

    def _solved(self, b: Array) -> Array:
        return self._banded_factors.solve(b) if b.size else b

    @cached_property
    def _banded_factors(self) -> BandedFactors:
        above, below = max(0, *self.bands), max(0, *(-k for k in self.bands))
        return BandedFactors(self._by_columns(above, below), below, above, self.is_symmetric)

    def _by_columns(self, above: int, below: int) -> Array:
        """LAPACK's layout: entry (i, j) at [above + i - j, j]."""
        n = self.shape[0]
        storage = np.zeros((above + below + 1, n), self.dtype)
        for offset, band in self.bands.items():
            at = self._inside(offset)
            storage[above - offset, at.start + offset : at.stop + offset] = band
        return storage

    def is_definite(self) -> bool:
        """Whether it is symmetric and positive definite, to working precision."""
        self._require_square(say("definiteness"))
        try:
            return self._banded_factors.cholesky is not None
        except CannotError:
            return False

    def logdet(self) -> float:
        self._require_square(say("logarithm of the determinant"))
        factor = self._banded_factors.cholesky if self.is_definite() else None
        return super().logdet() if factor is None else float(2 * np.log(factor[-1]).sum())

    def _scaled(self, factor: float) -> LinearOperator:
        bands = {k: factor * band for k, band in self.bands.items()}
        return Banded(bands, self.rows, self.columns)
