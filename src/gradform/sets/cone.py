"""Finitely generated cones: normal cones of polyhedra, subspaces, the whole space."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import NEGLIGIBLE, ConvexSet
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.witness import Witness, leaf

__all__ = ["Cone", "subspace", "whole_space"]


class Cone(ConvexSet):
    """cone{g₁, …} + span{l₁, …}; σ is 0 on the polar cone and inf elsewhere."""

    def __init__(self, dim: int, generators: Given = (), lineality: Given = ()) -> None:
        self._dim = dim
        self.generators = _rows(dim, generators)
        self.lineality = _rows(dim, lineality)
        self._basis = _orthonormal(self.lineality.values)
        left = self.generators.values - self.generators.values @ self._basis.T @ self._basis
        sizes = np.linalg.norm(left, axis=1)
        given = np.linalg.norm(self.generators.values, axis=1)
        kept = sizes > NEGLIGIBLE * given
        self._rays: Array = left[kept] / sizes[kept, None]

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def is_bounded(self) -> bool:
        return not (self._basis.size or self._rays.size)

    def extreme(self, d: Array) -> Witness:
        size = float(np.linalg.norm(d))
        inside = self._basis.T @ (self._basis @ d)
        length = float(np.linalg.norm(inside))
        if length > NEGLIGIBLE * size:
            return leaf(inside / length, 0.0)
        if self._rays.size:
            slopes = self._rays @ d
            steepest = int(np.argmax(slopes))
            if slopes[steepest] > NEGLIGIBLE * size:
                return leaf(self._rays[steepest], 0.0)
        return leaf(np.zeros(self.dim))

    def closest(self, g: Array) -> Witness:
        """Along the lineality, and by nonnegative least squares across (Lawson & Hanson)."""
        inside = self._basis.T @ (self._basis @ g)
        if not self._rays.size:
            return leaf(inside)

        weights, _ = nnls(self._rays.T, g - inside)
        return leaf(inside + weights @ self._rays)

    def supporting(self, d: Array) -> Array:
        return d - self.closest(d).vector if d.any() else d

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        along = rng.standard_normal((count, len(self._basis))) @ self._basis
        shares = rng.exponential(size=(count, len(self.generators.values)))
        shares *= rng.random(shares.shape) < 0.7
        return np.asarray(along + shares @ self.generators.values)

    def simplified(self) -> ConvexSet:
        """{0} without generators; the whole space by its unit vectors."""
        if self.is_bounded:
            return Point([0] * self.dim)
        if len(self._basis) == self.dim and not self._is_standard():
            return whole_space(self.dim)
        return self

    def _is_standard(self) -> bool:
        lines = self.lineality.values
        return not self.generators.values.size and np.array_equal(lines, np.eye(self.dim))

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        shares = program.new(len(self.generators.values), nonnegative=True)
        shares += program.new(len(self.lineality.values))
        numbers = program.numbers(self.generators) + program.numbers(self.lineality)
        return [
            added(scaled(numbers[k * self.dim + j], share) for k, share in enumerate(shares))
            for j in range(self.dim)
        ]

    def write(self, notation: Notation) -> str:
        if len(self._basis) == self.dim:
            return notation.space(self.dim)
        terms = []
        for word, entries in (("cone", self.generators), ("span", self.lineality)):
            if entries.values.size:
                vectors = ", ".join(notation.vector(row) for row in _listed(entries))
                terms.append(f"{notation.word(word)}{notation.braces(vectors)}")
        return " + ".join(terms) or Point([0] * self.dim).write(notation)


def subspace(vectors: Given) -> Cone:
    """The span of the rows."""
    rows = Entries(vectors)
    return Cone(int(rows.values.shape[1]), (), rows)


def whole_space(dim: int) -> Cone:
    """R^n: the subdifferential of the indicator of a single point."""
    return Cone(dim, (), [[int(i == j) for j in range(dim)] for i in range(dim)])


def _rows(dim: int, vectors: Given) -> Entries:
    entries = Entries(vectors)
    if not len(entries):
        return Entries(np.zeros((0, dim)))
    if entries.values.ndim != 2 or entries.values.shape[1] != dim:
        raise InputError(
            say("generators of a cone need {dim} coordinates each", dim=dim), kind="shape"
        )
    return entries


def _listed(entries: Entries) -> list[list[Number]]:
    width = entries.values.shape[1]
    listed = entries.listed()
    return [listed[i : i + width] for i in range(0, len(listed), width)]


def _orthonormal(rows: Array) -> Array:
    """An orthonormal basis of the span, one vector a row."""
    if not rows.size:
        return np.zeros((0, rows.shape[1]))
    _, values, right = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(right[values > NEGLIGIBLE * values[0]]) if values[0] > 0 else right[:0]
