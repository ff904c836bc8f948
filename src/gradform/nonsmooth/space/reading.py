"""From directional derivatives to sets: what has f'(x; ·) for its support function."""

from __future__ import annotations

import numpy as np

from gradform.nonsmooth.space.changes import (
    Added,
    Array,
    Bent,
    Change,
    Largest,
    Linear,
    Mapped,
    Matrix,
    Supported,
    dense,
)
from gradform.nonsmooth.space.composite import Composite, Nonnegative, PsdBall
from gradform.sets import (
    Affine,
    Ball,
    Box,
    ConvexSet,
    Empty,
    Fantope,
    Hull,
    HullOf,
    MatrixBall,
    Point,
    PsdShift,
    Sandwich,
    Scaled,
    Spectraplex,
    Sum,
)

__all__ = ["NotSublinear", "clarke_outer", "image", "read"]


class NotSublinear(Exception):
    """A part is not the support function of a set, though the whole may be."""


def read(change: Change, dimension: int) -> ConvexSet:
    """The set of a scalar change, every part of which is sublinear."""
    return _Reading(dimension, exact=True).of(change, np.ones(1)).simplified()


def clarke_outer(change: Change, dimension: int) -> ConvexSet:
    """A set that contains the Clarke subdifferential, by its calculus (Clarke 1983, 2.3)."""
    return _Reading(dimension, exact=False).of(change, np.ones(1)).simplified()


def image(matrix: Matrix, s: ConvexSet) -> ConvexSet:
    """J'·S, or S itself where J changes nothing in it."""
    if matrix.shape[0] == matrix.shape[1] and matrix.shape[0] <= 2500:
        plain = dense(matrix)
        if np.array_equal(plain, np.eye(len(plain))):
            return s
        if _is_symmetric(s) and np.array_equal(plain, symmetrizer(round(len(plain) ** 0.5))):
            return s
    return Affine(matrix.T, s)


def symmetrizer(n: int) -> Array:
    """D ↦ (D + D')/2 for n×n matrices row by row."""
    if n * n > 2500:
        return np.zeros((0, 0))
    swap = np.zeros((n * n, n * n))
    places = np.arange(n * n)
    swap[places, places.reshape(n, n).T.ravel()] = 1.0
    return (np.eye(n * n) + swap) / 2


def _is_symmetric(s: ConvexSet) -> bool:
    """Whether all elements are symmetric matrices."""
    match s:
        case Spectraplex() | Fantope() | PsdBall():
            return True
        case PsdShift():
            offset = s.c.reshape(s.n, s.n)
            return np.array_equal(offset, offset.T)
        case Sandwich():
            sides = np.array_equal(s.l, s.r.T) or np.array_equal(s.l, -s.r.T)
            offset = s.shift.reshape(s.shape)
            return sides and np.array_equal(offset, offset.T) and _is_symmetric(s.set)
        case Scaled():
            return _is_symmetric(s.set)
        case _:
            return False


