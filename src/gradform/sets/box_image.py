"""Images of boxes: the nearest element by bounded least squares, dense or sparse.

The subdifferential of norm1(A*x - b) is such an image. Columns of which the sign is known
are moved to the target; orthogonal columns and rows without common columns have formulas;
else projected Newton steps on the free columns (Bertsekas 1982) with a proximal term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import cg, splu

from gradform.sets.entries import Array

__all__ = ["box_image_steps"]

_MOST_STEPS = 25
_PROXIMAL = 1e-10
_WIDEST_DENSE = 3_000
_MOST_FILLED = 1e7
_MOST_GRADIENTS = 150
_REFINEMENTS = 3
_MOST_WORK = 6e8


def box_image_steps(matrix: Any, lo: Array, hi: Array, target: Array) -> Iterator[Array]:
    """Better and better s in the box for |A·s - target|."""
    whole = lo.copy()
    free = lo < hi
    if not free.any():
        yield whole
        return
    columns = matrix[:, np.flatnonzero(free)]
    left = target - matrix @ np.where(free, 0.0, lo)
    for found in _free_steps(columns, lo[free], hi[free], left):
        whole[free] = found
        yield whole.copy()


def _free_steps(matrix: Any, lo: Array, hi: Array, target: Array) -> Iterator[Array]:
    matrix = sparse.csc_array(matrix)
    found = _by_columns(matrix, lo, hi, target)
    if found is None and np.isfinite(lo).all() and np.isfinite(hi).all():
        found = _by_rows(matrix, lo, hi, target)
    if found is not None:
        yield found
        return
    yield from _newton_steps(matrix, lo, hi, target)


def _by_columns(matrix: Any, lo: Array, hi: Array, target: Array) -> Array | None:
    """Orthogonal columns: every coefficient by itself."""
    if np.diff(matrix.tocsr().indptr).max() > 1:
        return None
    squares = np.asarray((matrix.multiply(matrix)).sum(axis=0)).ravel()
    wanted = (matrix.T @ target) / np.where(squares > 0, squares, 1.0)
    return np.asarray(np.clip(wanted, lo, hi))


def _by_rows(matrix: Any, lo: Array, hi: Array, target: Array) -> Array | None:
    """Columns with one entry each: every row is an interval by itself."""
    if np.diff(matrix.indptr).max() > 1:
        return None
    sign = np.asarray(matrix.sum(axis=0)).ravel()
    least, most = np.where(sign > 0, lo, hi), np.where(sign > 0, hi, lo)
    bottom, top = matrix @ least, matrix @ most
    width = np.where(top > bottom, top - bottom, 1.0)
    share = np.clip((target - bottom) / width, 0.0, 1.0)
    return np.asarray(np.clip(least + (abs(matrix).sign().T @ share) * (most - least), lo, hi))


def _newton_steps(matrix: Any, lo: Array, hi: Array, target: Array) -> Iterator[Array]:
    gram = sparse.csc_array(matrix.T @ matrix)
    ridge = _PROXIMAL * float(gram.diagonal().mean() or 1.0)
    at = np.clip(0.0, lo, hi)
    best = float(np.linalg.norm(target - matrix @ at))
    for step in range(_affordable_steps(gram.nnz)):
        slope = matrix.T @ (target - matrix @ at)
        held = ((at <= lo) & (slope < 0)) | ((at >= hi) & (slope > 0))
        free = np.flatnonzero(~held)
        if not free.size:
            break
        move = np.zeros_like(at)
        move[free] = _solved(gram, free, ridge, slope[free], matrix.shape[0])
        moved, size = _searched(matrix, lo, hi, target, at, move, best)
        if size >= best:
            break
        at, best = moved, size
        yield at
        if step > 2 and size == 0.0:
            break
    yield at


def _affordable_steps(entries: int) -> int:
    return int(np.clip(_MOST_WORK / (_MOST_GRADIENTS * max(entries, 1)), 3, _MOST_STEPS))


def _solved(gram: Any, free: npt.NDArray[np.intp], ridge: float, slope: Array, rows: int) -> Array:
    part = gram if free.size == gram.shape[0] else gram[free][:, free]
    identity = sparse.identity(free.size, format="csc")
    if free.size <= _WIDEST_DENSE and part.nnz > 0.1 * free.size**2:
        solved = np.linalg.solve(part.toarray() + ridge * np.eye(free.size), slope)
        return np.asarray(solved)
    shifted = sparse.csc_matrix(part + ridge * identity)
    if _is_banded(shifted):
        factor = splu(shifted, permc_spec="MMD_AT_PLUS_A")
        found = factor.solve(slope)
        for _ in range(_REFINEMENTS if rows >= free.size else 0):  # undo the proximal term
            found += factor.solve(slope - part @ found)
        return np.asarray(found)
    return np.asarray(cg(shifted, slope, rtol=1e-13, maxiter=_MOST_GRADIENTS)[0])


def _is_banded(matrix: Any) -> bool:
    """Whether a good order of the columns leaves little to fill in."""
    order = reverse_cuthill_mckee(matrix, symmetric_mode=True)
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    entries = matrix.tocoo()
    widths = np.abs(rank[entries.row] - rank[entries.col])
    return bool(widths.size == 0 or widths.mean() * order.size <= _MOST_FILLED)


def _searched(
    matrix: Any, lo: Array, hi: Array, target: Array, at: Array, move: Array, best: float
) -> tuple[Array, float]:
    """Along the move, cut off by the box, halved until it helps."""
    share = 1.0
    for _ in range(30):
        moved = np.clip(at + share * move, lo, hi)
        size = float(np.linalg.norm(target - matrix @ moved))
        if size < best:
            return moved, size
        share /= 2
    return at, best
