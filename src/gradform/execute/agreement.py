"""Optimised code beside plain code: results of one call compared, entry by entry.

A formula is checked before it is shown, but what becomes of it on the way to fast code is
another matter: memory is used again, a C compiler rearranges. So the first call of new code is run
by plainer code too. They may differ by rounding, and by as much as rounded inputs change the
result: where a sum cancels, or a point lies on a kink, the last digits of the inputs decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradform.codegen.task import Task
from gradform.execute.arguments import Bound

__all__ = ["MOST_CALLS", "Verdict", "is_large", "verdict"]

# A point at which nothing is finite tells nothing: so many calls of new code may be compared.
MOST_CALLS = 3
# Larger work is not done twice: numbers in all inputs and outputs.
_LARGE = 2**24

Verdict: TypeAlias = Literal["agrees", "differs", "undecided"]

Array: TypeAlias = NDArray[Any]
Run: TypeAlias = Callable[..., Any]

# Inputs are changed in their last digits so many times to see what that does to the results.
_CHANGES = 3
# A kernel may sum in another order than NumPy: its rounding is that of so many changed digits.
_ROUNDINGS = 1e3


def is_large(task: Task, bound: Bound) -> bool:
    """Whether a call takes too much memory and time to be done twice."""
    shapes = (output.shape for output in task.outputs)
    results = sum(prod(axis.evaluate(bound.sizes) for axis in shape) for shape in shapes)
    given = sum(np.size(array) for array in bound.arrays)
    return bool(given + results * (bound.count or 1) > _LARGE)


def verdict(found: Any, expected: Any, arrays: Sequence[Any], reference: Run) -> Verdict:
    """Whether results are those of ``reference(*arrays)``, which gave ``expected``.

    Entries that are not finite in ``expected`` tell nothing, nor do results that are zero but for
    the rounding of the numbers they are made of; ``undecided`` where all are such.
    """
    results, wanted = _listed(found), _listed(expected)
    with np.errstate(all="ignore"):
        least = _ROUNDINGS * float(np.prod([max(1.0, _size(array)) for array in arrays]))
        pairs = list(zip(results, wanted, strict=True))
        if not all(_close(*pair, least) for pair in pairs):
            others = [_listed(reference(*_changed(arrays, seed))) for seed in range(_CHANGES)]
            for k, (result, right) in enumerate(pairs):
                moved = np.max([abs(other[k] - right) for other in others], 0)
                if not _close(result, right, least, moved):
                    return "differs"
        told = any(_size(each) > least * _kind(each).eps or not each.size for each in wanted)
        return "agrees" if told else "undecided"


def _listed(results: Any) -> list[Array]:
    """The arrays of one result or of several; a caller may have given a list to write into."""
    several = isinstance(results, tuple | list)
    return [np.asarray(each) for each in (results if several else (results,))]


def _size(array: Any) -> float:
    """The largest of the numbers that are finite."""
    return float(np.max(np.where(np.isfinite(array), np.abs(array), 0), initial=0))


def _kind(array: Array) -> np.finfo[Any]:
    return np.finfo(array.dtype if array.dtype.kind == "f" else np.float64)


def _close(found: Array, wanted: Array, least: float, moved: Any = 0.0) -> bool:
    """Equal to half of the digits in each entry, or to three quarters of those of the largest.

    ``least`` times the rounding of 1 is nothing: what products of the inputs leave where they
    cancel. ``moved`` is what rounded inputs change; where they change a finite entry into one
    that is not, anything may have come out.
    """
    if found.shape != wanted.shape:
        return False
    told = np.isfinite(wanted)
    eps = float(_kind(wanted).eps)
    entries = np.where(told, abs(wanted), 0) * eps**0.5
    bound = np.maximum(entries, max(_size(wanted) * eps**0.75, least * eps))
    bound = bound + _ROUNDINGS * np.asarray(moved)
    return bool((~told | (abs(found - wanted) <= bound) | ~np.isfinite(bound)).all())


def _changed(arrays: Sequence[Any], seed: int) -> list[Any]:
    """The arrays with other last digits; zeros and whole-number arguments (sizes) stay."""
    generator = np.random.default_rng(seed)
    return [
        each
        if isinstance(each, int)
        else each * (1 + np.finfo(each.dtype).eps * generator.choice((-1, 1), np.shape(each)))
        for each in arrays
    ]
