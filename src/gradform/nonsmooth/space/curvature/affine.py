"""Constants and affine maps, known from their values and Jacobians at the point."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import sparse

from gradform.nonsmooth.line.curve import X, add, constant, multiply
from gradform.nonsmooth.line.domain import LINE
from gradform.nonsmooth.space.changes import Array, Linear, dense
from gradform.nonsmooth.space.exactly import decimal
from gradform.nonsmooth.space.facts import EVERYTHING, Fact, Ridge, fixed
from gradform.nonsmooth.space.folded import Folded
from gradform.nonsmooth.space.model import Model

__all__ = ["of_affine", "of_constant"]


def of_constant(model: Model) -> Fact:
    value = model.value
    return fixed(
        value.data
        if sparse.issparse(value) and value.nnz
        else np.asarray([0.0] if sparse.issparse(value) else value)
    )


def of_affine(model: Model, point: Array) -> Fact:
    """An affine map of the variables, by its value and Jacobian at the point."""
    change = model.change
    if not isinstance(change, Linear) or change.matrix.shape[0] * change.matrix.shape[1] > 4096:
        return Fact(EVERYTHING, True, True, degree=1, linear_pieces=True)
    matrix = dense(change.matrix)
    offset = model.flat - matrix @ point
    return Fact(
        EVERYTHING,
        True,
        True,
        degree=1,
        ridge=_ridge(model, matrix, point),
        folded=Folded.affine(matrix, offset),
        linear_pieces=True,
    )


def _ridge(model: Model, matrix: Array, point: Array) -> Ridge | None:
    """Entries a·tᵢ + b with the same a and b, all numbers short decimals."""
    first = next((float(v) for v in matrix.ravel() if v), 0.0)
    if not first or model.error > 1e-6 or not np.abs(matrix).sum(axis=1).all():
        return None
    entries = decimal(np.concatenate([matrix.ravel(), [first]]).reshape(1, -1))
    if entries.denominator > 10**9:
        return None
    numbers = entries.fractions()
    assert numbers is not None
    offset = _common_offset(model, matrix, point)
    if offset is None:
        return None
    direction = matrix / first + 0.0
    curve = add(multiply(constant(numbers[-1]), X), constant(offset))
    row = direction[0]
    return Ridge(direction.round(12).tobytes(), row / float(row @ row), curve, LINE)


def _common_offset(model: Model, matrix: Array, point: Array) -> Fraction | None:
    """The value at 0, exactly, if it is the same for all entries."""
    value = model.exact
    if value is None:
        return None
    known = value.fractions()
    moved = (decimal(matrix) @ decimal(point.reshape(-1, 1))).fractions()
    if known is None or moved is None:
        return None
    offsets = {v - m for v, m in zip(known, moved, strict=True)}
    return offsets.pop() if len(offsets) == 1 else None
