"""Convex hulls of finitely many points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.witness import Witness, leaf

__all__ = ["Hull"]


class Hull(ConvexSet):
    """conv{p₁, …, p_k}: the subdifferential of a maximum of smooth functions.

    σ(d) = max <d, pᵢ> (Hiriart-Urruty & Lemaréchal, VI.4.4).
    """

    def __init__(self, points: Given) -> None:
        self.entries = Entries(points)
        if self.entries.values.ndim != 2 or not self.entries.values.shape[0]:
            raise InputError(
                say("a hull needs points of one dimension, at least one"), kind="shape"
            )

    @property
    def points(self) -> Array:
        """The points, one a row."""
        return self.entries.values

    @property
    def dim(self) -> int:
        return int(self.points.shape[1])

    def extreme(self, d: Array) -> Witness:
        return leaf(self.points[int(np.argmax(self.points @ d))])

    def closest(self, g: Array) -> Witness | None:
        if len(self.points) > 2:
            return None
        start, along = self.points[0], self.points[-1] - self.points[0]
        length = float(along @ along)
        share = 0.0 if length == 0 else float((g - start) @ along) / length
        if share > 0.5:
            return leaf(self.points[-1] - max(1.0 - share, 0.0) * along)
        return leaf(start + max(share, 0.0) * along)

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        weights = rng.dirichlet(np.full(len(self.points), 0.7), size=count)
        return np.asarray(weights @ self.points)

    def rows(self) -> list[list[Number]]:
        """The points as they were given."""
        listed = self.entries.listed()
        return [listed[i : i + self.dim] for i in range(0, len(listed), self.dim)]

    def simplified(self) -> ConvexSet:
        """Without repeated points and, on a line, without all but the two ends."""
        rows = self.rows()
        distinct = list(
            {tuple(p): i for i, p in reversed(list(enumerate(self.points.tolist())))}.values()
        )
        rows = [rows[i] for i in sorted(distinct)]
        if len(rows) == 1:
            return Point(rows[0])
        if self.dim == 1:
            ends = self.points.ravel()
            return Box([self.rows()[int(ends.argmin())][0]], [self.rows()[int(ends.argmax())][0]])
        line = _ends_of_line(Hull(rows))
        if line is not None:
            return Hull([rows[i] for i in line]) if len(rows) > 2 else Hull(rows)
        return Hull(rows) if len(rows) < len(self.points) else self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        shares = program.new(len(self.points), nonnegative=True)
        program.zero.append(added([*shares, scaled(-1, weight)]))
        numbers = program.numbers(self.entries)
        return [
            added(scaled(numbers[k * self.dim + j], share) for k, share in enumerate(shares))
            for j in range(self.dim)
        ]

    def write(self, notation: Notation) -> str:
        points = ", ".join(notation.vector(row) for row in self.rows())
        return f"{notation.word('conv')}{notation.braces(points)}"


def _ends_of_line(hull: Hull) -> tuple[int, int] | None:
    """The two ends when all points lie on one line, decided exactly."""
    numbers = hull.entries.rationals()
    if numbers is None or len(hull.points) * hull.dim > 2_000:
        return None
    rows = [numbers[i : i + hull.dim] for i in range(0, len(numbers), hull.dim)]
    along = [q - p for p, q in zip(rows[0], rows[1], strict=True)]
    axis = next(i for i, step in enumerate(along) if step)
    shares = [(row[axis] - rows[0][axis]) / along[axis] for row in rows]
    for row, share in zip(rows, shares, strict=True):
        if any(p + share * a != r for p, a, r in zip(rows[0], along, row, strict=True)):
            return None
    order = sorted(range(len(rows)), key=lambda i: (shares[i], Fraction(i)))
    first, last = sorted((order[0], order[-1]))
    return first, last
