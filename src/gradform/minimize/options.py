"""What a run is asked for: method, tolerance, iterations and bounds, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from operator import index
from typing import Any, TypeAlias

import numpy as np

from gradform.errors import InputError
from gradform.language import joined, say
from gradform.minimize.arrays import Array, misshapen, real_array
from gradform.minimize.methods import METHODS
from gradform.minimize.methods.from_scipy import SCIPY
from gradform.minimize.variables import Packing

__all__ = ["Bounds", "Limits", "check_options", "inside", "limits_of"]

Bounds: TypeAlias = Mapping[str, tuple[Any, Any]]
Limits: TypeAlias = Sequence[tuple[float, float]]


def check_options(method: Any, tolerance: Any, max_iterations: Any, callback: Any) -> None:
    """Raises InputError for what no run can be asked for."""
    known = ("auto", *METHODS, *SCIPY)
    if method not in known:
        raise InputError(
            say("There is no method {method}.", method=repr(method)),
            kind="option",
            hint=say("give one of {known}", known=joined(known)),
        )
    if not isinstance(tolerance, Real) or not 0 < float(tolerance) < np.inf:
        raise InputError(
            say("A tolerance of {tolerance} is never reached.", tolerance=repr(tolerance))
            if isinstance(tolerance, Real)
            else say("The tolerance {tolerance} is no number.", tolerance=repr(tolerance)),
            kind="option",
            hint=say("give a small positive number, such as tolerance=1e-8"),
        )
    if not _is_count(max_iterations):
        raise InputError(
            say("{count} iterations cannot be made.", count=repr(max_iterations)),
            kind="option",
            hint=say("give a whole number, such as max_iterations=1000"),
        )
    if callback is not None and not callable(callback):
        raise InputError(
            say("The callback {callback} cannot be called.", callback=repr(callback)),
            kind="option",
            hint=say("give a function of the variables and the value"),
        )


def _is_count(value: Any) -> bool:
    try:
        return index(value) >= 0
    except TypeError:
        return False


def limits_of(packing: Packing, bounds: Any) -> Limits | None:
    """The bounds of all entries in turn. Raises InputError or ArrayError for what are none."""
    if bounds is None:
        return None
    _check_names(packing, bounds)
    lows, highs = [], []
    for name, shape in zip(packing.names, packing.shapes, strict=True):
        low, high = _pair(name, bounds.get(name, (None, None)))
        low, high = _side(name, low, shape, -np.inf), _side(name, high, shape, np.inf)
        if (low > high).any() or (low == np.inf).any() or (high == -np.inf).any():
            raise InputError(
                say("A lower bound of '{name}' is above its upper bound.", name=name),
                kind="option",
                hint=say("give {form}", form=_form(name)),
            )
        lows.append(low)
        highs.append(high)
    return list(zip(np.concatenate(lows).tolist(), np.concatenate(highs).tolist(), strict=True))


def _check_names(packing: Packing, bounds: Any) -> None:
    if not isinstance(bounds, Mapping):
        raise InputError(
            say("Bounds are given by variable."),
            kind="option",
            hint=say("give {form}", form=_form(packing.names[0])),
        )
    for name in bounds:
        if name not in packing.names:
            raise InputError(
                say("There is no variable '{name}' to be bounded.", name=name),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(packing.names)),
            )


def _form(name: str) -> str:
    return f'bounds={{"{name}": (low, high)}}'


def _pair(name: str, bound: Any) -> tuple[Any, Any]:
    try:
        low, high = bound
    except (TypeError, ValueError):
        raise InputError(
            say("The bounds of '{name}' are no pair.", name=name),
            kind="option",
            hint=say("give {form}, with None where there is no bound", form=_form(name)),
        ) from None
    return low, high


def _side(name: str, bound: Any, shape: tuple[int, ...], free: float) -> Array:
    """One bound of each entry; ``free`` where there is none."""
    what = say("bound")
    array = real_array(name, free if bound is None else bound, what)
    if np.isnan(array).any():
        raise InputError(
            say("A bound of '{name}' is NaN.", name=name),
            kind="option",
            hint=say("give a number, or None or inf where there is no bound"),
        )
    try:
        return np.broadcast_to(array, shape).reshape(-1)
    except ValueError:
        raise misshapen(name, what, array.shape, shape) from None


def inside(x: Array, limits: Limits | None) -> Array:
    """The nearest point within the bounds."""
    if limits is None:
        return x
    low, high = np.reshape(limits, (x.size, 2)).T
    return np.clip(x, low, high)
