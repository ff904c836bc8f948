"""Values of a call as real numbers: what one backend takes, all take."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.errors import ArrayError
from gradform.language import say

__all__ = [
    "COMPUTED_WITH",
    "is_real",
    "no_routine",
    "not_computed_with",
    "not_real",
    "own_array",
    "plain_array",
    "real_array",
]

# Types of numbers, of JAX and PyTorch too, that mix with others.
COMPUTED_WITH = frozenset(
    [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
    + ["bool", "bfloat16", "float16", "float32", "float64"]
)

_REAL = "biuf"  # the kinds of dtype that convert to floating point without losing a part
_PLAIN = (np.dtype(np.float32), np.dtype(np.float64))
_UNREADABLE = (TypeError, RuntimeError, AttributeError, OverflowError)


def is_real(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of a dtype hold real numbers."""
    return dtype.kind in _REAL


def real_array(name: str, value: Any) -> NDArray[Any]:
    """A value as an array of real numbers, of their own dtype where it is one of NumPy's.

    Fractions, decimals and large integers become floats. Raises ArrayError naming the variable.
    """
    if type(value) is np.ndarray and value.dtype.kind in _REAL:
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        raise _refusal(say("{name} is not a rectangular array of numbers.", name=name)) from None
    except _UNREADABLE as reason:
        raise _unreadable(name, value, reason) from None
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ArrayError(
            say("{name} has masked entries.", name=name),
            kind="array",
            hint=say("give {name}.filled(…) or {name}.compressed()", name=name),
        )
    if array.dtype.kind in _REAL:
        return array
    if array.dtype.kind != "O":
        raise not_real(name, array.dtype)
    try:
        return np.array([_float(each) for each in array.flat], float).reshape(array.shape)
    except (TypeError, ValueError):
        raise not_real(name, type(value).__name__) from None
    except OverflowError:
        raise _refusal(
            say("{name} holds a number beyond the range of floats.", name=name)
        ) from None


def plain_array(name: str, value: Any) -> NDArray[Any]:
    """:func:`real_array` in a form that every library takes: contiguous floats to write to."""
    array = real_array(name, value)
    plain = array.dtype in _PLAIN and array.flags.writeable and array.flags.c_contiguous
    return array if plain else np.array(array, array.dtype if array.dtype in _PLAIN else float)


def own_array(name: str, value: Any) -> NDArray[Any]:
    """:func:`plain_array` in memory of its own, for what is read after the call has returned."""
    array = real_array(name, value)
    return np.array(array, array.dtype if array.dtype in _PLAIN else float, order="C")


def not_real(name: str, got: object) -> ArrayError:
    """The error for a value that holds something else than real numbers."""
    return _refusal(say("{name} must hold real numbers, got {got}.", name=name, got=got))


def not_computed_with(name: str, dtype: object) -> ArrayError:
    """The error for numbers of a type that arrays are only kept in."""
    return ArrayError(
        say(
            "{name} holds numbers of type {type}, which do not mix with others.",
            name=name,
            type=dtype,
        ),
        kind="array",
        hint=say("give {name} as floats", name=name),
    )


def no_routine(error: NotImplementedError) -> ArrayError:
    """The error where a library lacks a routine for the type of the numbers, as LAPACK for those
    of half precision."""
    return ArrayError(
        say("There is no routine for numbers of this type: {error}.", error=error),
        kind="array",
        hint=say("give arrays of float32 or float64"),
    )


def _float(number: Any) -> float:
    """Raises TypeError for texts, which Python would read, and for arrays in arrays."""
    if hasattr(number, "__len__"):
        raise TypeError
    return float(number)


def _unreadable(name: str, value: Any, reason: Exception) -> ArrayError:
    message = say("{name} is no array of numbers: {reason}.", name=name, reason=_first(reason))
    if getattr(value, "requires_grad", False):
        return ArrayError(message, kind="array", hint=say("give {name}.detach()", name=name))
    return _refusal(message)


def _first(reason: Exception) -> str:
    """The first sentence of another library's error."""
    return str(reason).split("\n")[0].split(". ")[0].rstrip(".")


def _refusal(message: str) -> ArrayError:
    return ArrayError(
        message, kind="array", hint=say("give a number, a list of numbers or an array of them")
    )
