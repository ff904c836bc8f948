"""The statement that computes an array, by what it is."""

from __future__ import annotations

from gradform.codegen.native.definitions.arrays import (
    ByFactors,
    Contract,
    Extreme,
    Factored,
    Gemm,
    Packed,
    Reshaped,
    Scan,
    Squares,
    Symmetric,
    Unpacked,
)
from gradform.codegen.native.statements.calls import gemm, gram
from gradform.codegen.native.statements.context import Context
from gradform.codegen.native.statements.factors import by_factors, factored
from gradform.codegen.native.statements.fills import fill
from gradform.codegen.native.statements.packs import pack, unpack
from gradform.codegen.native.statements.scans import scan
from gradform.codegen.native.statements.sums import extreme, squares, total

__all__ = ["define"]


def define(context: Context, array: int) -> None:
    """Add the statement; its scratch memory is free afterwards."""
    match context.arrays[array].kind:
        case Contract():
            total(context, array)
        case Extreme():
            extreme(context, array)
        case Squares():
            squares(context, array)
        case Gemm():
            gemm(context, array)
        case Symmetric():
            gram(context, array)
        case Packed():
            pack(context, array)
        case Unpacked():
            unpack(context, array)
        case Scan():
            scan(context, array)
        case Factored():
            factored(context, array)
        case ByFactors():
            by_factors(context, array)
        case Reshaped():
            _reshaped(context, array)
        case _:
            fill(context, array)
    while context.temporaries:
        context.scratch.give(*context.temporaries.pop())


def _reshaped(context: Context, array: int) -> None:
    """The same entries in the same order, copied where they are not the same memory."""
    (argument,) = context.arrays[array].arguments
    source, target = context.places[argument].name, context.places[array].name
    if source == target:
        return
    context.routines.add("copy")
    size, axis = context.arrays[array].size, context.row_axis(array)
    if axis == 0:
        step = size // context.arrays[array].shape[0]
        start = f"r0 * {step}"
        context.lines.add(f"gf_copy((r1 - r0) * {step}, {source} + {start}, {target} + {start});")
    else:
        last = "" if axis is None else f"if (r1 == {context.arrays[array].shape[axis]}) "
        context.lines.add(f"{last}gf_copy({size}, {source}, {target});")
