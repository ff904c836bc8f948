"""Arrays, the library that factors them, and the refusal of singular ones."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.errors import CannotError
from gradform.language import say

__all__ = ["Array", "common_dtype", "linear_algebra", "singular"]

Array: TypeAlias = NDArray[Any]


def linear_algebra() -> Any:
    """``scipy.linalg``, which is loaded when a system is first solved."""
    return import_module("scipy.linalg")


def common_dtype(first: Any, *others: Any) -> Any:
    """The dtype of a result of arrays or operators; most often all have the same."""
    dtype = first.dtype
    for other in others:
        if other.dtype is not dtype and other.dtype != dtype:
            dtype = np.result_type(dtype, other.dtype)
    return dtype


def singular(what: str) -> CannotError:
    """The refusal to solve with a matrix that has no inverse."""
    return CannotError(
        say("The {what} is singular to working precision, so it has no inverse.", what=what),
        kind="singular",
        hint=say("add a multiple of the identity: op + Identity(op.rows, c)"),
    )
