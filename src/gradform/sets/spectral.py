"""Sets of symmetric matrices given by their eigenvalues."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import NEGLIGIBLE, ConvexSet
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.hypersimplex import largest_weights
from gradform.sets.notation import Notation
from gradform.sets.point import Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.simplex import onto_capped_simplex, onto_simplex
from gradform.sets.witness import Witness, leaf

__all__ = ["Fantope", "PsdShift", "Spectraplex"]


class _Spectral(ConvexSet):
    """Symmetric n×n matrices whose eigenvalues lie in a permutation-invariant set.

    Support, maximiser and projection act on the eigenvalues in the eigenvectors of the
    argument (Lewis, Convex analysis on the Hermitian matrices, 1996). Directions count by
    their symmetric part.
    """

    n: int

    @property
    def dim(self) -> int:
        return self.n * self.n

    @abstractmethod
    def _furthest(self, values: Array) -> Array:
        """The eigenvalues of the maximiser."""

    @abstractmethod
    def _nearest(self, values: Array) -> Array:
        """The eigenvalues of the projection."""

    def extreme(self, d: Array) -> Witness:
        values, vectors = _eigen(d, self.n)
        return leaf((vectors * self._furthest(values) @ vectors.T).ravel())

    def closest(self, g: Array) -> Witness:
        values, vectors = _eigen(g, self.n)
        return leaf((vectors * self._nearest(values) @ vectors.T).ravel())

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        spread = rng.exponential(2.0, size=(count, 1))
        return np.stack(
            [self.closest(row).vector for row in spread * rng.standard_normal((count, self.dim))]
        )


class Spectraplex(_Spectral):
    """{S psd : tr S = t}; σ(D) = t·λ_max(D): the subdifferential of lambda_max.

    Source: Overton & Womersley (1993), 3.
    """

    def __init__(self, n: int, trace: Number = 1) -> None:
        self.n, self.entries = n, Entries([trace])
        if self.trace < 0 or n < 1:
            raise InputError(say("a spectraplex needs a trace that is not negative"), kind="value")

    @property
    def trace(self) -> float:
        """The trace."""
        return float(self.entries.values[0])

    def _furthest(self, values: Array) -> Array:
        return self.trace * largest_weights(values, 1.0)

    def _nearest(self, values: Array) -> Array:
        return onto_simplex(values, self.trace)

    def simplified(self) -> ConvexSet:
        """A point for trace 0 and for n = 1."""
        if self.n == 1 or self.trace == 0:
            return Point([self.entries.listed()[0]] + [0] * (self.dim - 1))
        return self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (trace,) = program.numbers(self.entries)
        matrix = program.new_symmetric(self.n)
        program.semidefinite_cone(matrix)
        diagonal = [matrix[i][i] for i in range(self.n)]
        program.zero.append(added([*diagonal, scaled(-trace, weight)]))
        return [entry for row in matrix for entry in row]

    def write(self, notation: Notation) -> str:
        trace = notation.number(self.entries.listed()[0])
        total = f"{notation.word('tr')}{'(S)' if not notation.is_latex else ' S'} = {trace}"
        return notation.such_that(_member(notation, self.n), _semidefinite(notation, "S"), total)


class Fantope(_Spectral):
    """{S : 0 ≼ S ≼ I, tr S = k}; σ(D) is the sum of the k largest eigenvalues of D.

    Source: Overton & Womersley (1993), 3.
    """

    def __init__(self, n: int, k: Number) -> None:
        self.n, self.entries = n, Entries([k])
        if not 0 <= self.k <= n:
            raise InputError(say("a fantope needs 0 <= k <= n"), kind="value")

    @property
    def k(self) -> float:
        """The trace."""
        return float(self.entries.values[0])

    def _furthest(self, values: Array) -> Array:
        return largest_weights(values, self.k)

    def _nearest(self, values: Array) -> Array:
        return onto_capped_simplex(values, self.k)

    def simplified(self) -> ConvexSet:
        """A point for k = 0 and k = n, the spectraplex for k = 1."""
        if self.k in (0, self.n):
            return Point((int(self.k > 0) * np.eye(self.n, dtype=int)).ravel().tolist())
        return Spectraplex(self.n, 1) if self.k == 1 else self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (k,) = program.numbers(self.entries)
        matrix = program.new_symmetric(self.n)
        program.semidefinite_cone(matrix)
        program.semidefinite_cone(
            [
                [added([weight if i == j else {}, scaled(-1, matrix[i][j])]) for j in range(self.n)]
                for i in range(self.n)
            ]
        )
        diagonal = [matrix[i][i] for i in range(self.n)]
        program.zero.append(added([*diagonal, scaled(-k, weight)]))
        return [entry for row in matrix for entry in row]

    def write(self, notation: Notation) -> str:
        k = notation.number(self.entries.listed()[0])
        order = {True: r"0 \preceq S \preceq I", False: "0 ⪯ S ⪯ I"}[notation.is_latex]
        between = ["S psd", "I - S psd"] if notation.is_text else [order]
        total = f"{notation.word('tr')}{'(S)' if not notation.is_latex else ' S'} = {k}"
        return notation.such_that(_member(notation, self.n), *between, total)


class PsdShift(ConvexSet):
    """C + sign·P with P psd: normal cones of the semidefinite cone, shifted.

    σ(D) = <C, D> when sign·D is negative semidefinite, inf otherwise.
    """

    def __init__(self, n: int, sign: int, offset: Given) -> None:
        if sign not in (1, -1):
            raise InputError(
                say("the sign of a shifted semidefinite cone is 1 or -1"), kind="value"
            )
        self.n, self.sign, self.offset = n, sign, Entries(offset)
        if len(self.offset) != self.dim:
            raise InputError(
                say("the offset of a semidefinite cone has another shape"), kind="shape"
            )

    @property
    def c(self) -> Array:
        """The offset, row by row."""
        return self.offset.values.ravel()

    @property
    def dim(self) -> int:
        return self.n * self.n

    @property
    def is_bounded(self) -> bool:
        return False

    def extreme(self, d: Array) -> Witness:
        values, vectors = _eigen(self.sign * d, self.n)
        if values[-1] > NEGLIGIBLE * float(np.linalg.norm(d)):
            return leaf(self.sign * np.outer(vectors[:, -1], vectors[:, -1]).ravel(), 0.0)
        return leaf(self.c)

    def closest(self, g: Array) -> Witness:
        values, vectors = _eigen(self.sign * (g - self.c), self.n)
        inside = vectors * np.maximum(values, 0.0) @ vectors.T
        return leaf(self.c + self.sign * inside.ravel())

    def residual(self, g: Array, nearest: Array) -> Array:
        matrix = (g - self.c).reshape(self.n, self.n)
        values, vectors = _eigen(self.sign * (g - self.c), self.n)
        outside = self.sign * (vectors * np.minimum(values, 0.0) @ vectors.T)
        exact = (outside + (matrix - matrix.T) / 2).ravel()
        close = np.abs(exact - (g - nearest)).max() <= 1e-13 * np.abs(values).max()
        return exact if close else g - nearest

    def supporting(self, d: Array) -> Array:
        values, vectors = _eigen(self.sign * d, self.n)
        return d - self.sign * (vectors * np.maximum(values, 0.0) @ vectors.T).ravel()

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        ranks = rng.integers(0, self.n + 1, size=count)
        roots = rng.standard_normal((count, self.n, self.n))
        roots *= np.arange(self.n) < ranks[:, None, None]
        return self.c + self.sign * (roots @ roots.transpose(0, 2, 1)).reshape(count, -1)

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        matrix = program.new_symmetric(self.n)
        program.semidefinite_cone(matrix)
        entries = [entry for row in matrix for entry in row]
        offset = program.numbers(self.offset)
        return [
            added([scaled(c, weight), scaled(self.sign, e)])
            for c, e in zip(offset, entries, strict=True)
        ]

    def write(self, notation: Notation) -> str:
        cone = "P" if self.sign > 0 else "-P"
        if self.c.any():
            square = np.array(self.offset.listed(), dtype=object).reshape(self.n, self.n)
            sign = "+" if self.sign > 0 else "-"
            cone = f"{notation.matrix(Entries(square))} {sign} P"
        return notation.such_that(cone, _semidefinite(notation, "P"))


def _eigen(d: Array, n: int) -> tuple[Array, Array]:
    matrix = d.reshape(n, n)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return values, vectors


def _member(notation: Notation, n: int) -> str:
    return f"S {notation.inside} {notation.space(n, n)}"


def _semidefinite(notation: Notation, name: str) -> str:
    if notation.is_text:
        return f"{name} psd"
    return rf"{name} \succeq 0" if notation.is_latex else f"{name} ⪰ 0"
