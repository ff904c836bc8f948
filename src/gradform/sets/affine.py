"""Affine images: the chain rule of subdifferentials."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import identity

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.box_image import box_image_steps
from gradform.sets.cone import Cone
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.hull import Hull
from gradform.sets.image import Image
from gradform.sets.notation import Notation, bracketed
from gradform.sets.point import Empty, Point
from gradform.sets.product import as_box
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.sums import added_entries
from gradform.sets.witness import Witness, combination, leaf

__all__ = ["Affine"]

_LARGEST_DENSE = 250_000


class Affine(Image):
    """{A·s + b : s in S}; σ(d) = <b, d> + σ_S(A'·d).

    ∂(f∘L)(x) = A·∂f(L(x)) with A = L', under the qualification of Rockafellar, 23.9.
    ``names`` say how A and b are written.
    """

    def __init__(
        self,
        matrix: Any,
        s: ConvexSet,
        offset: Given | None = None,
        *,
        names: tuple[str, str] = ("", ""),
    ) -> None:
        self.is_sparse = hasattr(matrix, "tocsr")
        self.entries = None if self.is_sparse else Entries(matrix)
        self.matrix: Any = matrix.tocsr() if self.is_sparse else Entries(matrix).values
        if self.matrix.ndim != 2 or self.matrix.shape[1] != s.dim:
            raise InputError(
                say("the matrix of an image needs {dim} columns", dim=s.dim), kind="shape"
            )
        rows = int(self.matrix.shape[0])
        self.offset = Entries(np.zeros(rows) if offset is None else offset)
        if len(self.offset) != rows:
            raise InputError(
                say("the offset of an image needs {rows} entries", rows=rows), kind="shape"
            )
        self.set, self.names = s, names

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return (self.set,)

    @property
    def dim(self) -> int:
        return len(self.offset)

    @property
    def shift(self) -> Array:
        return self.offset.values.ravel()

    def push(self, parts: tuple[Array, ...]) -> Array:
        return np.asarray(self.matrix @ parts[0])

    def pull(self, d: Array) -> tuple[Array, ...]:
        return (np.asarray(self.matrix.T @ d),)

    @cached_property
    def _gain(self) -> float:
        """|A|² is at most the largest row sum times the largest column sum of sizes."""
        sizes = abs(self.matrix)
        rows, columns = (np.asarray(sizes.sum(axis=axis)).max(initial=0.0) for axis in (1, 0))
        return float(np.sqrt(rows * columns))

    @property
    def gain(self) -> float:
        return self._gain

    def closest(self, g: Array) -> Witness | None:
        """Between two ends in one dimension; by isometry for orthogonal columns."""
        if self.dim == 1 and self.set.is_bounded:
            return self._on_a_line(g)
        factor = self._isometry
        if factor is None:
            return None
        inner = self.set.closest(self.pull(g - self.shift)[0] / factor)
        return None if inner is None else self.rebuilt((inner,))

    def proposals(self, g: Array) -> Iterator[Witness]:
        """The formula; bounded least squares for boxes; the only preimage, if it is that."""
        found = self.closest(g)
        box = as_box(self.set) if found is None else None
        if found is not None:
            yield found
        elif box is not None:
            for s in box_image_steps(self.matrix, box.lo, box.hi, g - self.shift):
                yield self.rebuilt((leaf(s),))
        elif not self.is_sparse and self.matrix.size <= _LARGEST_DENSE:
            preimage = np.linalg.lstsq(self.matrix, g - self.shift, rcond=1e-12)[0]
            inner = self.set.closest(preimage)
            if inner is not None:
                yield self.rebuilt((inner,))

    def _on_a_line(self, g: Array) -> Witness:
        low, high = self.extreme(np.array([-1.0])), self.extreme(np.array([1.0]))
        width = float(high.vector[0] - low.vector[0])
        share = 0.0 if width == 0 else float(g[0] - low.vector[0]) / width
        share = min(max(share, 0.0), 1.0)
        return combination([1.0 - share, share], [low, high])

    @cached_property
    def _isometry(self) -> float | None:
        """c when A'·A = c·I up to rounding."""
        rows, columns = self.matrix.shape
        if columns > rows or columns == 0 or (not self.is_sparse and rows * columns**2 > 1e8):
            return None
        gram = self.matrix.T @ self.matrix
        diagonal = np.asarray(gram.diagonal())
        factor = float(diagonal.mean())
        one = identity(columns, format="csr") if self.is_sparse else np.eye(columns)
        gram = gram - factor * one
        return factor if abs(gram).max() <= 1e-15 * columns * factor and factor > 0 else None

    def simplified(self) -> ConvexSet:
        """Images of points, hulls and cones by generators; of boxes where A is monomial."""
        if self.is_empty:
            return Empty(self.dim)
        inner = self.set.simplified()
        match inner:
            case Point():
                return Point(self._mapped(inner.entries))
            case Hull() if len(inner.points) * self.dim <= 4_096:
                rows = [self._mapped(Entries(row)).listed() for row in inner.rows()]
                return Hull(rows).simplified()
            case Cone() if not self.shift.any() and not self.is_sparse:
                return Cone(
                    self.dim,
                    inner.generators.values @ self.matrix.T,
                    inner.lineality.values @ self.matrix.T,
                ).simplified()
            case Affine() if not (self.is_sparse or inner.is_sparse):
                return Affine(
                    _exact_product(self, inner), inner.set, self._mapped(inner.offset)
                ).simplified()
            case _:
                box = as_box(inner)
                found = None if box is None else self._monomial(box)
                return found or Affine(
                    self.matrix if self.entries is None else self.entries,
                    inner,
                    self.offset,
                    names=self.names,
                )

    def shifted(self, by: Entries) -> Affine:
        """The offset moved."""
        offset = added_entries(self.offset, by)
        matrix = self.matrix if self.entries is None else self.entries
        return Affine(matrix, self.set, offset, names=(self.names[0], ""))

    def _mapped(self, vector: Entries) -> Entries:
        """A·v + b, exactly where all numbers are rational."""
        written = self.entries is not None and self.entries.given and vector.given
        numbers = vector.rationals() if written else None
        matrix = self.entries.rationals() if written and self.entries else None
        if numbers is None or matrix is None:
            return Entries(self.push((vector.values.ravel(),)) + self.shift)
        width = len(numbers)
        rows = [matrix[i : i + width] for i in range(0, len(matrix), width)]
        products: list[Number] = [
            sum((m * v for m, v in zip(row, numbers, strict=True)), Fraction(0)) for row in rows
        ]
        return added_entries(Entries(products), Entries(self.offset.listed()))

    def _monomial(self, box: Box) -> ConvexSet | None:
        """The box that A makes of a box when every row of A has at most one entry not 0
        and no column has two."""
        rows, columns = self.matrix.nonzero()
        if np.unique(rows).size < rows.size or np.unique(columns).size < columns.size:
            return None
        entries = np.asarray(self.matrix[rows, columns]).ravel()
        ends = [entries * box.lo[columns], entries * box.hi[columns]]
        low, high = np.array(self.shift), np.array(self.shift)
        low[rows] += np.minimum(*ends)
        high[rows] += np.maximum(*ends)
        return Box(low, high).simplified()

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        inner = program.element(self.set, weight)
        entries = Entries(self.matrix.toarray()) if self.entries is None else self.entries
        numbers, width = program.numbers(entries), len(inner)
        offset = program.numbers(self.offset)
        return [
            added(
                [
                    scaled(offset[i], weight),
                    *(scaled(numbers[i * width + j], e) for j, e in enumerate(inner)),
                ]
            )
            for i in range(self.dim)
        ]

    def write(self, notation: Notation) -> str:
        matrix, offset = self.names
        if not matrix and self.entries is not None and len(self.entries) <= 64:
            matrix = notation.matrix(self.entries)
        else:
            matrix = notation.name(matrix or "A")
        inner = self.set.write(notation)
        inner = bracketed(inner) if isinstance(self.set, Image | Box | Cone) else inner
        text = notation.product(matrix, inner)
        if not self.shift.any():
            return text
        return (
            f"{text} + {notation.name(offset) if offset else notation.vector(self.offset.listed())}"
        )


def _exact_product(outer: Affine, inner: Affine) -> Given:
    return np.asarray(outer.matrix @ inner.matrix)
