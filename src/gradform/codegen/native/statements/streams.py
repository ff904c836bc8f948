"""Large results in pieces: computed in the first cache, then written past all of them.

Memory that is written through the caches is read first, though nothing of it is used: a third of
the traffic of an entrywise function of one array, half of that of an outer product.
"""

from __future__ import annotations

from collections.abc import Callable

from gradform.codegen.native.definitions.index import Index, variable
from gradform.codegen.native.statements.context import Context

__all__ = ["is_streamed", "stream"]

# Results of fewer bytes may stay in the caches; shorter rows have too few whole lines.
LARGE, SHORTEST = 1 << 22, 64
# Numbers of a piece: a quarter of the first cache.
PIECE = 1024


def is_streamed(context: Context, array: int, run: int) -> bool:
    """Whether an array is better written past the caches, in runs of so many numbers: a large
    result that no other statement reads, into memory that no other one has written to.
    """
    large = context.bytes_of(context.arrays[array].size) >= LARGE
    if run < SHORTEST or not large or array not in context.plan.outputs:
        return False
    is_read = any(array in definition.arguments for definition in context.arrays.all)
    return context.is_alone(array) and not is_read


def stream(
    context: Context,
    loop: tuple[str, str, str],
    pointer: Callable[[Index], str],
    value: Callable[[], str],
) -> None:
    """A loop over a run of numbers, as its variable, start and stop, by pieces.

    pointer     where the number under an index lies
    value       the number as an expression in the variable
    """
    context.routines.add("stream")
    lines, (name, start, stop) = context.lines, loop
    first, last = f"{name}_0", f"{name}_1"
    with lines.block(lines.loop(first, start, stop, PIECE)):
        lines.add(f"const long {last} = {first} + {PIECE} < {stop} ? {first} + {PIECE} : {stop};")
        lines.add(f"R piece[{PIECE}];")
        lines.add("#pragma omp simd")
        with lines.block(lines.loop(name, first, last)):
            lines.add(f"piece[{name} - {first}] = {value()};")
        lines.add(f"gf_stream({last} - {first}, piece, {pointer(variable(first))});")
        lines.add("gf_streamed();")
