"""The arrays of a caller that results are written into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradform.errors import ArrayError
from gradform.language import say

__all__ = ["written_into"]


def written_into(labels: Sequence[str], found: Any, out: Any) -> Any:
    """The results copied into the arrays ``out``, which is returned.

    ``found`` is one result, or a tuple of several, named by ``labels``; they have memory of
    their own. Raises ArrayError for arrays that do not fit or share memory.
    """
    several = isinstance(found, tuple)
    results = [np.asarray(each) for each in (found if several else (found,))]
    kinds = tuple | list if several else tuple
    targets = tuple(out) if isinstance(out, kinds) else (out,)
    if len(targets) != len(results):
        raise ArrayError(
            say(
                "out must be {count} arrays, one for each output, got {given}.",
                count=len(results),
                given=len(targets),
            ),
            kind="array",
        )
    for label, result, target in zip(labels, results, targets, strict=True):
        _check_target(label, result, target)
    _check_apart(labels, targets)
    for result, target in zip(results, targets, strict=True):
        np.copyto(target, result)
    return out


def _check_apart(labels: Sequence[str], targets: Sequence[Any]) -> None:
    for k, target in enumerate(targets):
        others = (np.shares_memory(target, other) for other in targets[:k])
        if _may_overlap_itself(target) or any(others):
            raise ArrayError(
                say(
                    "The arrays of out share memory: {output} needs its own.",
                    output=labels[k],
                ),
                kind="array",
            )


def _may_overlap_itself(array: Any) -> bool:
    """Whether entries lie in one another's memory, as in windows; also where they only
    alternate."""
    extent = array.itemsize
    steps = sorted(zip(map(abs, array.strides), array.shape, strict=True))
    for step, length in steps:
        if length > 1 and step < extent:
            return True
        extent += step * max(length - 1, 0)
    return False


def _check_target(label: str, result: Any, target: Any) -> None:
    if not isinstance(target, np.ndarray):
        raise ArrayError(
            say(
                "out for {label} must be an array, got {type}.",
                label=label,
                type=type(target).__name__,
            ),
            kind="array",
            hint=say("make one with numpy.empty"),
        )
    if target.shape != result.shape or target.dtype != result.dtype:
        raise ArrayError(
            say(
                "out for {label} must have shape {shape} and dtype {dtype}, got {own_shape} "
                "and {own_dtype}.",
                label=label,
                shape=result.shape,
                dtype=result.dtype,
                own_shape=target.shape,
                own_dtype=target.dtype,
            ),
            kind="array",
        )
    if not target.flags.writeable:
        raise ArrayError(say("out for {label} cannot be written to.", label=label), kind="array")
