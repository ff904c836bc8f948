"""Sums of products and maxima over axes as loops.

The innermost loop runs along memory. Where it is summed over, several entries of the result are
made at once, each with its own sum; where it runs over the result, several terms are added at
once. Either way every array is read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from gradform.codegen.native.definitions.arrays import Contract, Extreme, Squares
from gradform.codegen.native.definitions.index import Index, constant, variable
from gradform.codegen.native.definitions.numbers import literal
from gradform.codegen.native.statements.context import Bounds, Context
from gradform.codegen.native.statements.fills import zero
from gradform.codegen.native.storage.axes import letters_of

__all__ = ["extreme", "squares", "total"]

# So many entries or terms are made at once, in loops that are long enough.
JAM, LONG = 4, 16
# Entries whose squares do not overflow, and do not vanish.
_SCALED = ("{x} * GF_DOWN", "{x} * GF_UP")
# Lanes of a maximum.
LANES = 16


class _Sum:
    """One contraction: its letters as loops."""

    def __init__(self, context: Context, array: int) -> None:
        found = letters_of(context.plan, array)
        assert found is not None
        self.context = context
        self.array = array
        self.inputs, self.out = found
        self.arguments = context.arrays[array].arguments
        self.bounds = self._bounds()
        self.summed = [x for x in self.bounds if x not in self.out]
        self.entry = f"x_{array}"  # what an entry of the argument is called

    def _bounds(self) -> dict[str, Bounds]:
        passes = self.context.passes
        axis: Mapping[int, int] = {}
        if self.context.in_pass and passes is not None and self.array in passes.rows:
            axis = passes.axis
        found: dict[str, Bounds] = {}
        pairs = [(self.array, self.out), *zip(self.arguments, self.inputs, strict=True)]
        for array, names in pairs:
            for k, letter in enumerate(names):
                rows = axis.get(array) == k or (letter in found and found[letter].rows)
                size = self.context.arrays[array].shape[k]
                found[letter] = Bounds(f"i_{letter}", size, rows)
        return found

    def index(self, names: str, moved: Mapping[str, int] | None = None) -> list[Index]:
        """Indices of an array with these letters; some letters moved on."""
        moved = moved or {}
        return [self.bounds[x].index.plus(constant(moved.get(x, 0))) for x in names]

    def factor(self, k: int, moved: Mapping[str, int] | None = None) -> str:
        return self.context.entries.entry(self.arguments[k], self.index(self.inputs[k], moved))

    def result(self, moved: Mapping[str, int] | None = None) -> str:
        return self.context.places[self.array].entry(self.index(self.out, moved))

    def inner_letter(self) -> str:
        """The letter along which most of the memory that is read is contiguous."""
        score = dict.fromkeys(self.bounds, 0)
        for argument, names in zip(self.arguments, self.inputs, strict=True):
            loads = self.context.entries.loads(argument, self.index(names))
            for read, where in loads:
                steps = dict(self.context.places[read].offset(where).terms)
                for letter, loop in self.bounds.items():
                    if abs(steps.get(loop.name, 0)) == 1:
                        score[letter] += self.context.arrays[read].size
        # Between equals what is summed, the last of it: no memory is written then.
        return max(reversed(score), key=lambda x: (score[x], x in self.summed))


def total(context: Context, array: int) -> None:
    """``array[i…] = scale · Σ Π factors``."""
    kind = context.arrays[array].kind
    assert isinstance(kind, Contract)
    sum_ = _Sum(context, array)
    inner = sum_.inner_letter()
    if inner in sum_.summed:
        _dot(sum_, inner, kind.scale)
    else:
        _axpy(sum_, inner, kind.scale)


# ---------------------------------------------------------------- sums along memory


def _dot(sum_: _Sum, inner: str, scale: float) -> None:
    context = sum_.context
    free = list(sum_.out)
    jammed = next((x for x in reversed(free) if _is_long(sum_, x, inner)), None)
    outer = [sum_.bounds[x] for x in free if x != jammed]
    with ExitStack() as stack:
        if not free and not context.places[sum_.array].number:
            stack.enter_context(context.lines.block(""))
        context.nest(stack, outer)
        if jammed is None:
            _sums(sum_, inner, scale, [{}])
        else:
            for turns in _several(context, sum_.bounds[jammed]):
                _sums(sum_, inner, scale, [{jammed: k} for k in turns])


def _several(context: Context, loop: Bounds) -> Iterator[range]:
    """A loop that takes several turns at once, and one over those that are left: the turns that
    are to be written into the body of each.
    """
    lines = context.lines
    with lines.block(""):
        lines.add(f"long {loop.name} = {loop.start};")
        head = f"for (; {loop.name} + {JAM - 1} < {loop.stop}; {loop.name} += {JAM})"
        with lines.block(head):
            yield range(JAM)
        if loop.rows or loop.size % JAM:
            with lines.block(f"for (; {loop.name} < {loop.stop}; {loop.name}++)"):
                yield range(1)


def _is_long(sum_: _Sum, letter: str, inner: str) -> bool:
    """Whether several entries along a letter are worth making at once."""
    loop = sum_.bounds[letter]
    return loop.size >= JAM and sum_.bounds[inner].size >= LONG


def _sums(sum_: _Sum, inner: str, scale: float, moves: Sequence[Mapping[str, int]]) -> None:
    """Sums for the entries moved on by ``moves``, and their place in the result."""
    context = sum_.context
    lines = context.lines
    number = context.places[sum_.array].number
    names = [f"t{sum_.array}_{k}" for k in range(len(moves))]
    lines.add(f"R {', '.join(f'{name} = 0' for name in names)};")
    with ExitStack() as stack:
        context.nest(stack, [sum_.bounds[x] for x in sum_.summed if x != inner])
        context.innermost(stack, sum_.bounds[inner], f"+ : {', '.join(names)}")
        for name, moved in zip(names, moves, strict=True):
            product = " * ".join(sum_.factor(k, moved) for k in range(len(sum_.arguments)))
            lines.add(f"{name} += {product};")
    for name, moved in zip(names, moves, strict=True):
        value = name if scale == 1 else f"{literal(scale)} * {name}"
        if context.accumulates(sum_.array):
            lines.add(f"{sum_.result(moved)} += {value};")
        elif number:
            lines.add(f"const R {sum_.result()} = {value};")
        else:
            lines.add(f"{sum_.result(moved)} = {value};")


# ---------------------------------------------------------------- sums across memory


def _axpy(sum_: _Sum, inner: str, scale: float) -> None:
    context = sum_.context
    if not context.accumulates(sum_.array):
        zero(context, sum_.array)
    outer = [sum_.bounds[x] for x in sum_.out if x != inner]
    *rest, last = sum_.summed
    loop = sum_.bounds[last]
    with ExitStack() as stack:
        context.nest(stack, [*outer, *(sum_.bounds[x] for x in rest)])
        if loop.size < LONG:
            context.nest(stack, [loop])
            _terms(sum_, inner, scale, [{}])
            return
        for turns in _several(context, loop):
            _terms(sum_, inner, scale, [{last: k} for k in turns])


def _terms(sum_: _Sum, inner: str, scale: float, moves: Sequence[Mapping[str, int]]) -> None:
    """Add the terms moved on by ``moves``; factors without the inner letter are read before."""
    context = sum_.context
    outside = [k for k, names in enumerate(sum_.inputs) if inner not in names]
    terms: list[str] = []
    for position, moved in enumerate(moves):
        factors = [sum_.factor(k, moved) for k in range(len(sum_.inputs)) if k not in outside]
        constants = [sum_.factor(k, moved) for k in outside]
        if scale != 1:
            constants.insert(0, literal(scale))
        if constants:
            name = f"c{sum_.array}_{position}"
            context.lines.add(f"const R {name} = {' * '.join(constants)};")
            factors.insert(0, name)
        terms.append(" * ".join(factors))
    with ExitStack() as stack:
        context.innermost(stack, sum_.bounds[inner])
        context.lines.add(f"{sum_.result()} += {' + '.join(terms)};")


# ---------------------------------------------------------------- squares


def squares(context: Context, array: int) -> None:
    """Sums of squares of the entries, of these scaled down and of these scaled up."""
    assert isinstance(context.arrays[array].kind, Squares)
    sum_ = _Sum(context, array)
    inner = sum_.inner_letter()
    if inner in sum_.summed and not context.accumulates(array):
        _squares_along(sum_, inner)
    else:
        _squares_across(sum_, inner)


def _squares_along(sum_: _Sum, inner: str) -> None:
    """Scaled entries are only looked at where the sum is out of range."""
    context, lines = sum_.context, sum_.context.lines
    free = [sum_.bounds[x] for x in sum_.out[1:]]
    plain, *scaled = (f"t{sum_.array}_{k}" for k in range(3))
    with ExitStack() as stack:
        if not free:
            stack.enter_context(lines.block(""))
        context.nest(stack, free)
        lines.add(f"R {', '.join(f'{name} = 0' for name in (plain, *scaled))};")
        _add_squares(sum_, inner, {plain: "{x}"})
        with lines.block(f"if (!gf_fits({plain}))"):
            _add_squares(sum_, inner, dict(zip(scaled, _SCALED, strict=True)))
        for k, name in enumerate((plain, *scaled)):
            lines.add(f"{_square_at(sum_, k)} = {name};")


def _squares_across(sum_: _Sum, inner: str) -> None:
    """Every entry is read once."""
    context = sum_.context
    if not context.accumulates(sum_.array):
        zero(context, sum_.array)
    free = [sum_.bounds[x] for x in sum_.out[1:] if x != inner]
    with ExitStack() as stack:
        context.nest(stack, free)
        if inner not in sum_.summed:
            targets = [_square_at(sum_, k) for k in range(3)]
            _add_squares(sum_, inner, dict(zip(targets, ("{x}", *_SCALED), strict=True)))
            return
        if not free:
            stack.enter_context(context.lines.block(""))
        names = [f"t{sum_.array}_{k}" for k in range(3)]
        context.lines.add(f"R {', '.join(f'{name} = 0' for name in names)};")
        _add_squares(sum_, inner, dict(zip(names, ("{x}", *_SCALED), strict=True)))
        for k, name in enumerate(names):
            context.lines.add(f"{_square_at(sum_, k)} += {name};")


def _add_squares(sum_: _Sum, inner: str, terms: Mapping[str, str]) -> None:
    """Loops that add to each name the square of an expression of the entry ``{x}``."""
    context = sum_.context
    with ExitStack() as stack:
        context.nest(stack, [sum_.bounds[x] for x in sum_.summed if x != inner])
        reduction = f"+ : {', '.join(terms)}" if inner in sum_.summed else ""
        context.innermost(stack, sum_.bounds[inner], reduction)
        context.lines.add(f"const R {sum_.entry} = {sum_.factor(0)};")
        for name, term in terms.items():
            context.lines.add(f"{name} += gf_power2({term.format(x=sum_.entry)});")


def _square_at(sum_: _Sum, k: int) -> str:
    """The place of the sum of entries scaled in one of three ways."""
    index = [constant(k), *(sum_.bounds[x].index for x in sum_.out[1:])]
    return sum_.context.places[sum_.array].entry(index)


# ---------------------------------------------------------------- maxima


def extreme(context: Context, array: int) -> None:
    """``array[i…] = max argument``, passing over NaN; -inf where there is nothing else."""
    assert isinstance(context.arrays[array].kind, Extreme)
    most = _Sum(context, array)
    inner = most.inner_letter()
    if inner in most.summed:
        _largest_along(most, inner)
    else:
        _largest_across(most, inner)


def _larger(one: str, other: str) -> str:
    return f"{one} > {other} ? {one} : {other}"


def _largest_along(most: _Sum, inner: str) -> None:
    context = most.context
    lines = context.lines
    loop = most.bounds[inner]
    name = f"t{most.array}"
    with ExitStack() as stack:
        context.nest(stack, [most.bounds[x] for x in most.out])
        if most.out == "" and not context.places[most.array].number:
            stack.enter_context(lines.block(""))
        lines.add(f"R {name} = -(R)INFINITY;")
        with ExitStack() as inside:
            context.nest(inside, [most.bounds[x] for x in most.summed if x != inner])
            if loop.size >= 2 * LANES and not loop.rows:
                _lanes(most, inner, name)
            else:
                context.nest(inside, [loop])
                lines.add(f"const R {most.entry} = {most.factor(0)};")
                lines.add(f"{name} = {_larger(most.entry, name)};")
        place = most.result()
        if context.accumulates(most.array):
            lines.add(f"{place} = {_larger(name, place)};")
        else:
            declared = "const R " if context.places[most.array].number else ""
            lines.add(f"{declared}{place} = {name};")


def _lanes(most: _Sum, inner: str, name: str) -> None:
    """Maxima of interleaved parts, which a processor takes at once, then of these."""
    lines = most.context.lines
    loop = most.bounds[inner]
    lanes = f"lanes{most.array}"
    lines.add(f"R {lanes}[{LANES}];")
    whole = loop.size - loop.size % LANES
    each = f"for (int l = 0; l < {LANES}; l++)"
    with lines.block(each):
        lines.add(f"{lanes}[l] = -(R)INFINITY;")
    moved = most.index(most.inputs[0])
    place = most.inputs[0].index(inner)
    moved[place] = moved[place].plus(variable("l"))
    with lines.block(f"for (long {loop.name} = 0; {loop.name} < {whole}; {loop.name} += {LANES})"):
        lines.add("#pragma omp simd")
        with lines.block(each):
            lines.add(
                f"const R {most.entry} = {most.context.entries.entry(most.arguments[0], moved)};"
            )
            lines.add(f"{lanes}[l] = {_larger(most.entry, f'{lanes}[l]')};")
    with lines.block(each):
        lines.add(f"{name} = {_larger(f'{lanes}[l]', name)};")
    with lines.block(f"for (long {loop.name} = {whole}; {loop.name} < {loop.size}; {loop.name}++)"):
        lines.add(f"const R {most.entry} = {most.factor(0)};")
        lines.add(f"{name} = {_larger(most.entry, name)};")


def _largest_across(most: _Sum, inner: str) -> None:
    context = most.context
    if not context.accumulates(most.array):
        with ExitStack() as stack:
            context.nest(stack, [most.bounds[x] for x in most.out])
            context.lines.add(f"{most.result()} = -(R)INFINITY;")
    with ExitStack() as stack:
        context.nest(stack, [most.bounds[x] for x in most.out if x != inner])
        context.nest(stack, [most.bounds[x] for x in most.summed])
        context.innermost(stack, most.bounds[inner])
        context.lines.add(f"const R {most.entry} = {most.factor(0)};")
        context.lines.add(f"{most.result()} = {_larger(most.entry, most.result())};")
