"""Where an array may be written over one that it is computed from."""

from __future__ import annotations

from collections.abc import Iterator

from gradform.codegen.native.definitions.arrays import Combination, Formula, Monomial
from gradform.codegen.native.statements.context import Context
from gradform.codegen.native.statements.fills import is_in_parts

__all__ = ["read_in_place"]


def read_in_place(context: Context, array: int) -> Iterator[int]:
    """The arrays in memory of which an entry is read only where that entry is written."""
    definition = context.arrays[array]
    if not isinstance(definition.kind, Combination | Monomial | Formula):
        return
    if is_in_parts(context, array):
        return
    own = tuple(each.index for each in context.bounds(array))
    elsewhere: set[int] = set()
    here: dict[int, None] = {}
    for read, where in context.entries.loads(array, own, defined=True):
        if where == own and context.arrays[read].shape == definition.shape:
            here[read] = None
        else:
            elsewhere.add(read)
    yield from (read for read in here if read not in elsewhere)
