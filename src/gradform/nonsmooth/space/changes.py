"""Directional derivatives d ↦ f'(x; d) as small trees.

They obey the chain rule exactly, through every composition of functions that have directional
derivatives in Hadamard's sense (Shapiro, On concepts of directional differentiability, 1990).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gradform.sets import ConvexSet

__all__ = [
    "Added",
    "Bent",
    "Change",
    "Largest",
    "Linear",
    "Mapped",
    "Matrix",
    "Supported",
    "added",
    "bent",
    "dense",
    "diagonal",
    "mapped",
    "selection",
]

Array: TypeAlias = npt.NDArray[np.float64]
Matrix: TypeAlias = Any
"""A dense array, or a sparse one where that saves memory."""

_DENSE = 20_000


class Change(ABC):
    """A vector of ``size`` directional derivatives."""

    size: int

    @abstractmethod
    def at(self, d: Array) -> Array:
        """The derivatives in direction d."""


class Linear(Change):
    """d ↦ J·d"""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.size = int(matrix.shape[0])

    def at(self, d: Array) -> Array:
        return np.asarray(self.matrix @ d)


class Mapped(Change):
    """d ↦ M·c(d)"""

    def __init__(self, matrix: Matrix, inner: Change) -> None:
        self.matrix, self.inner = matrix, inner
        self.size = int(matrix.shape[0])

    def at(self, d: Array) -> Array:
        return np.asarray(self.matrix @ self.inner.at(d))


class Added(Change):
    """d ↦ Σ cₖ(d)"""

    def __init__(self, terms: Sequence[Change]) -> None:
        self.terms = tuple(terms)
        self.size = self.terms[0].size

    def at(self, d: Array) -> Array:
        return np.asarray(np.sum([term.at(d) for term in self.terms], axis=0))


class Bent(Change):
    """Entry by entry right·c(d) where c(d) > 0 and left·c(d) where c(d) < 0.

    Slopes may be infinite: at an end of the domain, or where a graph is vertical.
    """

    def __init__(self, inner: Change, left: Array, right: Array) -> None:
        self.inner, self.left, self.right = inner, left, right
        self.size = inner.size

    def at(self, d: Array) -> Array:
        inner = self.inner.at(d)
        slopes = np.where(inner > 0, self.right, np.where(inner < 0, self.left, 0.0))
        return np.asarray(np.where(inner == 0, 0.0, slopes * inner))


class Supported(Change):
    """d ↦ σ_S(c(d)), a scalar."""

    def __init__(self, s: ConvexSet, inner: Change) -> None:
        self.set, self.inner = s, inner
        self.size = 1

    def at(self, d: Array) -> Array:
        return np.array([self.set.support(self.inner.at(d))])


class Largest(Change):
    """Entry by entry the largest of those cₖ(d) that are ``active`` there."""

    def __init__(self, terms: Sequence[Change], active: npt.NDArray[np.bool_]) -> None:
        self.terms, self.active = tuple(terms), active
        self.size = self.terms[0].size

    def at(self, d: Array) -> Array:
        values = np.stack([term.at(d) for term in self.terms])
        return np.asarray(np.where(self.active, values, -np.inf).max(axis=0))


# ---------------------------------------------------------------- construction


def mapped(matrix: Matrix, inner: Change) -> Change:
    """M·c, with linear maps multiplied out."""
    match inner:
        case Linear():
            return Linear(product(matrix, inner.matrix))
        case Mapped():
            return Mapped(product(matrix, inner.matrix), inner.inner)
        case _:
            return Mapped(matrix, inner)


def added(terms: Sequence[Change]) -> Change:
    """Σ cₖ, linear terms as one."""
    flat = [part for term in terms for part in (term.terms if isinstance(term, Added) else [term])]
    linear = [term.matrix for term in flat if isinstance(term, Linear)]
    others = [term for term in flat if not isinstance(term, Linear)]
    if linear:
        total = linear[0]
        for matrix in linear[1:]:
            total = total + matrix
        others = [Linear(total), *others]
    return others[0] if len(others) == 1 else Added(others)


def bent(inner: Change, left: Array, right: Array) -> Change:
    """Linear where no slope jumps."""
    if np.array_equal(left, right) and np.isfinite(right).all():
        return mapped(diagonal(right), inner)
    return Bent(inner, left, right)


def product(left: Matrix, right: Matrix) -> Matrix:
    """left @ right, dense when small."""
    found = left @ right
    return (
        dense(found)
        if sparse.issparse(found) and found.shape[0] * found.shape[1] <= 4096
        else found
    )


def diagonal(values: Array) -> Matrix:
    """diag(values)"""
    if values.size**2 <= _DENSE:
        return np.diag(values)
    return sparse.csr_array(sparse.diags_array(values))


def selection(rows: npt.NDArray[np.int64], columns: int) -> Matrix:
    """The matrix that takes these entries of a vector."""
    shape = (rows.size, columns)
    if rows.size * columns <= _DENSE:
        found = np.zeros(shape)
        found[np.arange(rows.size), rows] = 1.0
        return found
    data = (np.ones(rows.size), (np.arange(rows.size), rows))
    return sparse.csr_array(sparse.coo_array(data, shape=shape))


def dense(matrix: Matrix) -> Array:
    """The matrix as a plain array."""
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix)
