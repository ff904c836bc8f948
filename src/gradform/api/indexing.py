"""Python's ``x[0]``, ``x[1:]``, ``A[0, :]`` as entries of the input language.

Python counts from 0 and leaves the end out; the input language counts from 1 and includes
it. Ends may be symbolic: ``x[:"k"]``, ``x[-1]`` is the last entry.
"""

from __future__ import annotations

from typing import NamedTuple

from gradform.api.operators import Part, transposed
from gradform.errors import ShapeError
from gradform.formula.tree import Call, Formula, Mul, Name, Slice, Transpose
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE, ZERO_DIM, Dim, dim
from gradform.language import say
from gradform.syntax.parser import parse_formula

__all__ = ["Index", "entries", "size_formula"]

Position = int | str
Index = Position | slice


class _Range(NamedTuple):
    """Entries ``first`` to ``last``, counted from 1; one entry when ``single``."""

    first: Dim
    last: Dim
    single: bool

    @property
    def size(self) -> Dim:
        return ONE if self.single else self.last - self.first + 1


def size_formula(size: Dim) -> Formula:
    """A dimension as it is written: ``n - 1``."""
    return parse_formula(str(size)).body


def entries(part: Part, index: Index | tuple[Index, ...]) -> Part:
    """The entry or block of a vector or matrix.

    Raises ShapeError for too many indices, for steps, and where the shape is not known.
    """
    shape = part.shape
    if shape is None:
        raise ShapeError(
            say("The shape of this expression depends on where it stands, so it has no entries."),
            kind="ambiguous",
            hint=say("give constants their size: gf.eye('n')"),
        )
    given = index if isinstance(index, tuple) else (index,)
    lengths = shape.axes
    if len(given) > len(lengths):
        raise ShapeError(
            say(
                "{count} indices were given for {axes} axes.",
                count=len(given),
                axes=len(lengths),
            ),
            kind="arity",
        )
    ranges = [_range(each, length) for each, length in zip(given, lengths, strict=False)]
    ranges += [_range(slice(None), length) for length in lengths[len(given) :]]
    sizes = [each.size for each in ranges]
    if shape.is_row:
        found = Shape(ONE, sizes[0])
    else:
        found = Shape(sizes[0], sizes[1] if shape.is_matrix else ONE)
    if isinstance(part.tree, Name):
        return Part(Call(part.tree.name, tuple(map(_written, ranges, lengths))), found)
    return Part(_selected(part.tree, shape, ranges), found)


def _range(index: Index, length: Dim) -> _Range:
    if not isinstance(index, slice):
        at = _position(index, length) + 1
        return _Range(at, at, single=True)
    if index.step not in (None, 1):
        raise ShapeError(say("A slice has no step here."), kind="syntax", hint=say("write x[2:5]"))
    first = ZERO_DIM if index.start is None else _position(index.start, length)
    last = length if index.stop is None else _position(index.stop, length)
    return _Range(first + 1, last, single=False)


def _position(index: object, length: Dim) -> Dim:
    """A 0-based position; negative ones count from the end."""
    if isinstance(index, bool) or not isinstance(index, int | str):
        raise ShapeError(
            say("{index} is no index.", index=repr(index)),
            kind="syntax",
            hint=say("indices are integers and sizes: x[0], x[1:], x[:'k']"),
        )
    if isinstance(index, str):
        return dim(index)
    return dim(index) if index >= 0 else length + index


def _written(entries: _Range, length: Dim) -> Formula:
    if entries.single:
        return size_formula(entries.first)
    if entries.first is ONE and entries.last is length:
        return Slice(None, None)
    return Slice(size_formula(entries.first), size_formula(entries.last))


def _selected(tree: Formula, shape: Shape, ranges: list[_Range]) -> Formula:
    """Entries of what has no name, by products with unit vectors and selections."""
    factors = [tree]
    sides = ("right",) if shape.is_row else ("left", "right")
    for entries, length, side in zip(ranges, shape.axes, sides, strict=False):
        if entries.first is ONE and entries.last is length and not entries.single:
            continue
        if side == "left":
            factors.insert(0, _selection(entries, length))
        else:
            factors.append(transposed(_selection(entries, length)))
    return Mul(tuple(factors), ("*",) * len(factors)) if len(factors) > 1 else tree


def _selection(entries: _Range, length: Dim) -> Formula:
    """What times a column gives its entries: ``unit(n,i)'`` or ``select(n,i,j)``."""
    if entries.single:
        return Transpose(Call("unit", (size_formula(length), size_formula(entries.first))))
    sizes = (length, entries.first, entries.last)
    return Call("select", tuple(map(size_formula, sizes)))
