"""Quadratic functions: their Hessian, and whether it is semidefinite, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gradform.nonsmooth.space.changes import Array
from gradform.nonsmooth.space.exactly import decimal

__all__ = ["definiteness", "rational_rows"]

_LARGEST = 30


def definiteness(matrix: Array) -> tuple[bool | None, bool | None]:
    """Whether a symmetric matrix is positive semidefinite, negative semidefinite; None: unknown."""
    size = float(np.abs(matrix).max(initial=0.0))
    if size == 0:
        return True, True
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    safe = 1e-9 * size * len(matrix)
    up: bool | None = None
    down: bool | None = None
    if values[0] > safe:
        up = True
    elif values[0] < -safe:
        up = False
    if values[-1] < -safe:
        down = True
    elif values[-1] > safe:
        down = False
    if up is None or down is None:
        rows = rational_rows(matrix)
        if rows is not None:
            up = _is_semidefinite(rows) if up is None else up
            if down is None:
                down = _is_semidefinite([[-v for v in row] for row in rows])
    return up, down


def rational_rows(matrix: Array) -> list[list[Fraction]] | None:
    """The entries as short decimals, if that is what they are."""
    if len(matrix) > _LARGEST:
        return None
    exact = decimal((matrix + matrix.T) / 2)
    if exact.denominator > 10**9:
        return None
    flat = exact.fractions()
    assert flat is not None
    return [flat[i : i + len(matrix)] for i in range(0, len(flat), len(matrix))]


def _is_semidefinite(rows: Sequence[Sequence[Fraction]]) -> bool:
    """By elimination, LDL': a negative pivot, or a zero one with entries beside it, refutes."""
    left = [list(row) for row in rows]
    while left:
        pivot = left[0][0]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(left[0][1:]):
                return False
            left = [row[1:] for row in left[1:]]
            continue
        left = [
            [left[i][j] - left[i][0] * left[0][j] / pivot for j in range(1, len(left))]
            for i in range(1, len(left))
        ]
    return True
