"""Which values of a program can be computed row by row, and which are sums over rows.

Two axes are one *row axis* when an operation runs over both with one index. Along a row
axis every value is of one kind (:class:`Kind`). An accumulated value is known after a sweep
over all rows; what is computed from it and has rows again belongs to the next sweep.

    X w        by rows, sweep 0            r = X w - y     by rows, sweep 0
    X'r        accumulated in sweep 0      X'r / m         later, after one sweep
    X - mean   by rows, sweep 1            X X'            whole: it has the row axis twice
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from gradform.codegen.program.cost import cost
from gradform.codegen.program.indices import Indices, indices
from gradform.codegen.program.operations import Input, LogSumExp, Norm
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.ir.dims import ONE, Dim
from gradform.language import joined, say
from gradform.records import record

__all__ = ["Join", "Kind", "Obstacle", "RowAxes", "Rows", "best_rows"]


class Kind(Enum):
    """How a value depends on the rows.

    FIXED        not at all
    BY_ROWS      has the row axis once, and a row needs only the same row of other values
    ACCUMULATED  is a sum over rows (or a function of one, see :class:`Join`)
    LATER        computed from accumulated values, without the row axis
    WHOLE        needs all rows at once: several of a value, or none of a single kind
    """

    FIXED = "fixed"
    BY_ROWS = "by rows"
    ACCUMULATED = "accumulated"
    LATER = "later"
    WHOLE = "whole"


class Join(Enum):
    """How the parts of an accumulated value are put together."""

    SUM = "a + b"
    LOGARITHM = "log(exp(a) + exp(b))"
    ROOT = "(a² + b²)^(1/2)"


@record
class Obstacle:
    """A value that is not computed row by row although it has the row axis, and why.

    ``twice``: the row axis is two axes of the value or of an argument, as in X X'; else the
    operation needs several rows, as running sums and solutions of systems do.
    """

    value: Value
    twice: bool


@record(eq=False)
class Rows:
    """The kinds of all values along one row axis.

    length      the number of rows
    inputs      variables that have the row axis, with the place of it
    kinds       of every value that the outputs need
    sweeps      BY_ROWS, ACCUMULATED: in which sweep over the rows, from 0; others: how many
                sweeps are over when the value can be computed
    axis        which axis of a value is the row axis; values without one, or with two, are
                missing
    joins       of every accumulated value, how the values of parts are put together
    obstacles   the first values in each chain that are WHOLE; without any, the program is
                *separable*
    """

    length: Dim
    inputs: Mapping[str, int]
    kinds: Mapping[Value, Kind]
    sweeps: Mapping[Value, int]
    axis: Mapping[Value, int]
    joins: Mapping[Value, Join]
    obstacles: tuple[Obstacle, ...]

    @property
    def separable(self) -> bool:
        return not self.obstacles

    @property
    def count(self) -> int:
        """How many sweeps over the rows there are."""
        swept = (Kind.BY_ROWS, Kind.ACCUMULATED)
        return max(
            (self.sweeps[v] + 1 for v, kind in self.kinds.items() if kind in swept), default=0
        )

    def of_kind(self, *kinds: Kind) -> list[Value]:
        """Values of these kinds, in order."""
        return [value for value, kind in self.kinds.items() if kind in kinds]


_JOINS = {LogSumExp: Join.LOGARITHM, Norm: Join.ROOT}


class RowAxes:
    """The row axes of the values that some outputs need."""

    def __init__(self, program: Program, outputs: Iterable[Value]) -> None:
        self.program = program
        self.live = live_values(program, outputs)
        self._indices = {value: indices(program, value) for value in self.live}
        self._parent: dict[tuple[Value, int], tuple[Value, int]] = {}
        for value in self.live:
            self._join_axes(value)

    def each(self) -> list[Rows]:
        """The kinds along every row axis that a variable has."""
        found: dict[tuple[Value, int], Rows] = {}
        for value in self.live:
            for axis in self._input_axes(value):
                root = self._root((value, axis))
                if root not in found:
                    found[root] = self._rows(frozenset([root]))
        return list(found.values())

    def along(self, axes: Mapping[str, int]) -> Rows:
        """The kinds along the row axes of some variables, taken as one.

        Variables that no output needs are passed over; without any other, all values are
        fixed. Raises ValueError where axes have different lengths.
        """
        places = {
            operation.name: value
            for value in self.live
            if isinstance(operation := self.program.operation(value), Input)
        }
        roots = {self._root((places[name], axis)) for name, axis in axes.items() if name in places}
        return self._rows(frozenset(roots))

    # ------------------------------------------------------------ axes that run together

    def _input_axes(self, value: Value) -> Sequence[int]:
        if not isinstance(self.program.operation(value), Input):
            return ()
        return [k for k, axis in enumerate(self.program.axes(value)) if axis is not ONE]

    def _root(self, place: tuple[Value, int]) -> tuple[Value, int]:
        parent = self._parent
        while place in parent:
            above = parent[place]
            if above in parent:
                parent[place] = parent[above]
            place = above
        return place

    def _join_axes(self, value: Value) -> None:
        """Axes of the arguments and of the result that have one label are one."""
        arguments = self.program.instructions[value].arguments
        own = self._indices[value]
        places: dict[int, tuple[Value, int]] = {}
        shown = zip((*arguments, value), (*own.arguments, own.result), strict=True)
        for holder, labels in shown:
            for axis, label in enumerate(labels):
                if label is None:
                    continue
                place = self._root((holder, axis))
                first = self._root(places.setdefault(label, place))
                if place != first:
                    self._parent[place] = first

    # ------------------------------------------------------------ kinds along some of them

    def _rows(self, roots: frozenset[tuple[Value, int]]) -> Rows:
        lengths = {self.program.axes(value)[axis] for value, axis in roots} or {ONE}
        if len(lengths) > 1:
            told = joined(sorted(map(str, lengths)))
            raise ValueError(say("rows of different lengths: {lengths}", lengths=told))
        return _Classification(self, roots).rows(lengths.pop())

    def places(self, value: Value, roots: frozenset[tuple[Value, int]]) -> list[int]:
        """Which axes of a value are among the row axes."""
        axes = range(len(self.program.axes(value)))
        return [k for k in axes if self._root((value, k)) in roots]

    def indices_of(self, value: Value) -> Indices:
        return self._indices[value]


class _Classification:
    """Kinds of values, found in the order of the program."""

    def __init__(self, axes: RowAxes, roots: frozenset[tuple[Value, int]]) -> None:
        self.program = axes.program
        self.axes = axes
        self.places = {value: axes.places(value, roots) for value in axes.live}
        self.kinds: dict[Value, Kind] = {}
        self.sweeps: dict[Value, int] = {}
        self.obstacles: list[Obstacle] = []
        for value in axes.live:
            self._classify(value)

    def rows(self, length: Dim) -> Rows:
        operations = {value: self.program.operation(value) for value in self.axes.live}
        accumulated = [v for v, kind in self.kinds.items() if kind is Kind.ACCUMULATED]
        return Rows(
            length,
            {
                operation.name: self.places[value][0]
                for value, operation in operations.items()
                if isinstance(operation, Input) and self.places[value]
            },
            self.kinds,
            self.sweeps,
            {value: places[0] for value, places in self.places.items() if len(places) == 1},
            {value: _JOINS.get(type(operations[value]), Join.SUM) for value in accumulated},
            tuple(self.obstacles),
        )

    def _classify(self, value: Value) -> None:
        arguments = self.program.instructions[value].arguments
        labels = self._row_labels(value)
        ready = max((self._ready(argument) for argument in arguments), default=0)
        if not labels:
            self._put(value, Kind.LATER if ready else Kind.FIXED, ready)
            return
        twice = len(labels) > 1 or any(len(self.places[v]) > 1 for v in (value, *arguments))
        if twice or labels & self.axes.indices_of(value).mixed:
            if all(self.kinds[argument] is not Kind.WHOLE for argument in arguments):
                self.obstacles.append(Obstacle(value, twice))
            self._put(value, Kind.WHOLE, ready)
            return
        sweep = max((self._usable(argument) for argument in arguments), default=0)
        self._put(value, Kind.BY_ROWS if self.places[value] else Kind.ACCUMULATED, sweep)

    def _put(self, value: Value, kind: Kind, sweep: int) -> None:
        self.kinds[value] = kind
        self.sweeps[value] = sweep

    def _row_labels(self, value: Value) -> set[int]:
        """Labels of the axes, of arguments or result, that are row axes."""
        own = self.axes.indices_of(value)
        holders = (*self.program.instructions[value].arguments, value)
        shown = zip(holders, (*own.arguments, own.result), strict=True)
        found = {labels[k] for holder, labels in shown for k in self.places[holder]}
        return {label for label in found if label is not None}

    def _ready(self, value: Value) -> int:
        """How many sweeps are over when all of a value is known."""
        swept = self.kinds[value] in (Kind.BY_ROWS, Kind.ACCUMULATED)
        return self.sweeps[value] + swept

    def _usable(self, value: Value) -> int:
        """The first sweep that can use a value: its own when it is by rows."""
        return self.sweeps[value] if self.kinds[value] is Kind.BY_ROWS else self._ready(value)


def best_rows(
    program: Program,
    outputs: Sequence[Value],
    sizes: Mapping[str, int],
    *,
    separable: bool = False,
) -> Rows | None:
    """The row axis along which to part the work; None without any.

    Of those along which at least half as much can be parted as along any, it is the one with
    the fewest sweeps, then the longest. With ``separable``, the program must be.
    """
    found = [r for r in RowAxes(program, outputs).each() if r.separable or not separable]
    work = [_parted_work(program, rows, sizes) for rows in found]
    enough = [rows for rows, own in zip(found, work, strict=True) if 2 * own >= max(work)]
    return max(enough, key=lambda r: (-r.count, r.length.evaluate(sizes)), default=None)


def _parted_work(program: Program, rows: Rows, sizes: Mapping[str, int]) -> int:
    parted = rows.of_kind(Kind.BY_ROWS, Kind.ACCUMULATED)
    return sum(cost(program, value, sizes) for value in parted)
