"""Factorisations of matrices, and what is computed by them, with LAPACK.

LAPACK reads matrices by columns, so it sees the transpose of a matrix in C order: the factors
are those of A'. Row exchanges stand behind the entries, as integers.
"""

from __future__ import annotations

from gradform.codegen.native.definitions.arrays import ByFactors, Factored
from gradform.codegen.native.statements.context import Context

__all__ = ["by_factors", "factored"]


def factored(context: Context, array: int) -> None:
    """A = L L' or A' = P L U in memory of its own."""
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, Factored)
    (matrix,) = definition.arguments
    n = context.arrays[matrix].shape[0]
    target, source = context.places[array].name, context.places[matrix].name
    routine = "gf_cholesky" if kind.positive else "gf_lu"
    context.routines.add(routine)
    call = f"{routine}(lib, {n}, {source}, {target})"
    if kind.failure:
        context.lines.add(f"if ({call}) return {context.failure(kind.failure)};")
    else:
        context.lines.add(f"{call};")


def by_factors(context: Context, array: int) -> None:
    definition = context.arrays[array]
    kind = definition.kind
    assert isinstance(kind, ByFactors)
    factors, *right = definition.arguments
    method = "cholesky" if kind.positive else "lu"
    routine = f"gf_{method}_{kind.what}"
    context.routines.add(routine)
    source = context.places[factors].name
    place = context.places[array]
    n = _side(context, factors)
    match kind.what:
        case "logarithm" | "determinant":
            declared = "const R " if place.number else ""
            context.lines.add(f"{declared}{place.entry(())} = {routine}({n}, {source});")
        case "inverse":
            spare = "" if kind.positive else f", {context.temporary(array, 'spare', 64 * n)}"
            context.lines.add(f"{routine}(lib, {n}, {source}, {place.name}{spare});")
        case _:
            columns = definition.shape[1] if len(definition.shape) == 2 else 1
            given = context.places[right[0]].name
            rest = ""
            if not kind.positive:
                flag = "'N'" if kind.transposed else "'T'"
                rest = f", {context.temporary(array, 'sides', n * columns)}, {flag}"
            context.lines.add(
                f"{routine}(lib, {n}, {columns}, {source}, {given}, {place.name}{rest});"
            )


def _side(context: Context, factors: int) -> int:
    """How many rows the matrix has that was factored."""
    return context.arrays[context.arrays[factors].arguments[0]].shape[0]
