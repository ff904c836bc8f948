"""Shapes of what people write, and the rules that give a function's shape.

A written shape is (rows, columns): a scalar is (1, 1), a column (n, 1), a row (1, n).
Dimensions are unified while rules run, so that undeclared sizes are found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

from gradform.errors import ShapeError
from gradform.ir.dims import ONE, Dim, dim
from gradform.language import Message, say

__all__ = [
    "SCALAR",
    "THIS",
    "Shape",
    "ShapeRule",
    "Unifier",
    "agreeing_scalar",
    "column",
    "describe",
    "elementwise",
    "length_of_square",
    "needs_axis",
    "reduction",
    "same_shape",
    "scalar_of_square",
    "scalar_of_vector",
    "square",
    "vector_length",
]


class Shape(NamedTuple):
    """Rows and columns as written."""

    rows: Dim
    cols: Dim

    @property
    def is_scalar(self) -> bool:
        return self.rows is ONE and self.cols is ONE

    @property
    def is_column(self) -> bool:
        return self.cols is ONE and self.rows is not ONE

    @property
    def is_row(self) -> bool:
        return self.rows is ONE and self.cols is not ONE

    @property
    def is_vector(self) -> bool:
        return self.is_column or self.is_row

    @property
    def is_matrix(self) -> bool:
        return self.rows is not ONE and self.cols is not ONE

    @property
    def axes(self) -> tuple[Dim, ...]:
        """The axes of the tensor: rows and columns have one, scalars none."""
        return tuple(d for d in (self.rows, self.cols) if d is not ONE)


SCALAR = Shape(ONE, ONE)


def column(n: Dim) -> Shape:
    return Shape(n, ONE)


THIS = say("this")
"""In messages of shape rules: the argument, which the caller can name."""


def describe(shape: Shape) -> Message:
    """``a scalar``, ``a column vector (n)``, ``a row vector (1 x n)``, ``an m x n matrix``."""
    if shape.is_scalar:
        return say("a scalar")
    if shape.is_column:
        return say("a column vector ({length})", length=shape.rows)
    if shape.is_row:
        return say("a row vector (1 x {length})", length=shape.cols)
    if str(shape.rows)[0] in "aefhilmnorsx8":
        return say("an {rows} x {columns} matrix", rows=shape.rows, columns=shape.cols)
    return say("a {rows} x {columns} matrix", rows=shape.rows, columns=shape.cols)


class Unifier:
    """Equates dimensions. Unknown ones are names that start with ``?``."""

    def __init__(self) -> None:
        self.known: dict[str, Dim] = {}
        self._names = count(1)

    def fresh(self) -> Dim:
        return dim(f"?{next(self._names)}")

    def resolve(self, size: Dim) -> Dim:
        """The dimension with everything found so far put in."""
        while any(name in self.known for name in size.names):
            size = size.substitute(self.known)
        return size

    def shape(self, shape: Shape) -> Shape:
        return Shape(self.resolve(shape.rows), self.resolve(shape.cols))

    def same(self, left: Dim, right: Dim) -> bool:
        """Make two dimensions equal; False when they cannot be."""
        left, right = self.resolve(left), self.resolve(right)
        if left is right:
            return True
        for one, other in ((left, right), (right, left)):
            if one.is_name and one.name.startswith("?") and one.name not in other.names:
                self.known[one.name] = other
                return True
        return self._solve_linear(left, right)

    def _solve_linear(self, left: Dim, right: Dim) -> bool:
        """?k + rest = 0 with coefficient ±1 and ?k nowhere else."""
        gap = left - right
        for monomial, coefficient in gap.terms:
            if len(monomial) != 1 or abs(coefficient) != 1 or not monomial[0].startswith("?"):
                continue
            name = monomial[0]
            rest = gap - dim(name) * coefficient
            if name not in rest.names:
                self.known[name] = rest * -coefficient
                return True
        return False


ShapeRule = Callable[[Unifier, str, Sequence[Any]], Shape]


def elementwise(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """One shape for all arguments; scalars broadcast."""
    shape: Shape = args[0]
    for other in args[1:]:
        if other.is_scalar:
            continue
        if shape.is_scalar:
            shape = other
            continue
        if not (unify.same(shape.rows, other.rows) and unify.same(shape.cols, other.cols)):
            raise ShapeError(
                _disagree(name, unify.shape(shape), unify.shape(other)),
                kind="dimension_mismatch",
            )
    return unify.shape(shape)


def _disagree(name: str, left: Shape, right: Shape) -> Message:
    return say(
        "{name}: the arguments are {left} and {right}; shapes must agree.",
        name=name,
        left=describe(left),
        right=describe(right),
    )


def same_shape(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """The shape of the first argument."""
    shape: Shape = args[0]
    return shape


def reduction(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """All entries to a scalar; with axis 1 over rows to a row, axis 2 over columns to a column."""
    shape: Shape = args[0]
    axis = args[1] if len(args) > 1 else None
    if axis is None:
        return SCALAR
    return Shape(ONE, shape.cols) if axis == 1 else Shape(shape.rows, ONE)


def square(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """A square matrix to a square matrix."""
    shape: Shape = args[0]
    if not unify.same(shape.rows, shape.cols):
        raise ShapeError(
            say(
                "{name} needs a square matrix; {this} is {shape}.",
                name=name,
                this=THIS,
                shape=describe(unify.shape(shape)),
            ),
            kind="not_square",
        )
    return unify.shape(shape)


def scalar_of_square(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """A square matrix to a scalar."""
    square(unify, name, args)
    return SCALAR


def vector_length(unify: Unifier, name: str, shape: Shape) -> Dim:
    """The length of a column or row; ShapeError for a matrix."""
    if shape.is_matrix:
        raise ShapeError(
            say(
                "{name} needs a vector; {this} is {shape}.",
                name=name,
                this=THIS,
                shape=describe(unify.shape(shape)),
            ),
            kind="dimension_mismatch",
        )
    return shape.cols if shape.is_row else shape.rows


def length_of_square(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """An n x n matrix to a column of length n."""
    return column(square(unify, name, args).rows)


def scalar_of_vector(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """A vector to a scalar; for a matrix the word means several things."""
    shape: Shape = args[0]
    if shape.is_matrix:
        raise ShapeError(
            say(
                "{name} of a matrix is ambiguous; {this} is {shape}.",
                name=name,
                this=THIS,
                shape=describe(unify.shape(shape)),
            ),
            kind="ambiguous",
            hint=say("{name} takes a vector: {name}(vec(A)) looks at all entries.", name=name),
        )
    return SCALAR


def needs_axis(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """The shape of the first argument; a matrix needs the axis as second argument."""
    shape: Shape = args[0]
    if shape.is_matrix and len(args) == 1:
        raise ShapeError(
            say("{name} of a matrix needs an axis: {name}(A,1) or {name}(A,2).", name=name),
            kind="ambiguous",
            hint=say("1 goes down each column, 2 along each row."),
        )
    return shape


def agreeing_scalar(unify: Unifier, name: str, args: Sequence[Any]) -> Shape:
    """Arguments of equal shape to a scalar."""
    first, second = args
    if not (unify.same(first.rows, second.rows) and unify.same(first.cols, second.cols)):
        raise ShapeError(
            _disagree(name, unify.shape(first), unify.shape(second)),
            kind="dimension_mismatch",
        )
    return SCALAR
