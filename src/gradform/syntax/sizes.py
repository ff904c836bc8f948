"""Sizes in a formula: unification, sizes written as formulas, readable names for found ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, count

from gradform.errors import GradformError
from gradform.formula.tree import Add, Formula, Mul, Name, Neg, Number, fold
from gradform.functions.shapes import Shape, Unifier
from gradform.ir.dims import ONE, Dim, dim

__all__ = ["Sizes", "dimension", "is_size", "is_unknown", "name_unknowns"]

_POOL = ("n", "m", "k", "p", "q", "r", "s", "t", "l", "d", "h")


class Sizes(Unifier):
    """Unification in which nothing but 1 equals 1.

    Whether something is a scalar, a vector or a matrix is read from its name or its
    declaration. An unknown size therefore never turns out to be 1: ``x + y'`` is a column
    plus a row, not a hidden sum of scalars.
    """

    any_unknown = False

    def fresh(self) -> Dim:
        self.any_unknown = True
        return super().fresh()

    def resolve(self, size: Dim) -> Dim:
        if not self.known or not any(name in self.known for name in size.names):
            return size
        found = super().resolve(size)
        if size.is_name:
            self.known[size.name] = found  # keeps chains of equal unknowns short
        return found

    def same(self, left: Dim, right: Dim) -> bool:
        if left is right:
            return True
        left, right = self.resolve(left), self.resolve(right)
        if left is ONE or right is ONE:
            return left is right
        before = len(self.known)
        if not super().same(left, right):
            return False
        return len(self.known) == before or is_size(next(reversed(self.known.values())))


def is_size(size: Dim) -> bool:
    """False for what cannot be a size: zero, a negative number, ``-n``."""
    return any(coefficient > 0 for _, coefficient in size.terms)


def is_unknown(size: Dim) -> bool:
    """Whether the size is still to be found."""
    return any(name.startswith("?") for name in size.names)


def unknowns(size: Dim) -> list[str]:
    """The unknown names of a size, oldest first."""
    return sorted(
        (name for name in size.names if name.startswith("?")), key=lambda name: int(name[1:])
    )


def dimension(
    formula: Formula, known: Collection[str], reject: Callable[[Formula], GradformError]
) -> Dim:
    """The size a formula such as ``2*n-1`` stands for.

    ``known`` are the names of dimensions. ``reject`` makes the error for a part that is
    no integer expression of them.
    """

    def visit(node: Formula, parts: list[Dim]) -> Dim:
        match node:
            case Number() if node.value.denominator == 1:
                return dim(node.value.numerator)
            case Name() if node.name in known:
                return dim(node.name)
            case Neg():
                return parts[0] * -1
            case Add():
                total = parts[0]
                for sign, part in zip(node.signs[1:], parts[1:], strict=True):
                    total = total + part * sign
                return total
            case Mul() if set(node.ops) == {"*"}:
                product = parts[0]
                for part in parts[1:]:
                    product = product * part
                return product
            case _:
                raise reject(node)

    return fold(formula, visit)


def name_unknowns(sizes: Sizes, shapes: Iterable[Shape], taken: Collection[str]) -> None:
    """Give the unknown sizes of the variables the names people use.

    A matrix of two unknown sizes is m x n; whatever comes after takes n, m, k, p, …
    """
    used = set(taken)
    for raw in shapes:
        shape = sizes.shape(raw)
        rows, cols = unknowns(shape.rows), unknowns(shape.cols)
        if rows and cols and rows != cols:
            _name(sizes, rows[0], used, first="m")
            cols = unknowns(sizes.resolve(shape.cols))
            for unknown in cols[:1]:
                _name(sizes, unknown, used, first="n")
        for unknown in chain(rows, cols):
            _name(sizes, unknown, used)


def _name(sizes: Sizes, unknown: str, used: set[str], first: str = "n") -> None:
    if unknown in sizes.known:
        return
    name = next(name for name in _names(first) if name not in used)
    used.add(name)
    sizes.known[unknown] = dim(name)


def _names(first: str) -> Iterator[str]:
    yield first
    yield from _POOL
    yield from (f"n{number}" for number in count(1))