class _Reading:
    """One walk; with ``exact`` false, sets are added with any sign, as Clarke's calculus does."""

    def __init__(self, dimension: int, exact: bool) -> None:
        self.dimension, self.exact = dimension, exact

    def of(self, change: Change, weights: Array) -> ConvexSet:
        """A set with support function d ↦ <weights, change(d)>."""
        match change:
            case Linear():
                return Point(np.asarray(change.matrix.T @ weights))
            case Mapped():
                return self.of(change.inner, np.asarray(change.matrix.T @ weights))
            case Added():
                return Sum(*(self.of(term, weights) for term in change.terms))
            case Bent():
                return self._bent(change, weights)
            case Supported():
                return self._supported(change, float(weights[0]))
            case Largest():
                return self._largest(change, weights)
        raise AssertionError(change)

    # ------------------------------------------------------------ kinks of entries

    def _bent(self, change: Bent, weights: Array) -> ConvexSet:
        with np.errstate(invalid="ignore"):
            low = np.where(weights == 0, 0.0, weights * change.left)
            high = np.where(weights == 0, 0.0, weights * change.right)
        if not self.exact:
            low, high = np.minimum(low, high), np.maximum(low, high)
        if ((low == high) & (low == -np.inf)).any():
            return Empty(self.dimension)
        if (low > high).any() or (low == np.inf).any():
            raise NotSublinear
        kinks = np.flatnonzero(low < high)
        plain = np.where(low < high, 0.0, low)
        terms: list[ConvexSet] = []
        if plain.any() or not kinks.size:
            terms.append(self.of(change.inner, plain))
        if kinks.size and isinstance(change.inner, Linear):
            box = Box(low[kinks], high[kinks])
            terms.append(image(change.inner.matrix[kinks], box))
        else:
            terms += [
                self._outer_slope(change.inner, int(i), float(low[i]), float(high[i]))
                for i in kinks
            ]
        return terms[0] if len(terms) == 1 else Sum(*terms)

    def _outer_slope(self, inner: Change, place: int, low: float, high: float) -> ConvexSet:
        """max(low·e(d), high·e(d)) for a sublinear e."""
        unit = np.zeros(inner.size)
        unit[place] = 1.0
        s = self.of(inner, unit).simplified()
        if isinstance(s, Point):
            return image(s.v.reshape(1, -1), Box([low], [high]))
        if high >= 0 and _holds_zero(s):
            return Scaled(high, s)  # e >= 0
        if low < 0 and self.exact:
            raise NotSublinear
        return HullOf(Scaled(low, s), Scaled(high, s))

    # ------------------------------------------------------------ support functions

    def _supported(self, change: Supported, weight: float) -> ConvexSet:
        if weight == 0:
            return Point([0] * self.dimension)
        if weight < 0 and self.exact:
            raise NotSublinear
        inner = change.inner
        if isinstance(inner, Linear):
            found = image(inner.matrix, change.set)
        elif isinstance(change.set, Hull):
            found = HullOf(*(self.of(inner, row) for row in change.set.points))
        elif isinstance(change.set, Box) and change.set.is_bounded:
            found = self._bent(Bent(inner, change.set.lo, change.set.hi), np.ones(inner.size))
        else:
            found = self._composite(change.set, inner)
        return found if weight == 1 else Scaled(weight, found)

    def _composite(self, s: ConvexSet, inner: Change) -> ConvexSet:
        """Chain rule: S must be >= 0 where the inner change bends."""
        if inner.size > 200:
            raise NotSublinear
        units = np.eye(inner.size)
        parts = tuple(self.of(inner, unit).simplified() for unit in units)
        bends = [i for i, part in enumerate(parts) if not isinstance(part, Point)]
        if not bends:
            rows = np.stack([_vector(part) for part in parts])
            return image(rows, s)
        if not all(part.is_bounded for part in parts) or not self.exact:
            raise NotSublinear
        if all(-s.support(-units[i]) >= 0 for i in bends):
            return Composite(s, parts)
        centred = isinstance(s, Ball | MatrixBall) and not s.c.any()
        absolute = isinstance(s, Ball) or (isinstance(s, MatrixBall) and s.norm == "fro")
        if centred and absolute and all(map(_holds_zero, parts)):
            assert isinstance(s, Ball | MatrixBall)
            return Composite(Nonnegative(s), parts)  # all arguments change upwards only
        raise NotSublinear

    # ------------------------------------------------------------ maxima

    def _largest(self, change: Largest, weights: Array) -> ConvexSet:
        if (weights < 0).any() and self.exact:
            raise NotSublinear
        terms: list[ConvexSet] = []
        for place in np.flatnonzero(weights):
            unit = np.zeros(change.size)
            unit[place] = weights[place]
            active = np.flatnonzero(change.active[:, place])
            sets = [self.of(change.terms[k], unit) for k in active]
            terms.append(sets[0] if len(sets) == 1 else HullOf(*sets))
        if not terms:
            return Point([0] * self.dimension)
        return terms[0] if len(terms) == 1 else Sum(*terms)


def _holds_zero(s: ConvexSet) -> bool:
    simple = s.simplified()
    if isinstance(simple, Ball | MatrixBall) and not simple.c.any():
        return True
    return not simple.is_empty and simple.contains(np.zeros(simple.dim), 1e-12)


def _vector(s: ConvexSet) -> Array:
    assert isinstance(s, Point)
    return s.v
