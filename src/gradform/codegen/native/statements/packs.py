"""Symmetric matrices by their upper triangles."""

from __future__ import annotations

from contextlib import ExitStack

from gradform.codegen.native.definitions.index import constant, variable
from gradform.codegen.native.statements.context import Context

__all__ = ["pack", "unpack"]


def pack(context: Context, array: int) -> None:
    """``array[…, at(i, j)] = argument[…, i, j]`` for i ≤ j."""
    (argument,) = context.arrays[array].arguments
    size = context.arrays[argument].shape[-1]
    leading = context.bounds(array)[:-1]
    before = [each.index for each in leading]
    row = context.places[array].pointer([*before, constant(0)])
    value = context.entries.entry(argument, [*before, variable("p"), variable("q")])
    lines = context.lines
    with ExitStack() as stack:
        context.nest(stack, leading)
        stack.enter_context(lines.block(lines.loop("p", "0", str(size))))
        lines.add(f"R *const packed = {row} + {_start('p', size)};")
        lines.add("#pragma omp simd")
        with lines.block(lines.loop("q", "p", str(size))):
            lines.add(f"packed[q] = {value};")


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
    return f"{row} * ({2 * size - 1} - {row}) / 2"
