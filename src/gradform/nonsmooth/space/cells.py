"""Piecewise linear directional derivatives: their gradients on all cells of directions.

The kinks cut the directions into cones; in each f'(x; ·) is linear. For a convex f the
subdifferential is the hull of these gradients, for any piecewise smooth f with independent
kinks it is the Clarke subdifferential (Scholtes, Introduction to piecewise differentiable
equations, 4.3).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from gradform.nonsmooth.space.changes import (
    Added,
    Array,
    Bent,
    Change,
    Largest,
    Linear,
    Mapped,
    Supported,
    dense,
)
from gradform.records import record
from gradform.sets import (
    Affine,
    Ball,
    Box,
    ConvexSet,
    Hull,
    Hypersimplex,
    Point,
    Product,
    Scaled,
    Sum,
)

__all__ = ["Cells", "TooMany", "cells_of"]

_MOST_CELLS = 4096
_MOST_KINKS = 60
_ZERO = 1e-11


class TooMany(Exception):
    """Too many kinks, or one that is not piecewise linear."""


@record(eq=False)
class Cells:
    """The different gradients, and the normals of the planes between the cells."""

    gradients: Array
    normals: Array

    @property
    def is_generic(self) -> bool:
        """Whether the planes are independent, so that curved kinks cut the same cells."""
        return len(self.normals) == 0 or bool(
            np.linalg.matrix_rank(self.normals) == len(self.normals)
        )


class _Split(Exception):
    """A linear form whose sign the cell does not tell."""

    def __init__(self, form: Array) -> None:
        self.form = form


def cells_of(change: Change, dimension: int) -> Cells:
    """All cells, by splitting those in which a kink is not settled."""
    gradients: list[Array] = []
    normals: list[Array] = []
    pool = np.random.default_rng(7).standard_normal((64, dimension))
    waiting: list[list[Array]] = [[]]
    while waiting:
        rows = waiting.pop()
        try:
            gradient = _Cell(rows, dimension).of(change)[0]
        except _Split as split:
            unit = split.form / np.linalg.norm(split.form)
            if not any(np.abs(np.abs(unit @ n) - 1) < _ZERO for n in normals):
                normals.append(unit)
                if len(normals) > _MOST_KINKS:
                    raise TooMany from None
            for side in (unit, -unit):
                if _has_inside([*rows, side], pool):
                    waiting.append([*rows, side])
            if len(waiting) + len(gradients) > _MOST_CELLS:
                raise TooMany from None
            continue
        scale = max(1.0, float(np.abs(gradient).max()))
        if not any(np.abs(gradient - other).max() <= _ZERO * scale for other in gradients):
            gradients.append(gradient)
    return Cells(np.array(gradients), np.array(normals).reshape(len(normals), dimension))


def _has_inside(rows: list[Array], pool: Array) -> bool:
    """Whether the cone rows·d > 0 has an interior."""
    matrix = np.array(rows)
    if ((matrix @ pool.T).min(axis=0) > 1e-9).any():
        return True
    size = matrix.shape[1]
    found = linprog(
        np.append(np.zeros(size), -1.0),
        A_ub=np.hstack([-matrix, np.ones((len(rows), 1))]),
        b_ub=np.zeros(len(rows)),
        bounds=[(-1, 1)] * size + [(0, 1)],
    )
    return bool(found.status == 0 and -found.fun > 1e-9)


class _Cell:
    """The linear form of every change in the cone rows·d >= 0."""

    def __init__(self, rows: list[Array], dimension: int) -> None:
        self.rows = np.array(rows).reshape(len(rows), dimension)
        self.dimension = dimension

    def of(self, change: Change) -> Array:
        """A matrix with one row for each entry."""
        match change:
            case Linear():
                return dense(change.matrix)
            case Mapped():
                return np.asarray(dense(change.matrix) @ self.of(change.inner))
            case Added():
                return np.asarray(np.sum([self.of(term) for term in change.terms], axis=0))
            case Bent():
                return self._bent(self.of(change.inner), change.left, change.right)
            case Supported():
                return self._support(change.set, self.of(change.inner))
            case Largest():
                return self._largest(change)
        raise TooMany

    def sign(self, form: Array) -> int:
        """The sign of a form in the cell; 0 for the form 0."""
        size = float(np.linalg.norm(form))
        if size <= _ZERO:
            return 0
        unit = form / size
        for row in self.rows:
            product = float(unit @ row)
            if abs(abs(product) - 1) < _ZERO:
                return 1 if product > 0 else -1
        raise _Split(form)

    def _bent(self, inner: Array, left: Array, right: Array) -> Array:
        if not (np.isfinite(left).all() and np.isfinite(right).all()):
            raise TooMany
        slopes = np.array(left)
        for i in np.flatnonzero(left != right):
            slopes[i] = right[i] if self.sign(inner[i]) >= 0 else left[i]
        return np.asarray(slopes[:, None] * inner)

    def _largest(self, change: Largest) -> Array:
        forms = [self.of(term) for term in change.terms]
        found = np.empty_like(forms[0])
        for i in range(change.size):
            active = [forms[k][i] for k in np.flatnonzero(change.active[:, i])]
            found[i] = self._top(active)
        return found

    def _top(self, forms: list[Array]) -> Array:
        best = forms[0]
        for form in forms[1:]:
            if self.sign(form - best) > 0:
                best = form
        return best

    def _support(self, s: ConvexSet, inner: Array) -> Array:
        """σ_S of forms, for polyhedra with few vertices."""
        match s:
            case Point():
                return np.atleast_2d(s.v @ inner)
            case Box() if s.is_bounded:
                return np.asarray(self._bent(inner, s.lo, s.hi).sum(axis=0, keepdims=True))
            case Hull():
                return np.atleast_2d(self._top(list(s.points @ inner)))
            case Ball() if s.norm == "l1" and s.radius >= 0:
                corners = s.radius * np.vstack([np.eye(s.dim), -np.eye(s.dim)])
                return np.atleast_2d(self._top(list((s.c + corners) @ inner)))
            case Ball() if s.norm == "linf":
                return self._support(Box(s.c - s.radius, s.c + s.radius), inner)
            case Hypersimplex() if s.n <= 12 and float(s.k).is_integer():
                points = np.zeros((0, s.n))
                rows = [list(c) for c in combinations(range(s.n), int(s.k))]
                points = np.zeros((len(rows), s.n))
                for point, places in zip(points, rows, strict=True):
                    point[places] = 1.0
                return np.atleast_2d(self._top(list(points @ inner)))
            case Affine():
                moved = dense(s.matrix).T @ inner
                return self._support(s.set, moved) + s.shift @ inner
            case Scaled():
                return self._support(s.set, s.factor * inner)
            case Sum():
                return np.asarray(np.sum([self._support(p, inner) for p in s.sets], axis=0))
            case Product():
                pieces = np.split(inner, np.cumsum([p.dim for p in s.sets])[:-1])
                parts = [self._support(p, e) for p, e in zip(s.sets, pieces, strict=True)]
                return np.asarray(np.sum(parts, axis=0))
        raise TooMany
