"""Balls of the matrix norms normspec, normnuc and normfro."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.ball import Ball
from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.simplex import onto_l1_ball
from gradform.sets.witness import Witness, leaf

__all__ = ["MatrixBall", "MatrixNorm"]

MatrixNorm = Literal["spectral", "nuclear", "fro"]
_NAMES = {"spectral": "spec", "nuclear": "nuc", "fro": "fro"}


class MatrixBall(ConvexSet):
    """{W : |W - C| <= r} in a unitarily invariant norm.

    With D = U·diag(s)·V', the furthest W - C is r·U·V' (spectral), r·u₁·v₁' (nuclear),
    r·D/|D| (Frobenius); projections act on singular values alone (Watson, Characterization
    of the subdifferential of some matrix norms, 1992).
    """

    def __init__(
        self, norm: MatrixNorm, shape: tuple[int, int], center: Given, radius: Number = 1
    ) -> None:
        if norm not in _NAMES:
            raise InputError(say("no ball of matrix norm {norm}", norm=repr(norm)), kind="value")
        self.norm: MatrixNorm = norm
        self.shape = (int(shape[0]), int(shape[1]))
        self.center = Entries(center)
        self.size = Entries([radius])
        if len(self.center) != self.dim:
            raise InputError(
                say("the centre of a ball of matrices has another shape"), kind="shape"
            )

    @property
    def c(self) -> Array:
        """The centre, row by row."""
        return self.center.values.ravel()

    @property
    def radius(self) -> float:
        """The radius."""
        return float(self.size.values[0])

    @property
    def dim(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def is_empty(self) -> bool:
        return self.radius < 0

    def extreme(self, d: Array) -> Witness:
        if self.norm == "fro":
            size = float(np.linalg.norm(d))
            return leaf(self.c + self.radius / (size or 1.0) * d)
        left, _, right = np.linalg.svd(d.reshape(self.shape), full_matrices=False)
        rank = None if self.norm == "spectral" else 1
        return leaf(self.c + self.radius * (left[:, :rank] @ right[:rank]).ravel())

    def closest(self, g: Array) -> Witness:
        away, radius = g - self.c, self.radius
        if self.norm == "fro":
            size = float(np.linalg.norm(away))
            return leaf(g.copy() if size <= radius else self.c + radius / size * away)
        left, values, right = np.linalg.svd(away.reshape(self.shape), full_matrices=False)
        if self.norm == "spectral":
            kept = np.minimum(values, radius)
        else:
            kept = onto_l1_ball(values, radius)
        if np.array_equal(kept, values):
            return leaf(g.copy())
        return leaf(self.c + (left * kept @ right).ravel())

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        towards = rng.standard_normal((count, *self.shape))
        order: Literal[2, "nuc", "fro"]
        order = "fro" if self.norm == "fro" else "nuc" if self.norm == "nuclear" else 2
        sizes = np.array([float(np.linalg.norm(matrix, ord=order)) for matrix in towards])
        shares = np.minimum(rng.uniform(0.0, 1.3, count), 1.0) / np.maximum(sizes, 1e-300)
        return np.asarray(self.c + self.radius * shares[:, None] * towards.reshape(count, -1))

    def simplified(self) -> ConvexSet:
        """A point for radius 0; a ball of vectors where the norms agree."""
        if self.is_empty:
            return Empty(self.dim)
        if self.radius == 0:
            return Point(self.center)
        if self.norm == "fro" or 1 in self.shape:
            ball = Ball("l2", self.center.listed(), self.size.listed()[0])
            return ball.simplified()
        return self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (radius,) = program.numbers(self.size)
        limit = scaled(radius, weight)
        rows, columns = self.shape
        free = program.new(self.dim)
        if self.norm == "fro":
            program.second_order_cone(limit, free)
        else:
            away = [free[i * columns : (i + 1) * columns] for i in range(rows)]
            if self.norm == "spectral":
                above, below = _scalar(rows, limit), _scalar(columns, limit)
            else:
                above, below = program.new_symmetric(rows), program.new_symmetric(columns)
                diagonal = [above[i][i] for i in range(rows)] + [
                    below[i][i] for i in range(columns)
                ]
                program.nonnegative.append(
                    added([scaled(2, limit), *(scaled(-1, e) for e in diagonal)])
                )
            program.semidefinite_cone(_blocks(above, away, below))
        centre = program.numbers(self.center)
        return [added([scaled(c, weight), e]) for c, e in zip(centre, free, strict=True)]

    def write(self, notation: Notation) -> str:
        centre = Entries(np.array(self.center.listed(), dtype=object).reshape(self.shape))
        norm = notation.normed(_NAMES[self.norm], notation.minus("W", centre))
        member = f"W {notation.inside} {notation.space(*self.shape)}"
        radius = notation.number(self.size.listed()[0])
        return notation.such_that(member, f"{norm} {notation.at_most} {radius}")


def _scalar(size: int, entry: Expression) -> list[list[Expression]]:
    return [[entry if i == j else {} for j in range(size)] for i in range(size)]


def _blocks(
    above: list[list[Expression]], right: list[list[Expression]], below: list[list[Expression]]
) -> list[list[Expression]]:
    """[[P, W], [W', Q]]"""
    upper = [[*p, *w] for p, w in zip(above, right, strict=True)]
    transposed = [list(column) for column in zip(*right, strict=True)]
    return upper + [[*w, *q] for w, q in zip(transposed, below, strict=True)]
