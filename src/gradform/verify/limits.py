"""Directional derivatives from their limit definition, with an estimate of their error.

First order, analytic functions: the complex step Im f(x + ihv)/h. With h = 1e-40 there
is no subtraction, so the result is accurate to rounding (Squire & Trapp 1998). Higher
orders: central differences of the complex step, extrapolated to h → 0 by Neville's
scheme (Ridders 1982). Functions that are not analytic: extrapolated differences only.

A complex step trusts that the function is analytic. Each one is therefore compared with
a plain central difference; where the two disagree, differences decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np

from gradform.language import say
from gradform.records import record
from gradform.verify.interpreter import Array, Environment

__all__ = ["Limit", "directional_derivative", "largest_intermediate"]

Function: TypeAlias = Callable[[Environment], Array]
Direction: TypeAlias = Mapping[str, Array]

COMPLEX_STEP = say("complex step")
DIFFERENCES = say("extrapolated differences")
MIXED = say("complex step with extrapolated differences")

_STEP = 1e-40
_PROBE = 1e-5  # near the cube root of the unit roundoff, best for one central difference
_FINE_PROBE = 1e-7  # for functions that vary fast
_AGREEMENT = 1e-5
_ROUNDOFF = float(np.finfo(float).eps)
_RATIO = 1.6
_LEVELS = 6
_STARTS = (0.1, 0.02, 0.004, 5e-4, 2e-5)
_FINEST = (1e-6, 1e-4, 1e-3)  # one step near the point, by order
_COARSE = 1e-2  # relative error of the difference with that step
_GOOD = 1e-10  # relative error at which no smaller start is tried


@record
class Limit:
    """A directional derivative: ``value`` has the shape of f, ``error`` is absolute.

    ``kink``: the function has different slopes on the two sides of the point, so there is
    no derivative and the value means nothing.
    """

    value: Array
    error: float
    method: str
    kink: bool = False

    @property
    def exists(self) -> bool:
        """Whether value and error are finite and there is no kink."""
        return not self.kink and bool(np.isfinite(self.error) and np.isfinite(self.value).all())


@np.errstate(all="ignore")
def directional_derivative(
    function: Function,
    point: Environment,
    directions: Sequence[Direction],
    *,
    analytic: bool = False,
    value: Array | None = None,
) -> Limit:
    """D^k f(x)[v1, …, vk], the k-th derivative of ``function`` along k directions.

    function     env → 2-D array; where it has no value it gives nan, or raises
                 ArithmeticError or ValueError (of which LinAlgError is one)
    directions   each a mapping from variables to perturbations of their shape
    analytic     the function takes complex arrays and is analytic
    value        f(x), when it is known already

    With no direction the value of the function. A limit that does not exist has an
    infinite error.
    """
    here = _value(function, point) if value is None else value
    if not directions:
        return Limit(here, 0.0, "evaluation")
    lengths = [_length(direction) for direction in directions]
    if 0.0 in lengths:
        return Limit(np.zeros_like(here), 0.0, "zero direction")
    units = [
        {name: entries / length for name, entries in direction.items()}
        for direction, length in zip(directions, lengths, strict=True)
    ]
    limit = _along_units(function, point, units, analytic, here)
    scale = float(np.prod(lengths))
    return Limit(limit.value * scale, limit.error * scale, limit.method, limit.kink)


def largest_intermediate(
    trace: Callable[[Environment], Sequence[Array]],
    point: Environment,
    direction: Direction,
    *,
    analytic: bool,
) -> float:
    """The largest absolute value, and for analytic functions derivative, on the way to f(x).

    ``trace`` gives the values of all subformulas. Times the unit roundoff this is the
    error that cancellation may leave in an exact zero.
    """
    largest = 1.0
    with np.errstate(all="ignore"):
        if analytic:
            point = _moved(point, direction, 1j * _STEP)
        for values in trace(point):
            if values.size:
                tangent = float(np.abs(values.imag).max()) / _STEP
                largest = max(largest, tangent, float(np.abs(values.real).max()))
    return largest


def _along_units(
    function: Function,
    point: Environment,
    units: Sequence[Direction],
    analytic: bool,
    here: Array,
) -> Limit:
    slope = here
    for unit in reversed(units):
        slope, kink = _probe(function, point, unit, here)
        if kink:
            return Limit(slope, float("inf"), DIFFERENCES, kink=True)
    if analytic:
        tangent = _complex_step(function, point, units[0])
        analytic = _agree(tangent, slope, here) or _agree(
            tangent, _sides(function, point, units[0], _FINE_PROBE)[0], here
        )
        if analytic and len(units) == 1:
            return Limit(tangent, 4 * _ROUNDOFF * _size(tangent), COMPLEX_STEP)
    return _extrapolated(function, point, units, analytic)


def _value(function: Function, point: Environment) -> Array:
    """f(x), or nan where the function refuses."""
    try:
        return function(point)
    except (ArithmeticError, ValueError):
        return np.full((1, 1), np.nan)


def _length(direction: Direction) -> float:
    return float(np.sqrt(sum(float(np.vdot(v, v)) for v in direction.values())))


def _size(array: Array) -> float:
    """The largest absolute entry."""
    return float(np.abs(array).max())


def _moved(point: Environment, direction: Direction, step: float | complex) -> dict[str, Array]:
    moved = dict(point)
    for name, entries in direction.items():
        moved[name] = moved[name] + step * entries
    return moved


def _complex_step(function: Function, point: Environment, direction: Direction) -> Array:
    """Im f(x + ihv)/h"""
    return np.imag(_value(function, _moved(point, direction, 1j * _STEP))) / _STEP


def _probe(
    function: Function, point: Environment, direction: Direction, here: Array
) -> tuple[Array, bool]:
    """A central difference, and whether the function has a kink at the point.

    The second difference shrinks like h² for smooth functions and like h at a kink.
    """
    slope, mean = _sides(function, point, direction, _PROBE)
    bend = _size(mean - here)
    if bend <= 1e-3 * _PROBE * _size(slope) + 1e4 * _ROUNDOFF * _size(here):
        return slope, False
    wider = _sides(function, point, direction, 4 * _PROBE)[1]
    return slope, _size(wider - here) < 8 * bend


def _sides(
    function: Function, point: Environment, direction: Direction, step: float
) -> tuple[Array, Array]:
    """The slope between the two sides of the point, and the mean of their values."""
    ahead = _value(function, _moved(point, direction, step))
    behind = _value(function, _moved(point, direction, -step))
    return (ahead - behind) / (2 * step), (ahead + behind) / 2


def _agree(tangent: Array, slope: Array, here: Array) -> bool:
    """Whether a complex step and a central difference are the same derivative."""
    if tangent.shape != slope.shape:
        return False
    slack = _AGREEMENT * (_size(tangent) + 1e-2 * max(1.0, _size(here)))
    return _size(tangent - slope) <= slack


def _extrapolated(
    function: Function, point: Environment, units: Sequence[Direction], analytic: bool
) -> Limit:
    """Central differences for h → 0, from ever smaller first steps until the error is small."""
    method = MIXED if analytic else DIFFERENCES
    innermost = units[0] if analytic else None
    outer = units[1:] if analytic else units
    best = Limit(np.full((1, 1), np.nan), float("inf"), method)
    order = len(outer)
    fine = _FINEST[min(order, len(_FINEST)) - 1]
    (close,), near = _samples(function, point, outer, innermost, np.array([fine]))
    for start in _STARTS:
        samples, largest = _samples(function, point, outer, innermost, start * _STEPS)
        if not np.isfinite(samples).all():
            continue
        value, change, rounding = _neville(samples, largest, start, order)
        slack = _COARSE * _size(value) + 1e3 * _ROUNDOFF * near / fine**order
        if not _size(value - close) <= slack + change + rounding:
            continue  # steps this wide see another function than steps near the point
        if change + rounding < best.error:
            best = Limit(value, change + rounding, method)
        if best.error <= _GOOD * _size(best.value) or change <= rounding:
            break  # smaller steps would only lose digits
    return best


def _samples(
    function: Function,
    point: Environment,
    outer: Sequence[Direction],
    innermost: Direction | None,
    steps: Array,
) -> tuple[Array, float]:
    """Mixed central differences for some steps, and the largest value in them.

    Δ_h = Σ s1⋯sm f(x + h(s1 v1 + … + sm vm)) / (2h)^m over all signs s; its error has even
    powers of h only.
    """
    signs = list(product((1, -1), repeat=len(outer)))
    rows: list[Array] = []
    largest = 0.0
    for step in steps:
        total: Array | None = None
        for sign in signs:
            moved: Environment = point
            for each, direction in zip(sign, outer, strict=True):
                moved = _moved(moved, direction, each * step)
            if innermost is None:
                values = _value(function, moved)
            else:
                values = _complex_step(function, moved, innermost)
            largest = max(largest, _size(values))
            signed = values if np.prod(sign) > 0 else -values
            total = signed if total is None else total + signed
        assert total is not None
        rows.append(total / (2 * step) ** len(outer))
    # a sample without a value is a 1×1 nan, whatever the shape of the others
    return np.stack(np.broadcast_arrays(*rows)), largest


def _neville(
    samples: Array, largest: float, start: float, order: int
) -> tuple[Array, float, float]:
    """The most accurate entry of the Neville table, its truncation and its rounding error.

    The first is estimated by the change from the two entries it is made of, the second by
    what ``largest`` leaves behind after division by h^order.
    """
    flat = samples.reshape(_LEVELS, -1)
    change = np.maximum(np.abs(_FROM_COARSER @ flat), np.abs(_FROM_FINER @ flat)).max(axis=1)
    rounding = np.abs(_REFINED) @ (start * _STEPS) ** -float(order) * _ROUNDOFF * largest
    best = int(np.argmin(change + rounding))
    value: Array = (_REFINED[best] @ flat).reshape(samples.shape[1:])
    return value, float(change[best]), float(rounding[best])


def _table() -> tuple[Array, Array, Array]:
    """Neville's table as linear maps of the samples: entries, and changes to their parents.

    T[i, 0] = sample i,  T[i, j] = T[i, j-1] + (T[i, j-1] - T[i-1, j-1]) / (ratio^2j - 1)
    """
    entries: dict[tuple[int, int], Array] = {}
    for i in range(_LEVELS):
        entries[i, 0] = np.eye(_LEVELS)[i]
        for j in range(1, i + 1):
            finer, coarser = entries[i, j - 1], entries[i - 1, j - 1]
            entries[i, j] = finer + (finer - coarser) / (_RATIO ** (2 * j) - 1)
    places = [place for place in entries if place[1]]
    refined = np.array([entries[i, j] for i, j in places])
    finer_parents = np.array([entries[i, j - 1] for i, j in places])
    coarser_parents = np.array([entries[i - 1, j - 1] for i, j in places])
    return refined, refined - coarser_parents, refined - finer_parents


_STEPS = _RATIO ** -np.arange(float(_LEVELS))
_REFINED, _FROM_COARSER, _FROM_FINER = _table()
