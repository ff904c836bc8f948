"""Two-sided images of sets of matrices."""

from __future__ import annotations

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.affine import Affine
from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array, Entries, Given
from gradform.sets.image import Image
from gradform.sets.notation import Notation, bracketed
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.sums import added_entries
from gradform.sets.witness import Witness

__all__ = ["Sandwich"]


class Sandwich(Image):
    """{L·S·R + C : S in a set of matrices}; σ(D) = <C, D> + σ_S(L'·D·R').

    With orthonormal columns in L and rows in R it is the subdifferential of the nuclear
    and spectral norms and of lambda_max at a given matrix (Watson 1992; Overton &
    Womersley 1993). ``names`` say how L, R and C are written.
    """

    def __init__(
        self,
        left: Given,
        s: ConvexSet,
        right: Given,
        offset: Given | None = None,
        *,
        names: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        self.left, self.right, self.set, self.names = Entries(left), Entries(right), s, names
        self.shape = (int(self.l.shape[0]), int(self.r.shape[1]))
        self.inner_shape = (int(self.l.shape[1]), int(self.r.shape[0]))
        if s.dim != self.inner_shape[0] * self.inner_shape[1]:
            raise InputError(
                say("the factors of a two-sided image do not fit its set"), kind="shape"
            )
        self.offset = Entries(np.zeros(self.shape) if offset is None else offset)
        if len(self.offset) != self.dim:
            raise InputError(say("the offset of a two-sided image has another shape"), kind="shape")

    @property
    def l(self) -> Array:  # noqa: E743
        """The left factor."""
        return self.left.values

    @property
    def r(self) -> Array:
        """The right factor."""
        return self.right.values

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return (self.set,)

    @property
    def dim(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def shift(self) -> Array:
        return self.offset.values.ravel()

    def push(self, parts: tuple[Array, ...]) -> Array:
        return np.asarray(self.l @ parts[0].reshape(self.inner_shape) @ self.r).ravel()

    def pull(self, d: Array) -> tuple[Array, ...]:
        return (np.asarray(self.l.T @ d.reshape(self.shape) @ self.r.T).ravel(),)

    @property
    def gain(self) -> float:
        return float(np.linalg.norm(self.l) * np.linalg.norm(self.r))

    def closest(self, g: Array) -> Witness | None:
        """By isometry for orthonormal columns of L and rows of R."""
        if not (_orthonormal(self.l.T) and _orthonormal(self.r)):
            return None
        inner = self.set.closest(self.pull(g - self.shift)[0])
        return None if inner is None else self.rebuilt((inner,))

    def flattened(self) -> Affine:
        """The same set as the image of vectors: vec(L·S·R) = (L ⊗ R')·vec(S) row by row."""
        return Affine(np.kron(self.l, self.r.T), self.set, self.offset.listed())

    def shifted(self, by: Entries) -> Sandwich:
        """The offset moved."""
        total = added_entries(self.offset, by)
        offset = Entries(np.array(total.listed(), dtype=object).reshape(self.shape))
        names = (self.names[0], self.names[1], "")
        return Sandwich(self.left, self.set, self.right, offset, names=names)

    def simplified(self) -> ConvexSet:
        """A point for a point; the set itself between identities."""
        if self.is_empty:
            return Empty(self.dim)
        inner = self.set.simplified()
        if isinstance(inner, Point):
            return Point(self.push((inner.v,)) + self.shift)
        plain = np.array_equal(self.l, np.eye(*self.l.shape)) and self.inner_shape == self.shape
        if plain and np.array_equal(self.r, np.eye(*self.r.shape)) and not self.shift.any():
            return inner
        return Sandwich(self.left, inner, self.right, self.offset, names=self.names)

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        inner = program.element(self.set, weight)
        left, right = program.numbers(self.left), program.numbers(self.right)
        offset = program.numbers(self.offset)
        (rows, columns), (p, q) = self.shape, self.inner_shape
        half = [
            [added(scaled(left[i * p + k], inner[k * q + j]) for k in range(p)) for j in range(q)]
            for i in range(rows)
        ]
        return [
            added(
                [
                    scaled(offset[i * columns + j], weight),
                    *(scaled(right[k * columns + j], half[i][k]) for k in range(q)),
                ]
            )
            for i in range(rows)
            for j in range(columns)
        ]

    def write(self, notation: Notation) -> str:
        names = zip(self.names, (self.left, self.right, self.offset), strict=True)
        left, right, offset = (
            notation.name(name) if name else notation.matrix(entries) for name, entries in names
        )
        text = self.set.write(notation)
        inner = bracketed(text) if isinstance(self.set, Image) else text
        product = notation.product(notation.product(left, inner), right)
        return f"{offset} + {product}" if self.shift.any() else product


def _orthonormal(rows: Array) -> bool:
    return bool(np.abs(rows @ rows.T - np.eye(len(rows))).max(initial=0.0) <= 1e-14)
