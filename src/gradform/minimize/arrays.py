"""Arrays as they are given: starts, points, bounds and data, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.errors import ArrayError, InputError
from gradform.language import joined, say
from gradform.syntax.elaborate import Variable

__all__ = [
    "SYMMETRIC",
    "Array",
    "is_definite",
    "length_of",
    "misshapen",
    "point_arrays",
    "projected",
    "real_array",
    "sizes_of",
    "start_arrays",
]

Array: TypeAlias = NDArray[np.float64]

SYMMETRIC = frozenset({"symmetric", "spd"})

# Kinds of NumPy's types that may hold real numbers: floats, integers, truth values, objects.
_REAL = "fiubO"


def length_of(x: Array) -> float:
    """√(Σ x²), also where the squares are out of range."""
    largest = float(np.max(np.abs(x), initial=0.0))
    if not 0 < largest < np.inf:
        return largest
    return largest * float(np.linalg.norm(x / largest))


def projected(gradient: Array, x: Array, bounds: Any) -> Array:
    """The gradient without what points out of the bounds at a point on them."""
    if bounds is None:
        return gradient
    low, high = np.reshape(bounds, (x.size, 2)).T
    outward = ((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0))
    return np.where(outward, 0.0, gradient)


def is_definite(matrix: Array) -> bool:
    """Whether a symmetric matrix is positive definite."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def real_array(name: str, value: Any, what: str) -> Array:
    """A copy as an array of floats. Raises ArrayError for what holds no real numbers."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "c":
            raise ArrayError(
                say("The {what} of '{name}' has complex numbers.", what=what, name=name),
                kind="array",
                hint=say("give real numbers; real and imaginary parts can be two variables"),
            )
        if array.dtype.kind in _REAL:
            return np.array(array, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        pass
    raise ArrayError(
        say("The {what} of '{name}' is no array of numbers.", what=what, name=name),
        kind="array",
        hint=say("give a number, or an array or nested list of numbers"),
    )


def start_arrays(start: Any, variables: Mapping[str, Variable]) -> dict[str, Array]:
    """The given start as arrays of floats. Raises InputError for what is no start."""
    if not isinstance(start, Mapping) or not start:
        raise InputError(
            say("The start is given by variable."),
            kind="option",
            hint=say('such as {{"{name}": …}}', name=next(iter(variables), "x")),
        )
    for name in start:
        if name not in variables:
            raise InputError(
                say("There is no variable '{name}' to minimise over.", name=name),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(variables)),
            )
    what = say("start")
    return {name: _checked(name, value, variables[name], what) for name, value in start.items()}


def point_arrays(
    point: Mapping[str, Any], variables: Sequence[Variable], shapes: Sequence[tuple[int, ...]]
) -> list[Array]:
    """Another point in the order of the variables. Raises InputError for what is none."""
    names = [variable.name for variable in variables]
    for name in point:
        if name not in names:
            raise InputError(
                say("'{name}' is no variable that was minimised over.", name=name),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(names)),
            )
    found = []
    for variable, shape in zip(variables, shapes, strict=True):
        name, what = variable.name, say("point")
        if name not in point:
            raise ArrayError(
                say("The point has no value for '{name}'.", name=name),
                kind="point",
                hint=say("give all of {names}", names=joined(names)),
            )
        array = _checked(name, point[name], variable, what)
        if array.shape != shape:
            raise misshapen(name, what, array.shape, shape)
        found.append(array)
    return found


def misshapen(name: str, what: str, given: tuple[int, ...], shape: tuple[int, ...]) -> ArrayError:
    """What to raise for an array of another shape."""
    return ArrayError(
        say(
            "The {what} of '{name}' has shape {given}, not {shape}.",
            what=what,
            name=name,
            given=given,
            shape=shape,
        ),
        kind="array",
    )


def _checked(name: str, value: Any, variable: Variable, what: str) -> Array:
    """Finite numbers with as many axes as the variable, symmetric where that is declared."""
    array = real_array(name, value, what)
    shape = variable.shape
    if array.ndim not in {len(shape.axes), 2 if shape.is_row else len(shape.axes)}:
        raise ArrayError(
            say(
                "The {what} of '{name}' has shape {shape}; {count} axes are meant.",
                what=what,
                name=name,
                shape=array.shape,
                count=len(shape.axes),
            ),
            kind="array",
        )
    if not np.isfinite(array).all():
        raise ArrayError(
            say(
                "The {what} of '{name}' has entries that are no finite numbers.",
                what=what,
                name=name,
            ),
            kind="array",
        )
    if variable.structure & SYMMETRIC and not np.array_equal(array, array.T):
        raise ArrayError(
            say("'{name}' is declared symmetric, and its {what} is not.", name=name, what=what),
            kind="array",
        )
    return array


def sizes_of(variables: Mapping[str, Variable], arrays: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that have names, as the arrays have them, or as given as numbers themselves.

    Raises ArrayError where a size is given as another one than the arrays have.
    """
    found: dict[str, int] = {}
    for name, value in arrays.items():
        if name in variables:
            for axis, length in zip(
                variables[name].shape.axes, _lengths(variables[name], value), strict=False
            ):
                if axis.is_name:
                    found.setdefault(str(axis), length)
    for name, value in arrays.items():
        if name not in variables:
            size = _size(name, value)
            if found.setdefault(name, size) != size:
                raise ArrayError(
                    say(
                        "The size '{name}' is given as {size}, and the arrays have {found}.",
                        name=name,
                        size=size,
                        found=found[name],
                    ),
                    kind="array",
                    hint=say("leave it out, or give arrays of that size"),
                )
    return found


def _size(name: str, value: Any) -> int:
    try:
        size = index(value)
    except TypeError:
        size = -1
    if size < 0:
        raise ArrayError(
            say("The size '{name}' is no whole number.", name=name),
            kind="array",
            hint=say("give a whole number, such as {name}=3", name=name),
        )
    return size


def _lengths(variable: Variable, value: Any) -> tuple[int, ...]:
    """How long the axes are; columns and rows may have both of a matrix."""
    given = tuple(np.shape(value))
    if len(given) == 2 and len(variable.shape.axes) == 1:
        return given[1:] if variable.shape.is_row else given[:1]
    return given
