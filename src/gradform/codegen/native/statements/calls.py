"""Products of matrices by BLAS.

It reads matrices by columns: a matrix in C order is to it its transpose. So C = A·B is computed
as C' = B'·A'.
"""

from __future__ import annotations

from contextlib import ExitStack
from math import prod

from gradform.codegen.native.definitions.arrays import Gemm, Symmetric
from gradform.codegen.native.definitions.index import Index, constant, linear
from gradform.codegen.native.definitions.numbers import literal
from gradform.codegen.native.statements.context import Bounds, Context
from gradform.codegen.native.storage.axes import letters_of
from gradform.codegen.native.storage.memory import strides_of

__all__ = ["gemm", "gram", "mirror"]

# Rows that are scaled at a time for a weighted product.
PACKED = 256


class _Matrix:
    """Two groups of axes of an array as rows and columns of a matrix."""

    def __init__(self, context: Context, array: int, batch: int, first: int) -> None:
        self.context = context
        self.array = array
        self.batch = batch
        self.split = batch + first
        self.place = context.places[array]
        self.shape = context.arrays[array].shape
        self.row_axis = _row_axis(context, array)

    def count(self, start: int, stop: int) -> str:
        """How many rows or columns, as C text."""
        if self.row_axis is not None and start <= self.row_axis < stop:
            rest = prod(self.shape[self.row_axis + 1 : stop])
            return f"(r1 - r0) * {rest}" if rest != 1 else "r1 - r0"
        return str(prod(self.shape[start:stop]))

    @property
    def first(self) -> str:
        return self.count(self.batch, self.split)

    @property
    def second(self) -> str:
        return self.count(self.split, len(self.shape))

    @property
    def step(self) -> int:
        """From one row to the next."""
        if self.split == self.batch:
            return max(prod(self.shape[self.split :]), 1)
        return self.place.strides[self.split - 1]

    def pointer(self, batch: list[Index]) -> str:
        start = [*batch, *(constant(0) for _ in self.shape[self.batch :])]
        if self.row_axis is not None and self.row_axis >= self.batch:
            start[self.row_axis] = Index((("r0", 1),))
        return self.place.pointer(start)


def _row_axis(context: Context, array: int) -> int | None:
    """The axis of rows in a pass, of arrays that the pass reads too."""
    if not context.in_pass or context.passes is None:
        return None
    return context.passes.axis.get(array)


def gemm(context: Context, array: int) -> None:
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, Gemm)
    context.routines.add("gemm")
    left = _Matrix(
        context, definition.arguments[0], kind.batch, kind.summed if kind.turned[0] else kind.rows
    )
    right = _Matrix(
        context,
        definition.arguments[1],
        kind.batch,
        kind.columns if kind.turned[1] else kind.summed,
    )
    result = _Matrix(context, array, kind.batch, kind.rows)
    summed = left.first if kind.turned[0] else left.second
    beta = context.beta if context.accumulates(array) else "0"
    bounds = context.bounds(array)[: kind.batch]
    batch = [each.index for each in bounds]
    with ExitStack() as stack:
        context.nest(stack, bounds)
        flags = ", ".join("'T'" if turned else "'N'" for turned in reversed(kind.turned))
        context.lines.add(
            f"gf_gemm(lib, {flags}, {result.second}, {result.first}, {summed}, "
            f"{literal(kind.scale)}, {right.pointer(batch)}, {right.step}, "
            f"{left.pointer(batch)}, {left.step}, {beta}, {result.pointer(batch)}, {result.step});"
        )


# ---------------------------------------------------------------- symmetric products


