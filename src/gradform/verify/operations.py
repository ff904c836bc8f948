"""The operators of the input language on 2-D arrays, real or complex.

Stricter than NumPy: shapes are equal or one operand is a scalar (1×1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.errors import ShapeError
from gradform.language import say

__all__ = [
    "COMPARE",
    "FACTOR",
    "TERM",
    "Array",
    "Operation",
    "block",
    "element",
    "entrywise_power",
    "power",
    "stack",
]

Array: TypeAlias = NDArray[Any]
Operation: TypeAlias = Callable[..., Array]


def _fit(left: Array, right: Array) -> None:
    """Equal shapes, or one scalar; NumPy's wider broadcasting is not part of the language."""
    if left.shape != right.shape and left.size != 1 and right.size != 1:
        raise ShapeError(
            say(
                "Arrays of shape {left} and {right} do not fit.",
                left=left.shape,
                right=right.shape,
            ),
            kind="dimension_mismatch",
        )


def add(left: Array, right: Array) -> Array:
    """left + right"""
    _fit(left, right)
    return left + right


def subtract(left: Array, right: Array) -> Array:
    """left - right"""
    _fit(left, right)
    return left - right


def entrywise_product(left: Array, right: Array) -> Array:
    """left .* right"""
    _fit(left, right)
    return left * right


def entrywise_quotient(left: Array, right: Array) -> Array:
    """left ./ right"""
    _fit(left, right)
    return left / right


def multiply(left: Array, right: Array) -> Array:
    """Matrix product, or scaling by a scalar."""
    if left.size == 1 or right.size == 1:
        return left * right
    if left.shape[1] != right.shape[0]:
        raise ShapeError(
            say(
                "Arrays of shape {left} and {right} have no product.",
                left=left.shape,
                right=right.shape,
            ),
            kind="dimension_mismatch",
        )
    return left @ right


def divide(left: Array, right: Array) -> Array:
    """Division by a scalar."""
    if right.size != 1:
        raise ShapeError(say("The divisor is not a scalar."), kind="dimension_mismatch")
    return left / right


def _integer_value(exponent: Array) -> int | None:
    """The exponent as an integer when it is a real scalar with an integer value."""
    if exponent.size != 1 or exponent.dtype.kind == "c":
        return None
    value = float(exponent[0, 0])
    return int(value) if value.is_integer() else None


def entrywise_power(base: Array, exponent: Array) -> Array:
    """Every entry to its power."""
    _fit(base, exponent)
    times = _integer_value(exponent)
    if times is None:
        return np.asarray(np.power(base, exponent))
    if times < 0:
        base, times = 1 / base, -times
    return _repeated(np.multiply, base, times) if times else np.ones_like(base)


def power(base: Array, exponent: Array) -> Array:
    """A scalar to a scalar power, or a square matrix to an integer power."""
    if exponent.size != 1:
        raise ShapeError(say("The exponent is not a scalar."), kind="ambiguous")
    if base.size == 1:
        return entrywise_power(base, exponent)
    times = _integer_value(exponent)
    if times is None:
        raise ShapeError(say("A matrix power needs an integer."), kind="non_integer_power")
    if base.shape[0] != base.shape[1]:
        raise ShapeError(say("A power needs a square matrix."), kind="not_square")
    if times < 0:
        base, times = np.linalg.inv(base), -times
    return _repeated(np.matmul, base, times) if times else np.eye(len(base))


def _repeated(product: Operation, base: Array, times: int) -> Array:
    """``base`` times itself, by squaring: exact signs, and no logarithm of the base."""
    while not times & 1:
        base, times = product(base, base), times >> 1
    result = base
    times >>= 1
    while times:
        base = product(base, base)
        if times & 1:
            result = product(result, base)
        times >>= 1
    return result


def stack(row_lengths: Sequence[int], *blocks: Array) -> Array:
    """Blocks side by side, ``row_lengths[k]`` of them in row k, and rows below one another."""
    rows: list[Array] = []
    begin = 0
    for length in row_lengths:
        rows.append(np.concatenate(blocks[begin : begin + length], axis=1))
        begin += length
    return np.concatenate(rows, axis=0)


def element(entries: slice, vector: Array) -> Array:
    """Entries of a column or row."""
    if vector.shape[0] == 1:
        return block(slice(0, 1), entries, vector)
    if vector.shape[1] != 1:
        raise ShapeError(say("A matrix has two indices, as in A(1, 3)."), kind="arity")
    return block(entries, slice(0, 1), vector)


def block(rows: slice, columns: slice, array: Array) -> Array:
    """Rows and columns of a matrix; 0-based, and never beyond its edges."""
    for wanted, length in zip((rows, columns), array.shape, strict=True):
        if wanted.start < 0 or (wanted.stop is not None and wanted.stop > length):
            raise ShapeError(
                say("An index lies outside an array of shape {shape}.", shape=array.shape),
                kind="index_out_of_range",
            )
    return array[rows, columns]


# By sign and by operator, as the tree spells them.
TERM: dict[int, Operation] = {1: add, -1: subtract}
FACTOR: dict[str, Operation] = {
    "*": multiply,
    "/": divide,
    ".*": entrywise_product,
    "./": entrywise_quotient,
}


def _compared(operator: Callable[[Any, Any], Any]) -> Operation:
    """A comparison of real parts: a complex step stays on the side its point is on."""

    def compare(left: Array, right: Array) -> Array:
        _fit(left, right)
        return np.asarray(operator(np.real(left), np.real(right)))

    return compare


COMPARE: dict[str, Operation] = {
    sign: _compared(operator)
    for sign, operator in {
        "<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt,
    }.items()
}  # fmt: skip
