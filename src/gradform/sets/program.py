"""Conic programs in which a set is a linear image of simple cones (a lift).

Expressions are linear in the variables: {variable: coefficient}, variable 0 being the
constant 1. Coefficients are floats, or Fractions in an exact program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from gradform.errors import UndecidedError
from gradform.language import say
from gradform.records import record
from gradform.sets.entries import Entries

__all__ = ["ONE", "Element", "Expression", "Program", "Scalar", "added", "scaled"]

Scalar: TypeAlias = float | Fraction
Expression: TypeAlias = dict[int, Scalar]

ONE: Expression = {0: 1}


class Liftable(Protocol):
    """What can state its elements as expressions."""

    def lift(self, program: Program, weight: Expression) -> list[Expression]: ...


_Set = TypeVar("_Set", bound=Liftable)


@record(eq=False)
class Element(Generic[_Set]):
    """An element of weight·set in a program, with those of its parts."""

    set: _Set
    weight: Expression
    entries: list[Expression]
    parts: tuple[Element[_Set], ...]


class Program:
    """Variables and what is required of them."""

    def __init__(self, *, exact: bool = False) -> None:
        self.exact = exact
        self.variables = 1
        self.zero: list[Expression] = []
        self.nonnegative: list[Expression] = []
        self.second_order: list[list[Expression]] = []
        self.semidefinite: list[list[list[Expression]]] = []
        self.elements: list[Element[Any]] = []

    @property
    def is_linear(self) -> bool:
        """Whether there are only linear equations and inequalities."""
        return not (self.second_order or self.semidefinite)

    def element(self, s: Liftable, weight: Expression) -> list[Expression]:
        """An element of weight·s, remembered in ``elements``."""
        outer, self.elements = self.elements, []
        entries = s.lift(self, weight)
        self.elements = [*outer, Element(s, weight, entries, tuple(self.elements))]
        return entries

    def new(self, count: int, *, nonnegative: bool = False) -> list[Expression]:
        """New variables."""
        found: list[Expression] = [{self.variables + i: 1} for i in range(count)]
        self.variables += count
        if nonnegative:
            self.nonnegative += found
        return found

    def new_symmetric(self, size: int) -> list[list[Expression]]:
        """A symmetric matrix of new variables."""
        free = iter(self.new(size * (size + 1) // 2))
        upper = {(i, j): next(free) for j in range(size) for i in range(j + 1)}
        return [[upper[min(i, j), max(i, j)] for j in range(size)] for i in range(size)]

    def numbers(self, entries: Entries) -> list[Scalar]:
        """The entries as coefficients of this program, row by row."""
        if not self.exact:
            return list(entries.values.ravel().tolist())
        found = entries.rationals()
        if found is None:
            raise UndecidedError(say("the set is given by numbers that are not rational"))
        return list(found)

    def second_order_cone(self, radius: Expression, vector: Sequence[Expression]) -> None:
        """Require |vector| <= radius."""
        self._refuse_exact()
        self.second_order.append([radius, *vector])

    def semidefinite_cone(self, matrix: list[list[Expression]]) -> None:
        """Require a symmetric matrix to be positive semidefinite."""
        self._refuse_exact()
        self.semidefinite.append(matrix)

    def _refuse_exact(self) -> None:
        if self.exact:
            raise UndecidedError(say("the set is no polyhedron: membership is not decided exactly"))


def added(terms: Iterable[Expression]) -> Expression:
    """The sum of expressions."""
    total: Expression = {}
    for term in terms:
        for variable, coefficient in term.items():
            total[variable] = total.get(variable, 0) + coefficient
    return total


def scaled(factor: Scalar, term: Expression) -> Expression:
    """factor·term"""
    if factor == 0:
        return {}
    return {variable: factor * coefficient for variable, coefficient in term.items()}
