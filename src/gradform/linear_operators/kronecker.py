"""Kronecker products, with their axes in any order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from gradform.language import say
from gradform.linear_operators.arrays import Array, common_dtype
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.text import bracketed

__all__ = ["Kronecker"]

_JOINED = "+-*⊗ "


class Kronecker(LinearOperator):
    """A ⊗ B ⊗ …, where each factor maps axes of its own.

    The row axes of all factors, in turn, are put into the order ``row_order``: axis k of a
    value is axis ``row_order[k]`` of those. Columns likewise. With A between first axes and B
    between second ones, (A ⊗ B) X = A X B'.
    """

    def __init__(
        self,
        factors: Sequence[LinearOperator],
        row_order: Sequence[int] | None = None,
        column_order: Sequence[int] | None = None,
    ) -> None:
        self.factors = tuple(factors)
        down = [size for factor in factors for size in factor.rows]
        along = [size for factor in factors for size in factor.columns]
        self.row_order = tuple(range(len(down))) if row_order is None else tuple(row_order)
        self.column_order = (
            tuple(range(len(along))) if column_order is None else tuple(column_order)
        )
        super().__init__(
            [down[k] for k in self.row_order],
            [along[k] for k in self.column_order],
            common_dtype(*self.factors),
        )
        self._down, self._along = tuple(down), tuple(along)

    def _times(self, x: Array) -> Array:
        return self._each(
            x,
            [(factor.shape[0], factor._times) for factor in self.factors],
            (self.column_order, self._along, [factor.shape[1] for factor in self.factors]),
            (self.row_order, self._down),
        )

    def _solved(self, b: Array) -> Array:
        """The inverse of a Kronecker product is that of the inverses."""
        if any(m != n for m, n in (factor.shape for factor in self.factors)):
            return super()._solved(b)
        return self._each(
            b,
            [(factor.shape[1], factor._solved) for factor in self.factors],
            (self.row_order, self._down, [factor.shape[0] for factor in self.factors]),
            (self.column_order, self._along),
        )

    def _each(
        self,
        x: Array,
        maps: Sequence[tuple[int, Callable[[Array], Array]]],
        given: tuple[Sequence[int], Sequence[int], Sequence[int]],
        made: tuple[Sequence[int], Sequence[int]],
    ) -> Array:
        """Every map on its own axes; those of ``x`` and of the result are in their orders."""
        order, sizes, lengths = given
        count = x.shape[1]
        last = len(order)
        tensor = x.reshape([*(sizes[k] for k in order), count])
        tensor = tensor.transpose([*np.argsort(order), last]).reshape([*lengths, count])
        for k, (length, work) in enumerate(maps):
            front = np.moveaxis(tensor, k, 0)
            done = work(front.reshape(front.shape[0], -1))
            tensor = np.moveaxis(done.reshape([length, *front.shape[1:]]), 0, k)
        order, sizes = made
        tensor = tensor.reshape([*sizes, count]).transpose([*order, len(order)])
        return tensor.reshape(-1, count)

    @property
    def T(self) -> LinearOperator:
        turned = Kronecker([factor.T for factor in self.factors], self.column_order, self.row_order)
        return turned.reshaped(self.columns, self.rows)

    @property
    def stored(self) -> int:
        return sum(factor.stored for factor in self.factors)

    @property
    def structure(self) -> str:
        first, *rest = (factor.structure for factor in self.factors)
        text = bracketed(first, "+*⊗ ") + "".join(f" ⊗ {bracketed(each, _JOINED)}" for each in rest)
        if self._is_moved(self.row_order) or self._is_moved(self.column_order):
            return f"{text}, axes {list(self.row_order)} by {list(self.column_order)}"
        return text

    @staticmethod
    def _is_moved(order: Sequence[int]) -> bool:
        return list(order) != sorted(order)

    @property
    def is_symmetric(self) -> bool:
        same = self.row_order == self.column_order
        return same and all(factor.is_symmetric for factor in self.factors)

    def toarray(self) -> Array:
        result = np.ones((1, 1), self.dtype)
        for factor in self.factors:
            result = np.kron(result, factor.toarray())
        if not (self._is_moved(self.row_order) or self._is_moved(self.column_order)):
            return result
        rank = len(self._down)
        order = [*self.row_order, *(rank + k for k in self.column_order)]
        return result.reshape(self._down + self._along).transpose(order).reshape(self.shape)

    def diagonal(self) -> Array:
        square = all(factor.rows == factor.columns for factor in self.factors)
        if not square or self.row_order != self.column_order:
            return super().diagonal()
        entries = np.ones(1, self.dtype)
        for factor in self.factors:
            entries = np.multiply.outer(entries, factor.diagonal()).reshape(-1)
        return entries.reshape(self._down).transpose(self.row_order).reshape(-1)

    def is_definite(self) -> bool:
        """Where the factors are: eigenvalues of A ⊗ B are products of theirs."""
        square = all(m == n for m, n in (factor.shape for factor in self.factors))
        if not square or self.row_order != self.column_order:
            return super().is_definite()
        signs = [(factor.is_definite(), (-factor).is_definite()) for factor in self.factors]
        each = all(plus or minus for plus, minus in signs)
        return each and sum(minus for _, minus in signs) % 2 == 0

    def logdet(self) -> float:
        """log|det(A ⊗ B)| = n log|det A| + m log|det B|; an order of the axes changes a sign."""
        self._require_square(say("logarithm of the determinant"))
        if any(m != n for m, n in (factor.shape for factor in self.factors)):
            return super().logdet()
        size = self.shape[0]
        return math.fsum(size / factor.shape[0] * factor.logdet() for factor in self.factors)

    def _scaled(self, factor: float) -> LinearOperator:
        """The number goes to the factor with the fewest numbers."""
        least = min(range(len(self.factors)), key=lambda k: self.factors[k].stored)
        factors = list(self.factors)
        factors[least] = factor * factors[least]
        return Kronecker(factors, self.row_order, self.column_order).reshaped(
            self.rows, self.columns
        )
