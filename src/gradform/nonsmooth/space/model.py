"""Values of subformulas at the point, with their first-order change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gradform.exact import Undecided
from gradform.language import Message, say
from gradform.nonsmooth.space.changes import (
    Array,
    Change,
    Linear,
    Matrix,
    added,
    mapped,
    selection,
)
from gradform.nonsmooth.space.exactly import Exact

__all__ = ["Model", "Ties", "constant", "picked", "summed"]

NUMBERS = say("numbers")
ROUNDING = 1e-15
"""What one operation may add to the relative error of a float."""


class Ties:
    """How ties are decided, and what had to be assumed for it.

    With ``tolerance`` 0 by exact arithmetic; where a number has no exact form, it counts as
    zero below the bound of its rounding error. A positive tolerance is added to that bound.
    """

    def __init__(self, tolerance: float = 0.0) -> None:
        self.tolerance = tolerance
        self.assumed: set[Message] = set()

    def assume(self, bound: float, what: Message = NUMBERS) -> None:
        self.assumed.add(
            say("{what} below {bound:.1g} in size are taken to be zero", what=what, bound=bound)
        )


class Model:
    """A 2-D value with the bound of its rounding error, exact value and change.

    ``change`` is None for constants; it is a vector of the entries row by row.
    """

    __slots__ = (
        "_exact",
        "_is_affine",
        "_known",
        "change",
        "error",
        "nonnegative",
        "ties",
        "value",
    )

    def __init__(
        self,
        value: Matrix,
        error: float,
        change: Change | None,
        exact: Callable[[], Exact | None],
        ties: Ties,
        *,
        affine: bool = False,
    ) -> None:
        self.value = value
        self._is_affine = affine
        self.nonnegative = False  # known to be so at all points
        self.error = error
        self.change = change
        self.ties = ties
        self._exact = exact
        self._known: Exact | bool | None = False

    @property
    def shape(self) -> tuple[int, int]:
        return int(self.value.shape[0]), int(self.value.shape[1])

    @property
    def size(self) -> int:
        rows, columns = self.shape
        return rows * columns

    @property
    def number(self) -> float:
        """The value of a scalar."""
        return float(self.value[0, 0])

    @property
    def is_constant(self) -> bool:
        return self.change is None

    @property
    def is_affine(self) -> bool:
        """Whether the value is an affine map of the variables, by the form of the formula."""
        return self.change is None or self._is_affine

    @property
    def flat(self) -> Array:
        return np.asarray(self.value, dtype=np.float64).ravel()

    @property
    def exact(self) -> Exact | None:
        """The value without rounding; None where there is no exact form."""
        if isinstance(self._known, bool):
            try:
                self._known = self._exact()
            except (Undecided, ZeroDivisionError, ValueError, TypeError, OverflowError):
                self._known = None
        return self._known

    def moving(self, change: Change | None) -> Model:
        """The same value with a change."""
        return Model(self.value, self.error, change, lambda: self.exact, self.ties, affine=True)

    def signs(self) -> npt.NDArray[np.int8]:
        """The sign of every entry, row by row, ties decided exactly."""
        flat = self.flat
        tolerance = self.ties.tolerance
        found = np.sign(flat).astype(np.int8)
        near = np.abs(flat) <= max(self.error, tolerance)
        if not near.any():
            return found
        if tolerance:
            found[near] = 0
            self.ties.assume(max(self.error, tolerance))
            return found
        if self.error == 0.0:
            return found
        exact = self.exact
        if exact is None:
            found[near] = 0
            self.ties.assume(self.error)
            return found
        return np.where(near, exact.signs().ravel(), found).astype(np.int8)

    def minus(self, other: Model) -> Model:
        """The difference as a value, for comparison."""
        value = np.asarray(self.value - other.value)
        scale = np.abs(self.value).max(initial=0) + np.abs(other.value).max(initial=0)
        error = self.error + other.error + ROUNDING * float(scale)
        return Model(value, error, None, lambda: _difference(self.exact, other.exact), self.ties)


def _difference(left: Exact | None, right: Exact | None) -> Exact | None:
    return None if left is None or right is None else left - right


def constant(value: Array, exact: Exact | None, ties: Ties) -> Model:
    """A number or array without variables."""
    size = float(np.abs(value).max(initial=0.0))
    whole = exact is not None and exact.reals is None and exact.denominator == 1 and size < 2**53
    return Model(value, 0.0 if whole else ROUNDING * size, None, lambda: exact, ties)


def picked(inner: Model, rows: npt.NDArray[np.int64], shape: tuple[int, int]) -> Model:
    """Entries of a value, by their places row by row."""
    value = np.asarray(inner.value).ravel()[rows].reshape(shape)

    def exact() -> Exact | None:
        known = inner.exact
        return None if known is None else known.mapped(lambda n: n.ravel()[rows].reshape(shape))

    if inner.change is None:
        return Model(value, inner.error, None, exact, inner.ties)
    change: Change
    if isinstance(inner.change, Linear):
        change = Linear(inner.change.matrix[rows])
    else:
        change = mapped(selection(rows, inner.size), inner.change)
    return Model(value, inner.error, change, exact, inner.ties, affine=inner.is_affine)


def summed(models: Sequence[Model], value: Array, exact: Callable[[], Any]) -> Model:
    """A sum of values of one shape."""
    error = sum(m.error for m in models) + ROUNDING * len(models) * sum(
        float(np.abs(m.value).max(initial=0.0)) for m in models
    )
    if all(m.error == 0.0 for m in models) and float(np.abs(value).max(initial=0.0)) < 2**52:
        error = 0.0
    changes = [m.change for m in models if m.change is not None]
    affine = all(m.is_affine for m in models)
    change = added(changes) if changes else None
    return Model(value, error, change, exact, models[0].ties, affine=affine)
