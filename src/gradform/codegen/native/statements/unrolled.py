"""Small functions without loops: every entry of every array is a variable of its own.

The compiler keeps the variables in registers, and in a loop over points computes several points
at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from gradform.codegen.native.definitions.arrays import (
    Argument,
    Contract,
    Extreme,
    Gemm,
    Reshaped,
    Scan,
    Squares,
)
from gradform.codegen.native.definitions.index import Index, constant
from gradform.codegen.native.definitions.numbers import literal
from gradform.codegen.native.statements.context import Context
from gradform.codegen.native.storage.axes import letters_of
from gradform.codegen.native.storage.memory import Place, strides_of
from gradform.codegen.native.storage.plan import COMPUTED, Plan
from gradform.records import replaced

__all__ = ["fits_unrolled", "over_points", "unroll"]

# So many evaluations of expressions make a small function.
MOST = 512
_SUMS = (Contract, Extreme, Scan, Squares)
# Points of a block.
LANES = 16


def fits_unrolled(plan: Plan) -> bool:
    """Whether a function is small enough and calls no library."""
    for array in plan.held:
        kind = plan.arrays[array].kind
        if isinstance(kind, COMPUTED) and not isinstance(kind, _SUMS):
            return False
    return sum(plan.volume(array) for array in plan.held) <= MOST


def unroll(context: Context, lanes: str = "") -> None:
    """All entries in order, then the outputs; ``lanes`` is what follows an entry of those."""
    for array in context.plan.held:
        shape = context.arrays[array].shape
        place = Place(f"a{array}", strides_of(shape), registers=True)
        kind = context.arrays[array].kind
        order = list(_all_indices(shape))
        if isinstance(kind, Scan) and kind.backwards:
            order.reverse()
        for indices in order:
            value = _value(context, array, indices, place)
            context.lines.add(f"const R {place.entry(indices)} = {value};")
        context.places[array] = place
    for k, array in enumerate(context.plan.outputs):
        place = context.places[array]
        for flat in range(prod(context.arrays[array].shape)):
            context.lines.add(f"{'y' if lanes else 'out'}{k}[{flat}]{lanes} = {place.name}_{flat};")


def over_points(context: Context, point: str, batched: Sequence[bool]) -> None:
    """The loop over points: blocks of them in lanes, the rest by the function of one ``point``.

    A block is turned, so that one entry of all its points lies together.
    """
    lines, sizes = context.lines, _sizes(context)
    for array, known in list(context.places.items()):
        kind = context.arrays[array].kind
        if isinstance(kind, Argument) and batched[kind.place]:
            context.places[array] = replaced(known, name=f"x{kind.place}", lanes=True)
    inputs = [(f"x{k}", f"in{k}", size) for k, size in sizes.items() if batched[k]]
    outputs = [
        (f"y{k}", f"out{k}", context.arrays[array].size)
        for k, array in enumerate(context.plan.outputs)
    ]
    lines.add(f"const long whole = count - count % {LANES};")
    if context.threads > 1:
        lines.add("#pragma omp parallel for num_threads(threads) if (count > 4096)")
    with lines.block(f"for (long point = 0; point < whole; point += {LANES})"):
        for name, _, size in (*inputs, *outputs):
            lines.add(f"R {name}[{size}][{LANES}];")
        for name, source, size in inputs:
            _turn(context, size, f"{name}[c][l]", f"{source}[(point + l) * {size} + c]")
        lines.add("#pragma omp simd")
        with lines.block(f"for (int l = 0; l < {LANES}; l++)"):
            unroll(context, "[l]")
        for name, target, size in outputs:
            _turn(context, size, f"{target}[(point + l) * {size} + c]", f"{name}[c][l]")
    with lines.block("for (long point = whole; point < count; point++)"):
        lines.add(f"{point};")


def _turn(context: Context, size: int, target: str, source: str) -> None:
    lines = context.lines
    with (
        lines.block(f"for (int l = 0; l < {LANES}; l++)"),
        lines.block(f"for (int c = 0; c < {size}; c++)"),
    ):
        lines.add(f"{target} = {source};")


def _sizes(context: Context) -> dict[int, int]:
    """How many entries each input has that is used."""
    return {
        kind.place: context.arrays[array].size
        for array in context.plan.live
        if isinstance(kind := context.arrays[array].kind, Argument)
    }


def _all_indices(shape: Sequence[int]) -> Iterator[tuple[Index, ...]]:
    for numbers in product(*map(range, shape)):
        yield tuple(map(constant, numbers))


def _value(context: Context, array: int, indices: Sequence[Index], place: Place) -> str:
    """The expression of one entry; ``place`` is that of the array, of which some is done."""
    definition = context.arrays[array]
    match definition.kind:
        case Contract(_, _, scale):
            terms = _terms(context, array, indices)
            total = " + ".join(" * ".join(term) for term in terms) or literal(0.0)
            return f"({total})" if scale == 1 else f"{literal(scale)} * ({total})"
        case Extreme():
            largest = literal(float("-inf"))
            for (term,) in _terms(context, array, indices):
                largest = f"gf_larger({term}, {largest})"
            return largest
        case Squares():
            factor = ("", " * GF_DOWN", " * GF_UP")[indices[0].constant]
            squares = [f"gf_power2({term}{factor})" for (term,) in _terms(context, array, indices)]
            return f"({' + '.join(squares) or literal(0.0)})"
        case Scan(axis, backwards):
            step = 1 if backwards else -1
            before = list(indices)
            before[axis] = indices[axis].plus(constant(step))
            value = context.entries.entry(definition.arguments[0], indices)
            inside = 0 <= before[axis].constant < definition.shape[axis]
            return f"{place.entry(before)} + {value}" if inside else value
        case Reshaped():
            (argument,) = definition.arguments
            source = context.places[argument]
            flat = place.offset(indices).constant
            return replaced(source, strides=(1,)).entry([constant(flat)])
        case kind:
            assert not isinstance(kind, Gemm)
            return context.entries.defined(array, indices)


def _terms(context: Context, array: int, indices: Sequence[Index]) -> Iterator[list[str]]:
    """The factors of each term of a sum, or what a maximum is over."""
    definition = context.arrays[array]
    found = letters_of(context.plan, array)
    assert found is not None
    inputs, out = found
    extents: dict[str, int] = {}
    for argument, names in zip(definition.arguments, inputs, strict=True):
        extents |= zip(names, context.arrays[argument].shape, strict=True)
    known = dict(zip(out, indices, strict=True))
    summed = [letter for letter in extents if letter not in known]
    for numbers in product(*(range(extents[letter]) for letter in summed)):
        at = known | dict(zip(summed, map(constant, numbers), strict=True))
        yield [
            context.entries.entry(argument, [at[x] for x in names])
            for argument, names in zip(definition.arguments, inputs, strict=True)
        ]
