"""Banded matrices: a few diagonals of a matrix that is zero elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, common_dtype, linear_algebra, singular
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
        """Cholesky of the bands where they are symmetric and definite, else LU with pivots."""
        lapack = linear_algebra()
        if not all(np.isfinite(band).all() for band in self.bands.values()):
            raise singular(say("banded matrix, which has entries that are not finite,"))
        above, below = max(0, *self.bands), max(0, *(-k for k in self.bands))
        storage = self._by_columns(above, below)
        try:
            if self.is_symmetric:
                try:
                    found: Array = lapack.solveh_banded(storage[: above + 1], b)
                    return self._checked(found, b)
                except np.linalg.LinAlgError:  # indefinite: LU below
                    pass
            return self._checked(lapack.solve_banded((below, above), storage, b), b)
        except np.linalg.LinAlgError:
            raise singular(say("banded matrix")) from None

    def _by_columns(self, above: int, below: int) -> Array:
        """LAPACK's layout: entry (i, j) at [above + i - j, j]."""
        n = self.shape[0]
        storage = np.zeros((above + below + 1, n), self.dtype)
        for offset, band in self.bands.items():
            at = self._inside(offset)
            storage[above - offset, at.start + offset : at.stop + offset] = band
        return storage

    def _checked(self, x: Array, b: Array) -> Array:
        """The solution, unless rounding can have made all of it.

        |x| <= |B⁻¹| |b|: a growth of 1/ε means that B is singular to working precision.
        """
        size = max(float(np.abs(band).max(initial=0.0)) for band in self.bands.values())
        limit = np.abs(b).max(initial=0.0) / max(np.finfo(self.dtype).eps * size, 1e-300)
        if not np.abs(x).max(initial=0.0) <= limit:
            raise singular(say("banded matrix"))
        return x

    def _cholesky(self) -> Array | None:
        """The banded factor of a symmetric, positive definite matrix, else None."""
        if not self.is_symmetric:
            return None
        above = max(self.bands)
        try:
            storage = self._by_columns(above, above)[: above + 1]
            factor: Array = linear_algebra().cholesky_banded(storage)
        except (np.linalg.LinAlgError, ValueError):  # the latter for what is not finite
            return None
        return factor

    def is_definite(self) -> bool:
        return self._cholesky() is not None

    def logdet(self) -> float:
        self._require_square(say("logarithm of the determinant"))
        factor = self._cholesky()
        return super().logdet() if factor is None else float(2 * np.log(factor[-1]).sum())

    def _scaled(self, factor: float) -> LinearOperator:
        bands = {k: factor * band for k, band in self.bands.items()}
        return Banded(bands, self.rows, self.columns)
