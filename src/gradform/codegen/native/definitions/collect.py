"""Sums of matrix products with one factor in common: the products are added before.

D₁ A₁ W₁ B + D₂ A₂ W₂ B = (D₁ A₁ W₁ + D₂ A₂ W₂) B with diagonal D and W is one product of matrices
instead of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradform.codegen.native.definitions.arrays import (
    Affine,
    Array,
    Arrays,
    Combination,
    Gemm,
    Monomial,
    Move,
)
from gradform.records import record, replaced

__all__ = ["collected"]


@record
class _Scaled:
    """``coefficient · Π factor ^ power`` entry by entry of a matrix.

    Factors depend on one axis only, given with them; numbers on none.
    """

    coefficient: float
    matrix: int
    factors: tuple[tuple[int, float, int | None], ...]


@record
class _Term:
    """A product of matrices: what is left of the common factor, and the rest."""

    product: Gemm
    left: _Scaled
    right: int


def collected(arrays: Arrays, outputs: Sequence[int]) -> tuple[Arrays, list[int]]:
    """The definitions anew, with products of matrices collected."""
    return _Collector(arrays, outputs).all()


class _Collector:
    def __init__(self, arrays: Arrays, outputs: Sequence[int]) -> None:
        self.old = arrays
        self.outputs = outputs
        self.new = Arrays()
        self.place: dict[int, int] = {}
        self.uses = Counter(outputs)
        for definition in arrays.all:
            self.uses.update(definition.arguments)

    def all(self) -> tuple[Arrays, list[int]]:
        for array, definition in enumerate(self.old.all):
            self.place[array] = self._made(definition)
        return self.new, [self.place[output] for output in self.outputs]

    def _made(self, definition: Array) -> int:
        kind = definition.kind
        arguments = tuple(self.place[a] for a in definition.arguments)
        if not isinstance(kind, Combination) or len(definition.shape) != 2:
            return self.new.add(kind, arguments, definition.shape)
        groups: dict[object, list[tuple[float, _Term]]] = {}
        rest: list[tuple[float, int]] = []
        for coefficient, argument in zip(kind.coefficients, definition.arguments, strict=True):
            term = self._term(argument)
            if term is None:
                rest.append((coefficient, self.place[argument]))
            else:
                key = replaced(term.product, scale=1.0), term.right
                groups.setdefault(key, []).append((coefficient, term))
        if all(len(group) == 1 for group in groups.values()):
            return self.new.add(kind, arguments, definition.shape)
        terms = [(1.0, self._collected(group, definition.shape)) for group in groups.values()]
        return self._sum([*terms, *rest], definition.shape)

    def _sum(self, terms: Sequence[tuple[float, int]], shape: tuple[int, ...]) -> int:
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        kind = Combination(tuple(coefficient for coefficient, _ in terms))
        return self.new.add(kind, tuple(array for _, array in terms), shape)

    # ------------------------------------------------------------ what a term is

    def _term(self, array: int) -> _Term | None:
        """The term as a product of matrices that nothing else uses."""
        outer = self._scaled(array, 0)
        definition = self.old[outer.matrix]
        product = definition.kind
        if self.uses[array] > 1 or self.uses[outer.matrix] > 1 or not isinstance(product, Gemm):
            return None
        if (product.batch, product.rows, product.summed, product.columns) != (0, 1, 1, 1):
            return None
        left, right = definition.arguments
        rows, summed = (1, 0) if product.turned[0] else (0, 1)
        inner = self._scaled(right, 1 if product.turned[1] else 0)
        factors = [(f, power, None if axis is None else rows) for f, power, axis in outer.factors]
        factors += [
            (f, power, None if axis is None else summed) for f, power, axis in inner.factors
        ]
        scale = outer.coefficient * inner.coefficient * product.scale
        return _Term(
            product, _Scaled(scale, left, tuple(sorted(factors, key=_order))), inner.matrix
        )

    def _scaled(self, array: int, axis: int) -> _Scaled:
        """A matrix times numbers and factors along an axis."""
        definition = self.old[array]
        kind = definition.kind
        plain = _Scaled(1.0, array, ())
        if not isinstance(kind, Monomial):
            return plain
        factors: list[tuple[int, float, int | None]] = []
        matrix: int | None = None
        for factor, power in zip(definition.arguments, kind.powers, strict=True):
            place = self._axis_of(factor)
            if place in (None, axis):
                factors.append((factor, power, place))
            elif matrix is None and power == 1:
                matrix = factor
            else:
                return plain
        return plain if matrix is None else _Scaled(kind.coefficient, matrix, tuple(factors))

    def _axis_of(self, factor: int) -> int | None:
        """The one axis that a factor depends on, None for a number, -1 for more."""
        definition = self.old[factor]
        if not definition.shape:
            return None
        move = definition.kind
        if not isinstance(move, Move) or not move.everywhere:
            return -1
        axes = {index.axis for index in move.indices if index.terms}
        return axes.pop() or 0 if len(axes) == 1 and None not in axes else -1

    # ------------------------------------------------------------ one product of several

    def _collected(self, group: Sequence[tuple[float, _Term]], shape: tuple[int, ...]) -> int:
        _, first = group[0]
        own = self.old[first.left.matrix].shape
        parts = [
            (coefficient * term.left.coefficient, self._left(term.left, own))
            for coefficient, term in group
        ]
        left = self._sum(parts, own)
        arguments = (left, self.place[first.right])
        return self.new.add(replaced(first.product, scale=1.0), arguments, shape)

    def _left(self, scaled: _Scaled, shape: tuple[int, ...]) -> int:
        """The matrix times its factors."""
        matrix = self.place[scaled.matrix]
        if not scaled.factors:
            return matrix
        arguments = [self._along(factor, axis, shape) for factor, _, axis in scaled.factors]
        powers = tuple(power for _, power, _ in scaled.factors)
        return self.new.add(Monomial(1.0, (*powers, 1.0)), (*arguments, matrix), shape)

    def _along(self, factor: int, axis: int | None, shape: tuple[int, ...]) -> int:
        """A factor that follows one axis, as it is for another."""
        definition = self.old[factor]
        if axis is None:
            return self.place[factor]
        move = definition.kind
        assert isinstance(move, Move)
        indices = tuple(Affine(((axis, 1),)) if index.terms else index for index in move.indices)
        (argument,) = definition.arguments
        return self.new.add(Move(indices), (self.place[argument],), shape)


def _order(factor: tuple[int, float, int | None]) -> tuple[int, float]:
    return factor[0], factor[1]