def gram(context: Context, array: int) -> None:
    """The lower triangle of A'A or A' diag(w) A; :func:`mirror` completes it."""
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, Symmetric)
    context.routines.add("syrk")
    rank = len(context.arrays[definition.arguments[0]].shape)
    side = rank - kind.summed
    matrix = _Matrix(context, definition.arguments[0], 0, side if kind.turned else kind.summed)
    result = _Matrix(context, array, 0, len(definition.shape) // 2)
    beta = context.beta if context.accumulates(array) else "0"
    if len(definition.arguments) == 2:
        _weighted(context, array, matrix, result, beta)
        return
    summed = matrix.second if kind.turned else matrix.first
    flag = "'T'" if kind.turned else "'N'"
    context.lines.add(
        f"gf_syrk(lib, {flag}, {result.first}, {summed}, {literal(kind.scale)}, "
        f"{matrix.pointer([])}, {matrix.step}, {beta}, {result.pointer([])}, {result.step});"
    )


def _weighted(context: Context, array: int, matrix: _Matrix, result: _Matrix, beta: str) -> None:
    """A' diag(w) A = P'P - N'N: P and N have the rows of A times √|w|, by the sign of w.

    NaN goes to P. Rows are packed in blocks that stay in the cache, those of P from the front,
    those of N from the back.
    """
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, Symmetric)
    lines = context.lines
    source, weights = definition.arguments
    columns = prod(context.arrays[array].shape[: len(definition.shape) // 2])
    size = context.arrays[weights].size
    rows = _row_axis(context, weights) is not None
    start, stop = ("r0", "r1") if rows else ("0", str(size))
    packed = context.temporary(array, "packed", min(PACKED, size) * columns)
    letters = letters_of(context.plan, array)
    assert letters is not None
    names = letters[0][0]
    with ExitStack() as stack:
        lines.add(
            f"/* {result.place.name} = A' diag(w) A by rows times the root of their weight */"
        )
        stack.enter_context(lines.block(f"for (long b0 = {start}; b0 < {stop}; b0 += {PACKED})"))
        lines.add(f"const long b1 = b0 + {PACKED} < {stop} ? b0 + {PACKED} : {stop};")
        lines.add("long front = 0, back = b1 - b0;")
        with lines.block("for (long i = b0; i < b1; i++)"):
            weight = context.entries.entry(weights, [Index((("i", 1),))])
            lines.add(f"const R w = {weight};")
            lines.add("const R root = w < 0 ? sqrt(-w) : sqrt(w);")
            lines.add(f"R *row = {packed} + (w < 0 ? --back : front++) * {columns};")
            summed = letters[0][1]
            inner = [x for x in names if x not in summed]
            shape = dict(zip(names, context.arrays[source].shape, strict=True))
            loops = [Bounds(f"j{x}", shape[x]) for x in inner]
            where = [
                Index((("i", 1),)) if x in summed else loops[inner.index(x)].index for x in names
            ]
            with ExitStack() as inside:
                context.nest(inside, loops[:-1])
                context.innermost(inside, loops[-1])
                steps = strides_of([loop.size for loop in loops])
                offset = linear(
                    0, [(loop.index, step) for loop, step in zip(loops, steps, strict=True)]
                )
                lines.add(f"row[{offset.text}] = root * {context.entries.entry(source, where)};")
        first = beta if rows else "0"
        for count, pointer, sign in (
            ("front", packed, 1),
            ("b1 - b0 - back", f"({packed} + back * {columns})", -1),
        ):
            head = "" if sign == 1 else "if (back < b1 - b0)"
            keep = f"b0 > {start} ? 1 : ({first})" if sign == 1 else "1"
            with lines.block(head):
                lines.add(
                    f"gf_syrk(lib, 'N', {columns}, {count}, {literal(sign * kind.scale)}, "
                    f"{pointer}, {columns}, {keep}, {result.pointer([])}, {result.step});"
                )


def mirror(context: Context, array: int) -> None:
    """The upper triangle of a symmetric matrix from the lower one, by tiles."""
    place = context.places[array]
    shape = context.arrays[array].shape
    side = prod(shape[: len(shape) // 2])
    context.lines.add(f"gf_mirror({side}, {place.name});")
    context.routines.add("mirror")
