"""Native code beside NumPy code: results of one call compared, entry by entry.

A formula is checked before it is shown, but what a C compiler makes of it is another matter:
the first call of a new kernel is run by both backends. They may differ by rounding, and by as
much as rounded inputs change the result: where a sum cancels, or a point lies on a kink, the
last digits of the inputs decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Verdict", "verdict"]

Verdict: TypeAlias = Literal["agrees", "differs", "undecided"]

Array: TypeAlias = NDArray[Any]
Run: TypeAlias = Callable[..., Any]

# Inputs are changed in their last digits so many times to see what that does to the results.
_CHANGES = 3
# A kernel may sum in another order than NumPy: its rounding is that of so many changed digits.
_ROUNDINGS = 1e3


def verdict(found: Any, expected: Any, arrays: Sequence[Any], reference: Run) -> Verdict:
    """Whether results are those of ``reference(*arrays)``, which gave ``expected``.

    Entries that are not finite in ``expected`` tell nothing; ``undecided`` where all are such.
    """
    results, wanted = _listed(found), _listed(expected)
    with np.errstate(all="ignore"):
        if all(map(_close, results, wanted)):
            decided = any(np.isfinite(each).any() or not each.size for each in wanted)
            return "agrees" if decided else "undecided"
        changed = [_listed(reference(*_changed(arrays, seed))) for seed in range(_CHANGES)]
        moved = [np.max([abs(each[k] - w) for each in changed], 0) for k, w in enumerate(wanted)]
        return "agrees" if all(map(_close, results, wanted, moved)) else "differs"


def _listed(results: Any) -> list[Array]:
    return [np.asarray(each) for each in (results if isinstance(results, tuple) else (results,))]


def _close(found: Array, wanted: Array, moved: Any = 0.0) -> bool:
    """Equal to half of the digits in each entry, or to three quarters of those of the largest.

    ``moved`` is what rounded inputs change; where they change a finite entry into one that is
    not, anything may have come out.
    """
    if found.shape != wanted.shape:
        return False
    told = np.isfinite(wanted)
    if not told.any():
        return True
    kind = np.finfo(wanted.dtype if wanted.dtype.kind == "f" else np.float64)
    size = np.where(told, abs(wanted), 0)
    bound = np.maximum(size * kind.eps**0.5, size.max() * kind.eps**0.75)
    bound = np.maximum(bound, kind.tiny / kind.eps) + _ROUNDINGS * np.asarray(moved)
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
