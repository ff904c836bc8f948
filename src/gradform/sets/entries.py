"""Entries of vectors: floats to compute with, and the exact numbers they were given as."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gradform.errors import ArrayError
from gradform.language import say

__all__ = ["Array", "Entries", "Given", "Number", "as_number", "as_rational", "short_rational"]

Array: TypeAlias = npt.NDArray[np.float64]
Number: TypeAlias = int | float | Fraction | str
Given: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | Entries"

_MOST_KEPT = 4096
_LARGEST_DENOMINATOR = 360
_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
}


class Entries:
    """A read-only array of floats that remembers how its entries were written.

    Entries may be ints, Fractions, floats, or strings such as ``"1/3"``, ``"-inf"`` and
    ``"-1+1/sqrt(2)"``. A NumPy array of floats is kept as it is.
    """

    __slots__ = ("given", "values")

    values: Array
    given: tuple[Number, ...] | None

    def __init__(self, values: Given, *, infinite: bool = False) -> None:
        if isinstance(values, Entries):
            self.values, self.given = values.values, values.given
        else:
            self.values, self.given = _read(values)
        if np.isnan(self.values).any() or not (infinite or np.isfinite(self.values).all()):
            raise ArrayError(say("entries of a set must be finite numbers"), kind="value")

    def rationals(self) -> list[Fraction] | None:
        """Every entry as a Fraction in row-major order; None if one is no finite rational."""
        found: list[Fraction] = []
        for entry in self.listed():
            exact = as_rational(entry)
            if exact is None:
                return None
            found.append(exact)
        return found

    def listed(self) -> list[Number]:
        """The entries as given, row by row."""
        if self.given is not None:
            return list(self.given)
        return list(self.values.ravel().tolist())

    def __len__(self) -> int:
        return int(self.values.size)


def _read(values: Sequence[Any] | npt.NDArray[Any]) -> tuple[Array, tuple[Number, ...] | None]:
    given = None
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu":
        array = np.array(values, dtype=np.float64)
    else:
        objects = np.array(values, dtype=object)
        flat = [_plain(entry) for entry in objects.ravel().tolist()]
        floats = [as_number(entry) for entry in flat]
        array = np.array(floats, dtype=np.float64).reshape(objects.shape)
        given = tuple(flat) if len(flat) <= _MOST_KEPT else None
    array.setflags(write=False)
    return array, given


def _plain(entry: Any) -> Number:
    if isinstance(entry, (bool, np.bool_)) or not isinstance(
        entry, (int, float, Fraction, str, np.integer, np.floating)
    ):
        raise ArrayError(say("{entry} is not a number", entry=repr(entry)), kind="value")
    if isinstance(entry, np.integer):
        return int(entry)
    return float(entry) if isinstance(entry, np.floating) else entry


def as_number(entry: Number) -> float:
    """The nearest float of an entry."""
    if not isinstance(entry, str):
        return float(entry)
    exact = as_rational(entry)
    if exact is not None:
        return float(exact)
    try:
        return _evaluated(ast.parse(entry.replace("^", "**"), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError) as error:
        raise ArrayError(say("{entry} is not a number", entry=repr(entry)), kind="value") from error


def as_rational(entry: Number) -> Fraction | None:
    """The entry as an exact Fraction, floats bit for bit; None for inf and irrational text."""
    try:
        return Fraction(entry)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def short_rational(value: float) -> Fraction | None:
    """The fraction of small denominator within one unit in the last place, if there is one."""
    if not math.isfinite(value):
        return None
    near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    return near if abs(float(near) - value) <= math.ulp(value) else None


def _evaluated(node: ast.expr) -> float:
    """Arithmetic with + - * / powers and a few functions of constants."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combined(operator, _evaluated(left), _evaluated(right))
        case ast.Call(func=ast.Name(id=name), args=[operand], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_evaluated(operand))
        case _:
            raise ValueError("not arithmetic")


def _combined(operator: ast.operator, left: float, right: float) -> float:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return float(left**right)
        case _:
            raise ValueError("not arithmetic")
