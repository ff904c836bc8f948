"""Element and slice access: ``x(2)``, ``x(2:n)``, ``A(1,:)``, 1-based with both ends included."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from gradform.errors import FormulaSyntaxError, GradformError, ShapeError, Span
from gradform.formula.tree import Call, Formula, Slice
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.dims import ONE, Dim
from gradform.ir.nodes import Node
from gradform.language import say
from gradform.syntax.mismatch import bracketed
from gradform.syntax.scope import Scope
from gradform.syntax.sizes import dimension

__all__ = ["Pick", "accessed_shape", "check_range", "pick_entries", "read_picks"]


class Pick(NamedTuple):
    """One index: everything (no ``start``), one entry (no ``stop``), or a slice."""

    span: Span
    start: Dim | None = None
    stop: Dim | None = None

    def size(self, length: Dim) -> Dim:
        """How many entries of an axis are picked."""
        if self.start is None:
            return length
        return ONE if self.stop is None else self.stop - self.start + 1


def read_picks(call: Call, shape: Shape, scope: Scope) -> tuple[Pick, Pick]:
    """The indices of ``call``, by rows and columns, of a vector or matrix of ``shape``."""
    _check_number_of_indices(call, shape)
    picks = [_pick(call, argument, scope) for argument in call.args]
    if shape.is_column:
        picks.append(Pick(call.span))
    elif shape.is_row:
        picks.insert(0, Pick(call.span))
    for pick, length in zip(picks, shape, strict=True):
        check_range(call.name, pick, length)
    return picks[0], picks[1]


def _check_number_of_indices(call: Call, shape: Shape) -> None:
    name, needed = call.name, len(shape.axes)
    if len(call.args) == needed:
        return
    if needed == 2:
        message = say("{name} is a matrix and needs two indices {name}(i,j).", name=name)
        hint = say("{name}(i,:) is a row, {name}(:,j) a column.", name=name)
    else:
        message = say("{name} is a vector and needs one index {name}(i).", name=name)
        hint = None
    raise ShapeError(message, kind="arity", span=call.name_span, hint=hint)


def _pick(call: Call, argument: Formula, scope: Scope) -> Pick:
    def reject(_: Formula) -> GradformError:
        name, factor = call.name, bracketed(scope.arguments(call))
        return FormulaSyntaxError(
            say(
                "An index must be an integer or an expression of dimension names (did you mean "
                "{name}.*{factor} or {name}'*{factor}?).",
                name=name,
                factor=factor,
            ),
            kind="syntax",
            span=argument.span,
            hint=say("{name} is a variable, so {name}(…) picks entries of it.", name=name),
        )

    if not isinstance(argument, Slice):
        return Pick(argument.span, dimension(argument, scope.dimensions, reject))
    if argument.start is None or argument.stop is None:
        return Pick(argument.span)
    start = dimension(argument.start, scope.dimensions, reject)
    stop = dimension(argument.stop, scope.dimensions, reject)
    return Pick(argument.span, start, stop)


def check_range(name: str, pick: Pick, length: Dim) -> None:
    """Refuse an index that is out of range whatever the sizes are."""
    if pick.start is None:
        return
    stop = pick.start if pick.stop is None else pick.stop
    low, room, size = pick.start.value, (length - stop).value, pick.size(length).value
    if size is not None and size < 1:
        problem = say("The slice {start}:{stop} is empty.", start=pick.start, stop=pick.stop)
    elif low is not None and low < 1:
        problem = say(
            "Indices of {name} begin at 1; index {index} is out of range.",
            name=name,
            index=pick.start,
        )
    elif room is not None and room < 0:
        problem = say(
            "{name} has length {length}; index {index} is out of range.",
            name=name,
            length=length,
            index=stop,
        )
    else:
        return
    raise ShapeError(problem, kind="index_out_of_range", span=pick.span)


def accessed_shape(shape: Shape, picks: tuple[Pick, Pick]) -> Shape:
    """The shape of what is picked."""
    return Shape(picks[0].size(shape.rows), picks[1].size(shape.cols))


def pick_entries(node: Node, shape: Shape, picks: tuple[Pick, Pick]) -> Node:
    """The picked entries as a contraction with unit vectors and selections."""
    labels = count()
    axes: list[int] = []
    out: list[int] = []
    selectors: list[tuple[Node, Sequence[int], int]] = []
    for length, pick in zip(shape, picks, strict=True):
        if length is ONE:
            continue
        axis = next(labels)
        axes.append(axis)
        size = pick.size(length)
        if pick.start is None:
            out.append(axis)
        elif size is ONE:
            selectors.append((build.unit(length, pick.start - 1), (axis,), 1))
        else:
            out.append(next(labels))
            selectors.append((build.select(length, pick.start - 1, size), (out[-1], axis), 1))
    return build.contract(1, [(node, axes, 1), *selectors], out)
