"""What every linear operator can do.

An operator is a linear map from arrays of shape ``columns`` to arrays of shape ``rows``. As a
matrix it has one row for each entry of ``rows`` and one column for each entry of ``columns``,
both read with the last axis fastest, as ``numpy.ravel`` does.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gradform.errors import ArrayError, CannotError
from gradform.language import say
from gradform.linear_operators.arrays import Array
from gradform.linear_operators.factored import Factored, factored

__all__ = ["Arithmetic", "LinearOperator"]


# Numbers of an array that is made for what the structure does not tell: 3 GB.
_LARGEST = 400_000_000


class Arithmetic(NamedTuple):
    """How operators are added and multiplied, which takes all of their classes."""

    add: Callable[[Sequence[LinearOperator]], LinearOperator]
    multiply: Callable[[LinearOperator, LinearOperator], LinearOperator]


class LinearOperator(ABC):
    """A linear map from arrays of shape ``columns`` to arrays of shape ``rows``.

    ``op @ x`` takes x of shape ``columns``, x flat, or several flat ones as the columns of a
    matrix. ``op.solve(b)`` likewise takes what has the shape of a value.
    SciPy takes it wherever it takes a ``scipy.sparse.linalg.LinearOperator``.
    """

    arithmetic: ClassVar[Arithmetic | None] = None
    known_symmetric = False  # by what the operator is, where its structure does not tell
    __array_ufunc__ = None  # NumPy leaves ``array @ operator`` to this class

    def __init__(self, rows: Sequence[int], columns: Sequence[int], dtype: Any) -> None:
        self.rows = tuple(rows)
        self.columns = tuple(columns)
        self.dtype = dtype if isinstance(dtype, np.dtype) else np.dtype(dtype)

    # ------------------------------------------------------------ what a structure tells

    @abstractmethod
    def _times(self, x: Array) -> Array:
        """The product with a matrix of ``shape[1]`` rows."""

    @property
    @abstractmethod
    def T(self) -> LinearOperator:
        """The transpose, with rows and columns exchanged."""

    def transpose(self) -> LinearOperator:
        """The same as ``T``, as SciPy calls it."""
        return self.T

    @property
    def H(self) -> LinearOperator:
        """The adjoint, which of a real map is the transpose."""
        return self.T

    def adjoint(self) -> LinearOperator:
        """The same as ``H``, as SciPy calls it."""
        return self.T

    @property
    @abstractmethod
    def stored(self) -> int:
        """How many numbers are kept besides the arrays that the caller gave."""

    @property
    def is_empty(self) -> bool:
        """Whether it is 0 by its structure."""
        return False

    @property
    @abstractmethod
    def structure(self) -> str:
        """The structure as a formula."""

    def toarray(self) -> Array:
        """The matrix as an array of shape ``shape``."""
        return self._times(np.eye(self.shape[1], dtype=self.dtype))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The matrix, where NumPy is asked for an array."""
        return np.array(self.whole(), dtype=dtype, copy=copy)

    def whole(self) -> Array:
        """The array, for what the structure does not tell. CannotError where it is very large."""
        if self.shape[0] * self.shape[1] > _LARGEST:
            raise CannotError(
                say(
                    "This takes {structure} as an array of shape {shape}.",
                    structure=self.structure,
                    shape=self.shape,
                ),
                kind="too_large",
                hint=say(
                    "iterate with products, as scipy.sparse.linalg.cg(op, b) does, or ask for "
                    "op.toarray()"
                ),
            )
        return self.toarray()

    def diagonal(self) -> Array:
        """The entries with equal row and column."""
        return np.diagonal(self.toarray()).copy()

    def _solved(self, b: Array) -> Array:
        """The solutions for the columns of b; the matrix is square."""
        return self._factored.solve(b)

    def logdet(self) -> float:
        """log|det|; -inf for a singular matrix."""
        self._require_square(say("logarithm of the determinant"))
        return float(np.linalg.slogdet(self.whole())[1])

    @property
    def is_symmetric(self) -> bool:
        """Whether the structure makes the matrix equal to its transpose."""
        return False

    def is_definite(self) -> bool:
        """Whether the matrix is symmetric, to rounding, and positive definite.

        Where the structure does not tell, it is factored as an array.
        """
        self._require_square(say("definiteness"))
        try:
            if self.is_symmetric:
                return self._factored.is_definite
            matrix = self.whole()
            symmetric = self.is_nearly_symmetric(matrix)
            return symmetric and factored(matrix, symmetric=True).is_definite
        except CannotError:
            return False

    @staticmethod
    def is_nearly_symmetric(matrices: Array) -> bool:
        """Whether a square matrix, or each of several, is its own transpose to rounding."""
        near = np.sqrt(np.finfo(matrices.dtype).eps) * np.abs(matrices).max(initial=0.0)
        turned = np.swapaxes(matrices, -1, -2)
        return bool(np.abs(matrices - turned).max(initial=0.0) <= near)

    def reshaped(self, rows: Sequence[int], columns: Sequence[int]) -> LinearOperator:
        """The same matrix as a map between arrays of other shapes."""
        if rows == self.rows and columns == self.columns:
            return self
        if (math.prod(rows), math.prod(columns)) != self.shape:
            raise ArrayError(
                say(
                    "A map of shape {shape} is none from {columns} to {rows}.",
                    shape=self.shape,
                    columns=tuple(columns),
                    rows=tuple(rows),
                ),
                kind="array",
            )
        other: LinearOperator = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.rows, other.columns = tuple(rows), tuple(columns)
        other.__dict__.pop("_factored", None)
        return other

    # ------------------------------------------------------------ shape

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix."""
        return math.prod(self.rows), math.prod(self.columns)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of the derivative as an array: the axes of rows, then of columns."""
        return self.rows + self.columns

    @property
    def ndim(self) -> int:
        return 2

    # ------------------------------------------------------------ products

    def __matmul__(self, other: Any) -> Any:
        if isinstance(other, LinearOperator):
            assert self.arithmetic is not None
            return self.arithmetic.multiply(self, other)
        x = np.asarray(other)
        return self._mapped(x, self._times, self.columns, self.rows, say("multiplied by"))

    def __rmatmul__(self, other: Any) -> Any:
        x = np.asarray(other)
        if x.ndim == 2 and x.shape != self.rows:
            return self.T.matmat(x.T).T
        return self.T @ x

    def matvec(self, x: Any) -> Array:
        """The product with a vector: flat, a column, or in the shape of ``columns``."""
        x = np.asarray(x)
        if x.shape in {(self.shape[1],), (self.shape[1], 1)}:
            return self._times(x.reshape(-1, 1)).reshape(-1 if x.ndim == 1 else (-1, 1))
        product: Array = self @ x
        return product

    def rmatvec(self, x: Any) -> Array:
        """The product of the transpose with a vector."""
        return self.T.matvec(x)

    def matmat(self, x: Any) -> Array:
        """The product with the columns of a matrix."""
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[0] != self.shape[1]:
            raise self._does_not_fit(x, say("multiplied by"), self.columns)
        return self._times(x)

    def rmatmat(self, x: Any) -> Array:
        """The product of the transpose with the columns of a matrix."""
        return self.T.matmat(x)

    def solve(self, b: Any) -> Array:
        """x with ``op @ x = b``, by the structure.

        CannotError for a matrix that is not square or is singular to working precision.
        """
        self._require_square(say("solution"))
        return self._mapped(np.asarray(b), self._solved, self.rows, self.columns, say("solved for"))

    def _mapped(
        self,
        x: Array,
        work: Callable[[Array], Array],
        given: tuple[int, ...],
        made: tuple[int, ...],
        what: str,
    ) -> Array:
        """A map of matrices, for an array of a shape, a flat one, or the columns of a matrix."""
        count = math.prod(given)
        if x.shape == given:
            return work(x.reshape(count, 1)).reshape(made)
        if x.shape == (count,):
            return work(x.reshape(count, 1)).reshape(-1)
        if x.ndim == 2 and x.shape[0] == count:
            return work(x)
        raise self._does_not_fit(x, what, given)

    def _does_not_fit(self, x: Array, what: str, given: tuple[int, ...]) -> ArrayError:
        count = math.prod(given)
        return ArrayError(
            say(
                "An operator of shape {shape} cannot be {what} an array of shape {given}.",
                shape=self.shape,
                what=what,
                given=x.shape,
            ),
            kind="array",
            hint=say("give shape {given}, ({count},) or ({count}, k)", given=given, count=count),
        )

    def _require_square(self, what: str) -> None:
        if self.shape[0] != self.shape[1]:
            raise CannotError(
                say(
                    "An operator of shape {shape} has no {what}: it is not square.",
                    shape=self.shape,
                    what=what,
                ),
                kind="not_square",
            )

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: Any) -> LinearOperator:
        if isinstance(other, LinearOperator):
            assert self.arithmetic is not None
            return self.arithmetic.add([self, other])
        if np.isscalar(other) and other == 0:  # where ``sum`` begins
            return self
        raise ArrayError(
            say("Operators are added to operators, not to {type}.", type=type(other).__name__),
            kind="array",
            hint=say("op.toarray() is the matrix as an array; op + Identity(op.rows, c) adds c·I"),
        )

    __radd__ = __add__

    def __sub__(self, other: LinearOperator) -> LinearOperator:
        return self + -1 * other

    def __rsub__(self, other: Any) -> LinearOperator:
        difference: LinearOperator = -self + other
        return difference

    def __neg__(self) -> LinearOperator:
        return -1 * self

    def __mul__(self, factor: float) -> LinearOperator:
        if not np.isscalar(factor) and np.ndim(factor):
            return NotImplemented
        return self._scaled(float(factor))

    __rmul__ = __mul__

    def __truediv__(self, factor: float) -> LinearOperator:
        if not np.isscalar(factor) and np.ndim(factor):
            return NotImplemented
        return self._scaled(1 / float(factor))

    @abstractmethod
    def _scaled(self, factor: float) -> LinearOperator:
        """The operator times a number."""

    def trace(self) -> float:
        """The sum of the diagonal."""
        self._require_square(say("trace"))
        return float(self.diagonal().sum())

    @cached_property
    def _factored(self) -> Factored:
        """A factorisation of the matrix as an array."""
        return factored(self.whole(), symmetric=self.is_symmetric or self.known_symmetric)

    def __repr__(self) -> str:
        m, n = self.shape
        numbers = "1 number" if self.stored == 1 else f"{self.stored} numbers"
        return f"<{self.structure}, {m}×{n}, {numbers} stored>"

    def __str__(self) -> str:
        return self.structure
