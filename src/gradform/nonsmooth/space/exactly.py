"""Arrays of exact numbers: rationals over one denominator, or exact reals.

Ties are decided here. A float is read as the shortest decimal that names it, so that 0.6 is
3/5, as it is in a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gradform.exact import Real, Undecided
from gradform.language import say

__all__ = ["Exact", "decimal"]

Objects: TypeAlias = npt.NDArray[Any]

_MOST_REALS = 400


class Exact:
    """A 2-D array: ``numbers / denominator`` with whole numbers, or ``reals``."""

    __slots__ = ("denominator", "numbers", "reals")

    def __init__(
        self, numbers: Objects, denominator: int = 1, reals: Objects | None = None
    ) -> None:
        self.numbers, self.denominator, self.reals = numbers, denominator, reals

    @staticmethod
    def of_rationals(values: Iterable[Fraction | int], shape: tuple[int, int]) -> Exact:
        """Fractions over their common denominator."""
        listed = list(values)
        denominator = 1
        for value in listed:
            denominator = lcm(denominator, Fraction(value).denominator)
        numbers = np.empty(len(listed), dtype=object)
        numbers[:] = [
            Fraction(v).numerator * (denominator // Fraction(v).denominator) for v in listed
        ]
        return Exact(numbers.reshape(shape), denominator)

    @staticmethod
    def of_reals(values: Iterable[Real], shape: tuple[int, int]) -> Exact:
        """Real numbers; rationals when all of them are."""
        listed = list(values)
        rationals = [value.rational for value in listed]
        if all(value is not None for value in rationals):
            return Exact.of_rationals([v for v in rationals if v is not None], shape)
        if len(listed) > _MOST_REALS:
            raise Undecided(say("too many irrational numbers for exact arithmetic"))
        reals = np.empty(len(listed), dtype=object)
        reals[:] = listed
        return Exact(reals.reshape(shape), 1, reals.reshape(shape))

    @staticmethod
    def scalar(value: Fraction | int | Real) -> Exact:
        """A number."""
        if isinstance(value, Real):
            return Exact.of_reals([value], (1, 1))
        return Exact.of_rationals([value], (1, 1))

    @property
    def shape(self) -> tuple[int, int]:
        return self.numbers.shape[0], self.numbers.shape[1]

    @property
    def size(self) -> int:
        return int(self.numbers.size)

    def fractions(self) -> list[Fraction] | None:
        """The entries row by row, when all are rational."""
        if self.reals is not None:
            return None
        return [Fraction(int(n), self.denominator) for n in self.numbers.ravel()]

    def as_reals(self) -> Objects:
        """The entries as exact reals."""
        if self.reals is not None:
            return self.reals
        if self.size > _MOST_REALS:
            raise Undecided(say("too many irrational numbers for exact arithmetic"))
        found = np.empty(self.size, dtype=object)
        found[:] = [Real.of(Fraction(int(n), self.denominator)) for n in self.numbers.ravel()]
        return found.reshape(self.shape)

    def real(self) -> Real:
        """A scalar as a real."""
        return Real.of(self.as_reals()[0, 0])

    def signs(self) -> npt.NDArray[np.int8]:
        """The sign of every entry, by proof (Undecided if there is none)."""
        if self.reals is None:
            positive = np.asarray(self.numbers > 0, dtype=np.int8)
            return positive - np.asarray(self.numbers < 0, dtype=np.int8)
        found = [value.sign(numerical=True) for value in self.reals.ravel()]
        return np.array(found, dtype=np.int8).reshape(self.shape)

    # ------------------------------------------------------------ arithmetic

    def _both(self, other: Exact, operation: Callable[[Any, Any], Any]) -> Exact:
        values = operation(self.as_reals(), other.as_reals())
        return Exact.of_reals(np.ravel(values).tolist(), values.shape)

    def __add__(self, other: Exact) -> Exact:
        if self.reals is not None or other.reals is not None:
            return self._both(other, lambda a, b: a + b)
        common = lcm(self.denominator, other.denominator)
        left = self.numbers * (common // self.denominator)
        return Exact(left + other.numbers * (common // other.denominator), common)

    def __neg__(self) -> Exact:
        return self.mapped(lambda n: -n)

    def __sub__(self, other: Exact) -> Exact:
        return self + (-other)

    def __mul__(self, other: Exact) -> Exact:
        if self.reals is not None or other.reals is not None:
            return self._both(other, lambda a, b: a * b)
        return Exact(self.numbers * other.numbers, self.denominator * other.denominator)

    def __matmul__(self, other: Exact) -> Exact:
        if self.reals is not None or other.reals is not None:
            return self._both(other, lambda a, b: a @ b)
        return Exact(self.numbers @ other.numbers, self.denominator * other.denominator)

    def reciprocal(self) -> Exact:
        """1/x of every entry."""
        rationals = self.fractions()
        if rationals is not None:
            return Exact.of_rationals([1 / value for value in rationals], self.shape)
        return Exact.of_reals([1 / value for value in self.as_reals().ravel()], self.shape)

    def mapped(self, change: Callable[[Any], Any]) -> Exact:
        """A change of places or signs, which no denominator minds."""
        numbers = change(self.numbers)
        return Exact(numbers, self.denominator, None if self.reals is None else numbers)

    def applied(self, function: Callable[[Real], Real]) -> Exact:
        """A function of every entry."""
        return Exact.of_reals([function(value) for value in self.as_reals().ravel()], self.shape)

    def total(self) -> Exact:
        """The sum of all entries."""
        return self.mapped(lambda n: np.array([[n.sum()]], dtype=object))

    def __abs__(self) -> Exact:
        if self.reals is None:
            return self.mapped(abs)
        signs = self.signs()
        return self.mapped(lambda n: np.where(signs < 0, -n, n))


def decimal(values: npt.NDArray[np.float64]) -> Exact:
    """The shortest decimals that name the floats."""
    flat = values.ravel()
    for digits in (0, 1, 2, 3, 6):
        scaled = np.rint(flat * 10.0**digits)
        if np.array_equal(scaled / 10.0**digits, flat) and np.abs(scaled).max(initial=0) < 2**52:
            numbers = np.empty(flat.size, dtype=object)
            numbers[:] = scaled.astype(np.int64).tolist()
            return Exact(numbers.reshape(values.shape), 10**digits)
    written = [repr(value).partition("e") for value in flat.tolist()]
    powers: list[tuple[int, int]] = []
    for mantissa, _, exponent in written:
        whole, _, part = mantissa.partition(".")
        powers.append((int(whole + part), int(exponent or 0) - len(part)))
    least = min(0, *(power for _, power in powers))
    numbers = np.empty(flat.size, dtype=object)
    numbers[:] = [number * 10 ** (power - least) for number, power in powers]
    return Exact(numbers.reshape(values.shape), 10**-least)
