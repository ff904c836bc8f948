"""Arrays whose entries are expressions, written in one pass over memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from gradform.codegen.native.definitions.arrays import Affine, Combination, Formula, Monomial, Move
from gradform.codegen.native.definitions.index import Index, applied, constant, variable
from gradform.codegen.native.statements.context import Bounds, Context
from gradform.codegen.native.statements.entries import combined
from gradform.codegen.native.statements.exchange import Terms
from gradform.codegen.native.statements.streams import is_streamed, stream
from gradform.codegen.native.statements.turned import Tiled, turned
from gradform.codegen.native.storage.memory import strides_of

__all__ = ["fill", "is_in_parts", "zero"]

# Transposed arrays are read in tiles of this side, unless they are small: that many rows at
# once fit the second cache, and a longer run of each row is read before the next.
TILE, SMALL = 128, 32
# Vectors have up to so many entries; in rows that are longer than the other number what does
# not fill one counts for little.
LANES, SHORT = 8, 64


def fill(context: Context, array: int) -> None:
    """``array[i…] = expression``; what is zero almost everywhere is put in afterwards."""
    definition = context.arrays[array]
    if not definition.shape:
        place = context.places[array]
        value = context.entries.defined(array, ())
        context.lines.add(f"{_declared(context, array)}{place.entry(())} = {value};")
        return
    dense, sparse = _parts(context, array)
    if sparse and not dense:
        if not context.comes_cleared(array):
            zero(context, array)
    elif sparse:
        _assign(context, array, dense)
    else:
        _assign(context, array, None)
    for k, (coefficient, part) in enumerate(sparse):
        _scatter(context, array, coefficient, part, into_zeros=not dense and not k)


def _declared(context: Context, array: int) -> str:
    return f"const {'R'} " if context.places[array].number else ""


def zero(context: Context, array: int) -> None:
    """Zeros in the rows that are worked on."""
    _flat_loop(context, array, lambda index: f"{context.places[array].entry(index)} = 0;")


# ---------------------------------------------------------------- dense expressions


def _assign(context: Context, array: int, terms: Terms) -> None:
    place = context.places[array]

    def value(index: Sequence[Index]) -> str:
        if terms is None:
            return context.entries.defined(array, index)
        parts = [
            context.entries.entry(a, index if context.arrays[a].shape else ()) for _, a in terms
        ]
        return combined([coefficient for coefficient, _ in terms], parts)

    def statement(index: Sequence[Index]) -> str:
        return f"{place.entry(index)} = {value(index)};"

    if _is_flat(context, array):
        if is_streamed(context, array, context.arrays[array].size):
            _flat_stream(context, array, value)
        else:
            _flat_loop(context, array, statement)
        return
    if terms is None and _has_short_rows(context, array):
        _in_two_loops(context, array)
        return
    bounds = context.bounds(array)
    indices = [each.index for each in bounds]
    crossed = _crossed(context, array, bounds, indices)
    if crossed is not None and turned(context, Tiled(array, bounds, crossed, terms, value)):
        return
    with ExitStack() as stack:
        shared = context.is_parallel(context.arrays[array].size)
        if shared and len(bounds) > 1 and not bounds[0].trivial:
            context.lines.add("#pragma omp parallel for num_threads(threads)")
        if crossed is not None:
            _tiles(context, stack, bounds, crossed)
            context.lines.add(statement(indices))
            return
        context.nest(stack, bounds[:-1])
        last = bounds[-1]
        if not last.rows and is_streamed(context, array, last.size):
            run = (last.name, last.start, last.stop)
            stream(
                context,
                run,
                lambda first: place.pointer([*indices[:-1], first]),
                lambda: value(indices),
            )
            return
        context.innermost(stack, last)
        context.lines.add(statement(indices))


def _has_short_rows(context: Context, array: int) -> bool:
    """Whether an array is a function of an expression with rows that fill no vectors."""
    definition = context.arrays[array]
    if not isinstance(definition.kind, Formula) or len(definition.arguments) != 1:
        return False
    length, rows = definition.shape[-1], context.row_axis(array)
    computed = definition.arguments[0] not in context.places
    return computed and length < SHORT and length % LANES != 0 and rows in (None, 0)


def _in_two_loops(context: Context, array: int) -> None:
    """The argument, row by row, then the function of it in one long loop: of the entries that
    are left over at the end of a row it would be called one by one.
    """
    definition, place = context.arrays[array], context.places[array]
    kind = definition.kind
    assert isinstance(kind, Formula)
    (argument,) = definition.arguments
    bounds = context.bounds(array)
    indices = [each.index for each in bounds]
    with ExitStack() as stack:
        context.nest(stack, bounds[:-1])
        context.innermost(stack, bounds[-1])
        entry = context.entries.entry(argument, indices)
        context.lines.add(f"{place.entry(indices)} = {entry};")

    def applied_to_itself(index: Sequence[Index]) -> str:
        entry = place.entry(index)
        return f"{entry} = {context.entries.call(kind, [entry])};"

    _flat_loop(context, array, applied_to_itself)


def _flat_loop(context: Context, array: int, statement: Callable[[list[Index]], str]) -> None:
    """One loop over all entries, or over those of the rows where they lie together."""
    bounds = context.bounds(array)
    with ExitStack() as stack:
        if context.row_axis(array) in (None, 0):
            count = context.arrays[array].size
            head = context.lines.loop("k", "0", _flat_length(context, array))
            if count >= 4:
                context.independent(count)
            stack.enter_context(context.lines.block(head))
            index = _flat_index(context, array, variable("k"))
        else:
            context.nest(stack, bounds)
            index = [each.index for each in bounds]
        context.lines.add(statement(index))


def _flat_stream(context: Context, array: int, value: Callable[[Sequence[Index]], str]) -> None:
    """The same for a large array, past the caches."""
    place = context.places[array]
    if context.is_parallel(context.arrays[array].size):
        context.lines.add("#pragma omp parallel for num_threads(threads)")
    stream(
        context,
        ("k", "0", _flat_length(context, array)),
        lambda first: place.pointer(_flat_index(context, array, first)),
        lambda: value(_flat_index(context, array, variable("k"))),
    )


def _flat_length(context: Context, array: int) -> str:
    """How many entries there are, or in the rows that are worked on."""
    shape = context.arrays[array].shape
    step = strides_of(shape)[0]
    return f"(r1 - r0) * {step}" if context.row_axis(array) == 0 else str(step * shape[0])


def _flat_index(context: Context, array: int, place: Index) -> list[Index]:
    """The indices of an entry by its place among these: all on the last axis."""
    first = variable("r0") if context.row_axis(array) == 0 else constant(0)
    index = [first, *(constant(0) for _ in context.arrays[array].shape[1:])]
    index[-1] = index[-1].plus(place)
    return index


def _is_flat(context: Context, array: int) -> bool:
    """Whether all entries that are read stand where the entry that is written stands."""
    axis = context.row_axis(array)
    if axis not in (None, 0):
        return False
    shape = context.arrays[array].shape
    waiting = list(context.arrays[array].arguments)
    if isinstance(context.arrays[array].kind, Move):
        return False
    while waiting:
        part = waiting.pop()
        definition = context.arrays[part]
        if not definition.shape:
            continue
        if definition.shape != shape:
            return False
        if part in context.places:
            continue
        if not isinstance(definition.kind, Combination | Monomial | Formula):
            return False
        waiting.extend(definition.arguments)
    return True


def _crossed(
    context: Context, array: int, bounds: Sequence[Bounds], indices: Sequence[Index]
) -> int | None:
    """The axis along which some array that is read is contiguous, if that is not the last."""
    last = bounds[-1]
    if last.size < SMALL:
        return None
    for read, where in context.entries.loads(array, indices, defined=True):
        offset = context.places[read].offset(where)
        steps = dict(offset.terms)
        if abs(steps.get(last.name, 0)) > 1:
            for k, each in enumerate(bounds[:-1]):
                if abs(steps.get(each.name, 0)) == 1 and each.size >= SMALL:
                    return k
    return None


def _tiles(context: Context, stack: ExitStack, bounds: Sequence[Bounds], crossed: int) -> None:
    """Loops over tiles of axis ``crossed`` and the last axis, then inside a tile."""
    lines = context.lines
    last = len(bounds) - 1
    context.nest(stack, [each for k, each in enumerate(bounds) if k not in (crossed, last)])
    for k in (crossed, last):
        each = bounds[k]
        head = lines.loop(f"{each.name}_0", each.start, each.stop, TILE)
        stack.enter_context(lines.block(head))
        lines.add(
            f"const long {each.name}_1 = "
            f"{each.name}_0 + {TILE} < {each.stop} ? {each.name}_0 + {TILE} : {each.stop};"
        )
    for k in (crossed, last):
        name = bounds[k].name
        if k == last:
            lines.add("#pragma omp simd")
        stack.enter_context(lines.block(lines.loop(name, f"{name}_0", f"{name}_1")))


# ---------------------------------------------------------------- sparse parts


def is_in_parts(context: Context, array: int) -> bool:
    """Whether an array is written several times: some terms after the others."""
    return bool(_parts(context, array)[1])


def _parts(context: Context, array: int) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    """Terms of the expression: dense ones, and those that are zero off some diagonals."""
    definition = context.arrays[array]
    match definition.kind:
        case Combination(coefficients):
            terms = list(zip(coefficients, definition.arguments, strict=True))
        case Move():
            terms = [(1.0, array)]
        case _:
            return [(1.0, array)], []
    sparse = [t for t in terms if _is_sparse(context, t[1], t[1] == array)]
    if not sparse:
        return [(1.0, array)], []
    return [t for t in terms if t not in sparse], sparse


def _is_sparse(context: Context, array: int, itself: bool) -> bool:
    if array in context.places and not itself:
        return False
    kind = context.arrays[array].kind
    if not isinstance(kind, Move) or not kind.equal or kind.least:
        return False
    return _fixed_axes(context, array) is not None


def _fixed_axes(context: Context, array: int) -> dict[int, Affine] | None:
    """Axes whose index the conditions tell from those of other axes; None if they do not."""
    definition = context.arrays[array]
    assert isinstance(definition.kind, Move)
    axis = context.row_axis(array)
    found: dict[int, Affine] = {}
    for form in definition.kind.equal:
        terms = dict(form.terms)
        choices = [a for a, c in form.terms if abs(c) == 1 and a != axis and a not in found]
        if not choices or any(a in found for a in terms):
            return None
        chosen = choices[-1]
        sign = -terms.pop(chosen)
        found[chosen] = Affine(tuple((a, c * sign) for a, c in terms.items()), form.constant * sign)
    if any(a in found for form in found.values() for a, _ in form.terms):
        return None
    return found


def _scatter(
    context: Context, array: int, coefficient: float, part: int, *, into_zeros: bool
) -> None:
    """Add a term where its conditions hold, each entry once.

    What is added to zeros is just written: reading fresh memory first takes the system twice as
    long as writing to it.
    """
    definition = context.arrays[part]
    move = definition.kind
    assert isinstance(move, Move)
    fixed = _fixed_axes(context, part)
    assert fixed is not None
    bounds = context.bounds(array)
    indices = [each.index for each in bounds]
    for axis, form in fixed.items():
        indices[axis] = applied(form, indices)
    (argument,) = definition.arguments
    tests = [
        f"{indices[axis].text} >= 0 && {indices[axis].text} < {definition.shape[axis]}"
        for axis, form in fixed.items()
        if not _inside(form, definition.shape, axis)
    ]
    with ExitStack() as stack:
        context.nest(stack, [each for k, each in enumerate(bounds) if k not in fixed])
        if tests:
            stack.enter_context(context.lines.block(f"if ({' && '.join(tests)})"))
        inner = [applied(index, indices) for index in move.indices]
        value = combined((coefficient,), [context.entries.entry(argument, inner)])
        operator = "=" if into_zeros else "+="
        context.lines.add(f"{context.places[array].entry(indices)} {operator} {value};")


def _inside(form: Affine, shape: Sequence[int], axis: int) -> bool:
    """Whether the index that the conditions tell is never outside its axis."""
    if not form.terms:
        return True
    other = form.axis
    return other is not None and shape[other] <= shape[axis]
