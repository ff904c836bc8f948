"""The body of a native function: statements in order, in one sweep over rows where that pays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from gradform.codegen.native.definitions.arrays import (
    Argument,
    Extreme,
    Gemm,
    Symmetric,
)
from gradform.codegen.native.statements.calls import mirror
from gradform.codegen.native.statements.context import Context
from gradform.codegen.native.statements.define import define
from gradform.codegen.native.statements.in_place import read_in_place
from gradform.codegen.native.statements.unrolled import fits_unrolled, over_points, unroll
from gradform.codegen.native.storage.axes import Passes, best_class, row_entries
from gradform.codegen.native.storage.memory import Place, Scratch, strides_of
from gradform.codegen.native.storage.plan import Plan
from gradform.codegen.native.storage.sharing import Sharing
from gradform.records import replaced

__all__ = ["Kernel"]

# What a block of rows may take of the cache, and what is small enough to need no blocks.
CACHE = 1 << 19
# Blocks of this many rows at least where matrices are multiplied, else of so many.
GEMM_ROWS, LEAST_ROWS = 128, 8
# Arrays that take no more than so many bytes together are local variables.
LOCAL = 1 << 13


class Kernel:
    """Writes the statements for a plan."""

    def __init__(self, plan: Plan, real: str, threads: int = 1) -> None:
        self.plan = plan
        self.arrays = plan.arrays
        self.unrolled = fits_unrolled(plan)
        self.passes = None if self.unrolled else self._passes(real)
        self.context = Context(plan, self.passes, real, threads)
        self.block = 0 if self.passes is None else self._block(self.passes)
        self.sharing = Sharing(plan, self.passes)
        self._local = self._total_bytes() <= LOCAL
        self._units = list(self._in_units())
        self._last = self._last_uses()
        self._taken: dict[int, tuple[Scratch, int, int]] = {}
        self._write()

    def over_points(self, point: str, batched: Sequence[bool]) -> list[str]:
        """Lines of the loop over points of a function that is unrolled."""
        context = Context(self.plan, None, self.context.real, self.context.threads)
        context.entries.helpers = self.context.entries.helpers
        context.places.update(self._inputs())
        over_points(context, point, batched)
        return context.lines.lines

    # ------------------------------------------------------------ passes over rows

    def _passes(self, real: str) -> Passes | None:
        passes = best_class(self.plan)
        if passes is None:
            return None
        size = 8 if real == "double" else 4
        held = [a for a in passes.axis if self.plan.is_held(a)]
        if row_entries(self.plan, held, passes.axis) * passes.size * size <= 2 * CACHE:
            return None
        return passes if any(a in passes.rows for a in self.plan.held) else None

    def _block(self, passes: Passes) -> int:
        """Rows of a block: what is read and written for them fits the cache."""
        held = [a for a in passes.axis if self.plan.is_held(a) and a in passes.rows]
        entries = row_entries(self.plan, held, passes.axis)
        rows = CACHE // max(self.context.bytes_of(entries), 1)
        matrices = any(isinstance(self.arrays[a].kind, Gemm | Symmetric) for a in passes.rows)
        rows = max(rows - rows % 8, GEMM_ROWS if matrices else LEAST_ROWS)
        return min(rows, passes.size)

    def _in_units(self) -> Iterator[tuple[int | None, list[int]]]:
        """(None, [array]) for single statements, (number, arrays) for a pass, in order."""
        if self.passes is None:
            yield from ((None, [array]) for array in self.plan.held)
            return
        rows, fixed = self.passes.rows, self.passes.fixed
        for number in range(max([*rows.values(), *fixed.values()]) + 1):
            yield from ((None, [a]) for a in self.plan.held if fixed.get(a) == number)
            own = [a for a in self.plan.held if rows.get(a) == number]
            if own:
                yield number, own

    # ------------------------------------------------------------ memory

    def _total_bytes(self) -> int:
        sizes = [self.arrays[a].size for a in self.plan.held if a not in self.plan.outputs]
        return self.context.bytes_of(sum(sizes))

    def _last_uses(self) -> dict[int, int]:
        """For each array the last unit that reads it; statements of a pass count as one."""
        last: dict[int, int] = {}
        for position, (_, arrays) in enumerate(self._units):
            for array in arrays:
                last[self.sharing.memory(array)] = position
                for read in self.sharing.reads(array):
                    last[self.sharing.memory(read)] = position
        return last

    # ------------------------------------------------------------ statements

    def _inputs(self) -> dict[int, Place]:
        return {
            array: Place(f"in{kind.place}", strides_of(self.arrays[array].shape))
            for array in self.plan.live
            if isinstance(kind := self.arrays[array].kind, Argument)
        }

    def _write(self) -> None:
        context = self.context
        context.places.update(self._inputs())
        if self.unrolled:
            unroll(context)
            return
        for k, output in enumerate(self.plan.outputs):
            context.places[output] = self._output(k, output)
        for output in self.plan.outputs:
            self._lend(output)
        for position, (number, arrays) in enumerate(self._units):
            if number is None:
                self._statement(arrays[0])
            else:
                self._pass(arrays)
            self._release([a for a in self._taken if self._last.get(a, -1) <= position])

    def _output(self, k: int, output: int) -> Place:
        place = Place(f"out{k}", strides_of(self.arrays[output].shape))
        argument = self.sharing.alias.get(output)
        if argument is not None:
            strides = strides_of(self.arrays[argument].shape)
            self.context.places[argument] = Place(f"out{k}", strides)
        return place

    def _lend(self, output: int) -> None:
        """An array that only an output is computed from, in place, may lie in its memory."""
        context, fixed = self.context, self.passes.fixed if self.passes else None
        if fixed is not None and output not in fixed:
            return
        held = {array: Place("", strides_of(self.arrays[array].shape)) for array in self.plan.held}
        known = dict(context.places)
        context.places |= held | known
        lent = [
            array
            for array in read_in_place(context, output)
            if array not in known
            and not self.sharing.blocked(array)
            and [a for a in self.plan.held if array in self.sharing.reads(a)] == [output]
            and array not in {*self.sharing.alias, *self.sharing.alias.values()}
        ]
        context.places.clear()
        context.places |= known
        if lent:
            context.places[lent[0]] = known[output]

    def _allocate(self, array: int, *, block: bool) -> None:
        """Memory for an array, or for a block of its rows."""
        context = self.context
        if array in context.places:
            return
        definition = self.arrays[array]
        shape = list(definition.shape)
        if not shape and not context.accumulates(array):
            context.places[array] = Place(f"s{array}", (), number=True)
            return
        axis = self.passes.axis[array] if block and self.passes is not None else None
        if axis is not None:
            shape[axis] = self.block
        strides = strides_of(shape)
        if array in self.sharing.alias:
            name = context.places[self.sharing.alias[array]].name
        elif self._local:
            name = f"a{array}"
            context.lines.add(f"R {name}[{max(prod(shape), 1)}];")
        else:
            name = f"a{array}"
            size = context.bytes_of(max(prod(shape), 1))
            offset = context.scratch.take(size)
            self._taken[array] = context.scratch, offset, size
            context.lines.add(f"R *const {name} = (R *)({context.memory} + {offset});")
        context.places[array] = Place(name, strides, axis)

    def _pass(self, arrays: Sequence[int]) -> None:
        """Blocks of rows: all arrays by rows for one block, then for the next."""
        context = self.context
        assert self.passes is not None
        context.in_pass = True
        blocked = [array for array in arrays if self.sharing.blocked(array)]
        for array in arrays:
            if array not in blocked:
                self._allocate(array, block=False)
        rows = -(-self.passes.size // (self.block * context.threads)) * self.block
        parts = -(-self.passes.size // rows)
        if parts == 1:
            self._blocks(arrays, blocked, str(self.passes.size))
        else:
            self._parts(arrays, blocked, rows, parts)
        for array in arrays:
            if isinstance(self.arrays[array].kind, Symmetric):
                mirror(context, array)
        context.in_pass = False

    def _blocks(self, arrays: Sequence[int], blocked: Sequence[int], stop: str) -> None:
        """The loop over blocks. Memory of a block is used again once it is read no more."""
        context, block = self.context, self.block
        last = {
            self.sharing.memory(read): place
            for place, array in enumerate(arrays)
            for read in (array, *self.sharing.reads(array))
        }
        with context.lines.block(context.lines.loop("r0", context.begin, stop, block)):
            context.lines.add(f"const long r1 = r0 + {block} < {stop} ? r0 + {block} : {stop};")
            for place, array in enumerate(arrays):
                done = {each for each in blocked if last.get(each) == place}
                if array in blocked and not self._taken_over(array, done):
                    self._allocate(array, block=True)
                if context.accumulates(array):
                    self._clear(array)
                define(context, array)
                self._release(done)

    def _taken_over(self, array: int, done: set[int]) -> bool:
        """Write an array of a block over one that is read for the last time."""
        if array in self.sharing.alias:
            return False
        for read in read_in_place(self.context, array):
            others = self.sharing.reads(array) - {read}
            if any(self.sharing.memory(other) == read for other in others):
                continue
            if read in done and read in self._taken:
                self._taken[array] = self._taken.pop(read)
                place = self.context.places[read]
                self.context.lines.add(f"R *const a{array} = {place.name};")
                self.context.places[array] = replaced(place, name=f"a{array}")
                return True
        return False

    def _release(self, arrays: Iterable[int]) -> None:
        for array in arrays:
            if array in self._taken:
                scratch, offset, size = self._taken.pop(array)
                scratch.give(offset, size)

    def _parts(self, arrays: Sequence[int], blocked: Sequence[int], rows: int, parts: int) -> None:
        """So many ``rows`` for each thread, with memory of its own; sums are added in order."""
        context = self.context
        lines, shared = context.lines, context.scratch
        assert self.passes is not None
        sums = [array for array in arrays if context.accumulates(array)]
        places = {array: context.places[array] for array in sums}
        context.scratch, context.memory, context.begin = Scratch(), "own", "begin"
        lines.add("#pragma omp parallel for num_threads(threads) schedule(static, 1)")
        with lines.block(lines.loop("part", "0", str(parts))):
            start = len(lines.lines)
            size = self.passes.size
            lines.add(f"const long begin = part * {rows};")
            lines.add(f"const long end = begin + {rows} < {size} ? begin + {rows} : {size};")
            offsets = {array: self._own_sum(array) for array in sums}
            self._blocks(arrays, blocked, "end")
            own = context.scratch.bytes
            base = shared.take(own * parts)
            lines.insert(start, f"char *const own = work + {base} + part * {own};")
        context.scratch, context.memory, context.begin = shared, "work", "0"
        context.places.update(places)
        with lines.block(lines.loop("part", "1", str(parts))):
            for array, offset in offsets.items():
                self._add_sum(array, f"(const R *)(work + {base} + part * {own} + {offset})")
        shared.give(base, own * parts)

    def _own_sum(self, array: int) -> int:
        """Memory for the sum of one part; the first part has that of the array."""
        context = self.context
        place = context.places[array]
        offset = context.scratch.take(context.bytes_of(max(self.arrays[array].size, 1)))
        name = f"p{array}"
        context.lines.add(f"R *const {name} = part ? (R *)(own + {offset}) : {place.name};")
        context.places[array] = replaced(place, name=name)
        return offset

    def _add_sum(self, array: int, source: str) -> None:
        name = self.context.places[array].name
        largest = isinstance(self.arrays[array].kind, Extreme)
        value = f"gf_larger(p{array}[k], {name}[k])" if largest else f"{name}[k] + p{array}[k]"
        lines = self.context.lines
        lines.add(f"const R *p{array} = {source};")
        with lines.block(f"for (long k = 0; k < {self.arrays[array].size}; k++)"):
            lines.add(f"{name}[k] = {value};")

    def _clear(self, array: int) -> None:
        """What is added to starts from nothing; BLAS does that itself."""
        kind = self.arrays[array].kind
        if isinstance(kind, Gemm | Symmetric):
            return
        start = "-(R)INFINITY" if isinstance(kind, Extreme) else "0"
        size = self.arrays[array].size
        name = self.context.places[array].name
        lines = self.context.lines
        with (
            lines.block(f"if (r0 == {self.context.begin})"),
            lines.block(f"for (long k = 0; k < {size}; k++)"),
        ):
            lines.add(f"{name}[k] = {start};")

    def _statement(self, array: int) -> None:
        self._allocate(array, block=False)
        define(self.context, array)
        if isinstance(self.arrays[array].kind, Symmetric):
            mirror(self.context, array)
