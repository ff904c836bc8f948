"""Running sums."""

from __future__ import annotations

from contextlib import ExitStack

from gradform.codegen.native.definitions.arrays import Scan
from gradform.codegen.native.definitions.index import constant
from gradform.codegen.native.statements.context import Context

__all__ = ["scan"]


def scan(context: Context, array: int) -> None:
    """``array[…, i, …] = argument[…, 0, …] + … + argument[…, i, …]``, or from the end."""
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, Scan)
    bounds = context.bounds(array)
    along = bounds[kind.axis]
    place = context.places[array]
    step = 1 if kind.backwards else -1
    head = (
        f"for (long {along.name} = {along.size - 1}; {along.name} >= 0; {along.name}--)"
        if kind.backwards
        else context.lines.loop(along.name, "0", str(along.size))
    )
    first = along.size - 1 if kind.backwards else 0
    indices = [each.index for each in bounds]
    before = list(indices)
    before[kind.axis] = indices[kind.axis].plus(constant(step))
    value = context.entries.entry(definition.arguments[0], indices)
    if along.trivial:
        sum_ = value
    else:
        sum_ = f"({along.name} == {first} ? 0 : {place.entry(before)}) + {value}"
    with ExitStack() as stack:
        context.nest(stack, bounds[: kind.axis])
        if not along.trivial:
            stack.enter_context(context.lines.block(head))
        context.nest(stack, bounds[kind.axis + 1 :])
        context.lines.add(f"{place.entry(indices)} = {sum_};")
