"""Values against the declared shapes of their variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradform.errors import ArrayError
from gradform.language import say

__all__ = ["extents_of"]

Declared = Sequence[str | int]


def extents_of(
    values: Mapping[str, Any], shapes: Mapping[str, Declared]
) -> dict[str, tuple[int, ...]]:
    """The extent of each declared variable that has a value: () scalar, (n,) column, (1, n) row,
    (m, n) matrix; a flat list may stand for a row.

    Raises ArrayError where a value has another shape than was declared, or where a size would
    have two values.
    """
    sizes: dict[str, int] = {}
    found: dict[str, tuple[int, ...]] = {}
    for name, shape in shapes.items():
        if name in values:
            found[name] = _extent(name, np.shape(values[name]), tuple(shape), sizes)
    return found


def _extent(
    name: str, given: tuple[int, ...], declared: tuple[str | int, ...], sizes: dict[str, int]
) -> tuple[int, ...]:
    extent = _as_declared(given, declared)
    if len(extent) != len(declared) or not all(
        _agrees(size, length, sizes) for size, length in zip(declared, extent, strict=True)
    ):
        raise ArrayError(
            say(
                "{name} is declared with shape {declared}, and its value has shape {given}.",
                name=name,
                declared=_written(declared),
                given=_written(given),
            ),
            kind="array",
        )
    return extent


def _as_declared(given: tuple[int, ...], declared: tuple[str | int, ...]) -> tuple[int, ...]:
    """The extent, where lists of one entry, flat rows and upright columns mean the same."""
    if not declared and given in ((1,), (1, 1)):
        return ()
    if len(declared) == 1 and len(given) == 2 and given[1] == 1:
        return given[:1]
    return (1, *given) if len(given) == 1 and len(declared) == 2 and declared[0] == 1 else given


def _agrees(size: str | int, length: int, sizes: dict[str, int]) -> bool:
    """Whether a size may be this long; names of sizes are learned, sums of names are not."""
    if isinstance(size, int):
        return size == length
    return not size.isidentifier() or sizes.setdefault(size, length) == length


def _written(shape: Sequence[object]) -> str:
    return f"({', '.join(map(str, shape))})"
