"""Large results that read arrays across their rows: by tiles that are turned in the cache.

Reading along columns costs a line of the cache for each entry. A tile of what is read so is
turned into a small array first; the tile of the result is computed into another, and then
written past the caches, so that its memory is not read before. Where exchanging the two
indices of the tile leaves the expression as it is, as in ``A + A'``, the opposite tile of the
result is the same tile turned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

from gradform.codegen.native.definitions.arrays import Move
from gradform.codegen.native.definitions.index import Index, applied, variable
from gradform.codegen.native.statements.context import Bounds, Context
from gradform.codegen.native.statements.exchange import Terms, stays
from gradform.records import record

__all__ = ["Tiled", "turned"]

# The side of tiles, which fit the first cache; results of fewer bytes stay in the caches.
SIDE, LARGE = 64, 1 << 20

# An array in memory and the indices of an entry.
Read: TypeAlias = tuple[int, tuple[Index, ...]]


@record
class Tiled:
    """An array to be written by tiles.

    bounds      the loops over its axes
    crossed     the axis along which some array that is read is contiguous; the last is not
    terms       coefficients and arrays whose sum it is; None where it is its own definition
    value       its entry as an expression, under indices
    """

    array: int
    bounds: Sequence[Bounds]
    crossed: int
    terms: Terms
    value: Callable[[Sequence[Index]], str]

    @property
    def inside(self) -> tuple[Bounds, Bounds]:
        """The loops of a tile."""
        return self.bounds[self.crossed], self.bounds[-1]

    def at(self, first: Index, last: Index) -> list[Index]:
        """The indices, with these on the axes of the tile."""
        found = [each.index for each in self.bounds]
        found[self.crossed], found[-1] = first, last
        return found


def turned(context: Context, tiled: Tiled) -> bool:
    """Write the array; False where it is not large or nothing would be turned."""
    array = tiled.array
    large = context.bytes_of(context.arrays[array].size) >= LARGE
    if not large or array not in context.plan.outputs or not _across(context, tiled):
        return False
    context.routines.update(("turn", "stream"))
    outside = [each for each in tiled.bounds if each not in tiled.inside]
    with ExitStack() as stack:
        if context.is_parallel(context.arrays[array].size):
            context.lines.add("#pragma omp parallel for num_threads(threads)")
        context.nest(stack, outside)
        _over_tiles(context, tiled, _is_symmetric(context, tiled))
    return True


def _over_tiles(context: Context, tiled: Tiled, symmetric: bool) -> None:
    """All tiles; of symmetric ones those up to the diagonal."""
    lines = context.lines
    row, column = tiled.inside
    with _tiles(context, row, row.stop):
        with _tiles(context, column, f"{row.name}_0 + 1" if symmetric else column.stop):
            lines.add(f"R tile[{SIDE * SIDE}];")
            _turn_in(context, tiled)
            _compute(context, tiled)
            context.entries.staged.clear()
            if symmetric:
                _opposite(context, tiled)
        lines.add("gf_streamed();")


@contextmanager
def _tiles(context: Context, loop: Bounds, stop: str) -> Iterator[None]:
    """A loop over the starts of tiles before ``stop``."""
    lines, start = context.lines, f"{loop.name}_0"
    with lines.block(lines.loop(start, loop.start, stop, SIDE)):
        last = f"{start} + {SIDE}"
        lines.add(f"const long {loop.name}_1 = {last} < {loop.stop} ? {last} : {loop.stop};")
        yield


def _turn_in(context: Context, tiled: Tiled) -> None:
    """A small array for each that is read across; entries are taken from there afterwards."""
    row, column = tiled.inside
    for k, (read, start) in enumerate(_across(context, tiled).items()):
        place = context.places[read[0]]
        step = dict(place.offset(read[1]).terms)[column.name]
        context.lines.add(f"R turned{k}[{SIDE * SIDE}];")
        context.lines.add(
            f"gf_turn({_length(column)}, {_length(row)}, {place.pointer(start[1])}, {step}, "
            f"turned{k}, {SIDE});"
        )
        context.entries.staged[read] = f"turned{k}[{_inside(row, column)}]"


def _compute(context: Context, tiled: Tiled) -> None:
    """The tile, row by row."""
    lines = context.lines
    row, column = tiled.inside
    with lines.block(lines.loop(row.name, f"{row.name}_0", f"{row.name}_1")):
        lines.add("#pragma omp simd")
        with lines.block(lines.loop(column.name, f"{column.name}_0", f"{column.name}_1")):
            value = tiled.value(tiled.at(row.index, column.index))
            lines.add(f"tile[{_inside(row, column)}] = {value};")
        start = tiled.at(row.index, variable(f"{column.name}_0"))
        _stream(context, tiled, column, f"tile + ({row.name} - {row.name}_0) * {SIDE}", start)


def _opposite(context: Context, tiled: Tiled) -> None:
    """The tile on the other side of the diagonal."""
    lines = context.lines
    row, column = tiled.inside
    with lines.block(f"if ({column.name}_0 < {row.name}_0)"):
        lines.add(f"R other[{SIDE * SIDE}];")
        lines.add(f"gf_turn({_length(row)}, {_length(column)}, tile, {SIDE}, other, {SIDE});")
        with lines.block(lines.loop(column.name, f"{column.name}_0", f"{column.name}_1")):
            start = tiled.at(column.index, variable(f"{row.name}_0"))
            place = f"other + ({column.name} - {column.name}_0) * {SIDE}"
            _stream(context, tiled, row, place, start)


def _stream(
    context: Context, tiled: Tiled, along: Bounds, source: str, start: Sequence[Index]
) -> None:
    target = context.places[tiled.array].pointer(start)
    context.lines.add(f"gf_stream({_length(along)}, {source}, {target});")


def _length(loop: Bounds) -> str:
    return f"{loop.name}_1 - {loop.name}_0"


def _inside(row: Bounds, column: Bounds) -> str:
    """The position in a tile."""
    return f"({row.name} - {row.name}_0) * {SIDE} + {column.name} - {column.name}_0"


# ---------------------------------------------------------------- what is read


def _across(context: Context, tiled: Tiled) -> dict[Read, Read]:
    """What is read along a column of its memory, with the entry at the corner of the tile."""
    row, column = tiled.inside
    corner = tiled.at(variable(f"{row.name}_0"), variable(f"{column.name}_0"))
    found: dict[Read, Read] = {}
    for read, start in zip(
        _reads(context, tiled, tiled.at(row.index, column.index)),
        _reads(context, tiled, corner),
        strict=True,
    ):
        steps = dict(context.places[read[0]].offset(read[1]).terms)
        if steps.get(row.name) == 1 and steps.get(column.name, 0) > 1:
            found[read] = start
    return found


def _reads(context: Context, tiled: Tiled, indices: Sequence[Index]) -> Iterator[Read]:
    """What is read under all indices."""
    if tiled.terms is None:
        yield from _loads(context, tiled.array, indices, itself=True)
        return
    for _, term in tiled.terms:
        yield from _loads(context, term, indices if context.arrays[term].shape else ())


def _loads(
    context: Context, array: int, indices: Sequence[Index], itself: bool = False
) -> Iterator[Read]:
    definition = context.arrays[array]
    if array in context.places and not itself:
        yield array, tuple(indices)
    elif isinstance(definition.kind, Move):
        if definition.kind.everywhere:
            inner = [applied(index, indices) for index in definition.kind.indices]
            yield from _loads(context, definition.arguments[0], inner)
    else:
        for argument in definition.arguments:
            own = indices if context.arrays[argument].shape else ()
            yield from _loads(context, argument, own)


def _is_symmetric(context: Context, tiled: Tiled) -> bool:
    """Whether exchanging the two indices of a tile leaves the expression as it is."""
    row, column = tiled.inside
    if row.size != column.size or row.rows or column.rows:
        return False
    here = tiled.at(row.index, column.index)
    return stays(context, tiled.array, tiled.terms, here, tiled.at(column.index, row.index))
