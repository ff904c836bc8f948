"""Symmetric matrices by their upper triangles."""

from __future__ import annotations

from contextlib import ExitStack

from gradform.codegen.native.definitions.index import Index, constant, variable
from gradform.codegen.native.statements.context import Context

__all__ = ["pack", "unpack"]

# Rows of so few entries have loops of their own, whose lengths the compiler knows.
_WRITTEN_OUT = 16


def pack(context: Context, array: int) -> None:
    """``array[…, at(i, j)] = argument[…, i, j]`` for i ≤ j."""
    (argument,) = context.arrays[array].arguments
    size = context.arrays[argument].shape[-1]
    leading = context.bounds(array)[:-1]
    lines = context.lines
    with ExitStack() as stack:
        context.nest(stack, leading)
        if size <= _WRITTEN_OUT:
            for row in range(size):
                _pack_row(context, array, constant(row), size)
        else:
            stack.enter_context(lines.block(lines.loop("p", "0", str(size))))
            _pack_row(context, array, variable("p"), size)


def _pack_row(context: Context, array: int, row: Index, size: int) -> None:
    (argument,) = context.arrays[array].arguments
    before = [each.index for each in context.bounds(array)[:-1]]
    start = context.places[array].pointer([*before, constant(0)])
    value = context.entries.entry(argument, [*before, row, variable("q")])
    context.lines.add("#pragma omp simd")
    with context.lines.block(context.lines.loop("q", row.text, str(size))):
        context.lines.add(f"({start} + {_start(row.text, size)})[q] = {value};")


def unpack(context: Context, array: int) -> None:
    """``array[i, j, a, b] = argument[at(i, j), at(a, b)]``, whichever of each is the larger."""
    definition = context.arrays[array]
    (argument,) = definition.arguments
    n, _, k, _ = definition.shape
    columns = context.arrays[argument].shape[-1]
    source, target = context.places[argument].name, context.places[array].name
    lines = context.lines
    with ExitStack() as stack:
        stack.enter_context(lines.block(lines.loop("i", "0", str(n))))
        stack.enter_context(lines.block(lines.loop("j", "i", str(n))))
        lines.add(f"const R *const packed = {source} + ({_start('i', n)} + j) * {columns};")
        lines.add(f"R *const one = {target} + (i * {n} + j) * {k * k};")
        lines.add(f"R *const other = {target} + (j * {n} + i) * {k * k};")
        stack.enter_context(lines.block(lines.loop("a", "0", str(k))))
        with lines.block(lines.loop("b", "a", str(k))):
            lines.add(f"const R value = packed[{_start('a', k)} + b];")
            lines.add(f"one[a * {k} + b] = one[b * {k} + a] = value;")
            lines.add(f"other[a * {k} + b] = other[b * {k} + a] = value;")


def _start(row: str, size: int) -> str:
    """Where the entry of column 0 of a row would be: rows are shorter by one each."""
    if row.isdigit():
        return str(int(row) * (2 * size - 1 - int(row)) // 2)
    return f"{row} * ({2 * size - 1} - {row}) / 2"
