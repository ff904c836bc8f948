"""Which rows a task is cut along, and what is said where it cannot be."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence

from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.batch import batched
from gradform.codegen.passes.rows import Obstacle, RowAxes, Rows, best_rows
from gradform.codegen.passes.softmax import softmax_apart
from gradform.codegen.program.operations import Input
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.python.module import leading_axis
from gradform.codegen.python.numpy import NUMPY
from gradform.codegen.python.spelling import Speller
from gradform.codegen.task import Task
from gradform.codegen.text.pieces import Text, atom
from gradform.errors import CannotError
from gradform.language import Message, joined, say
from gradform.records import record

__all__ = ["Cut", "cut_along", "cut_at_best", "cut_task"]

# Longer code in a message is cut.
_LONGEST = 50


@record(eq=False)
class Cut:
    """A program that is separable along some rows, and its outputs."""

    program: Program
    outputs: tuple[Value, ...]
    rows: Rows


def cut_task(
    task: Task,
    batch: Collection[str],
    known: Container[type],
    sizes: Mapping[str, int] | None = None,
    axes: Mapping[str, int] | None = None,
) -> Cut:
    """The program of a task, cut along these axes of variables, or along its best rows.

    A batch is cut along its leading axis. ``known`` are further operations, see
    :func:`program_of`. Raises CannotError where the task is not separable along the axes.
    """
    leading = leading_axis(task, batch)
    program, values = program_of(task, sizes, () if batch else known)
    if leading is not None:
        program, values = batched(program, values, batch, leading.size)
        axes = {**dict.fromkeys(batch, 0), **(axes or {})}
    if axes:
        return cut_along(program, values, axes)
    return cut_at_best(program, values, sizes)


def cut_at_best(
    program: Program, outputs: Sequence[Value], sizes: Mapping[str, int] | None = None
) -> Cut:
    """The program cut along the rows that are best for these sizes.

    Without sizes, those with the fewest sweeps, then those that are the first axis of most
    variables: data come first by custom. Raises CannotError where it cannot be cut.
    """
    program, outputs = softmax_apart(program, outputs)
    every = RowAxes(program, outputs).each()
    found = [rows for rows in every if rows.separable]
    if found and sizes is not None:
        best = best_rows(program, outputs, sizes, separable=True)
        assert best is not None, "one of those found is the best"
        return Cut(program, tuple(outputs), best)
    if found:
        best = max(found, key=lambda r: (-r.count, sum(k == 0 for k in r.inputs.values())))
        return Cut(program, tuple(outputs), best)
    if every:
        raise _refusal(program, every[0], [])
    raise CannotError(
        say("No output needs a vector or a matrix, so there is nothing to cut into chunks."),
        kind="not_separable",
        hint=say('compile for "numpy"'),
    )


def cut_along(program: Program, outputs: Sequence[Value], axes: Mapping[str, int]) -> Cut:
    """The program cut along these axes of variables.

    Raises CannotError where it is not separable along them.
    """
    rows = _along(program, outputs, axes)
    if not rows.separable:
        program, outputs = softmax_apart(program, outputs)
        rows = _along(program, outputs, axes)
    if rows.separable:
        return Cut(program, tuple(outputs), rows)
    others = [other for other in RowAxes(program, outputs).each() if other.separable]
    raise _refusal(program, rows, others)


def _along(program: Program, outputs: Sequence[Value], axes: Mapping[str, int]) -> Rows:
    try:
        return RowAxes(program, outputs).along(axes)
    except ValueError as error:
        cut = joined(
            (say("{name} along axis {axis}", name=name, axis=axis) for name, axis in axes.items()),
            " and ",
        )
        raise CannotError(
            say("{cut} cannot be cut together: {error}.", cut=cut, error=error),
            kind="not_separable",
            hint=say("rechunk all but one of them into a single chunk"),
        ) from None


def _refusal(program: Program, rows: Rows, others: Sequence[Rows]) -> CannotError:
    obstacle = rows.obstacles[0]
    cut = joined(_axes(rows), " and ")
    hint = say('compile for "numpy" or "native", which take whole arrays')
    if others:
        ways = joined((joined(_axes(other)) for other in others), " or along ")
        hint = say("it can be cut along {ways}", ways=ways)
    return CannotError(
        say(
            "This cannot be computed from chunks along {cut}: {reason}.",
            cut=cut,
            reason=_reason(program, obstacle),
        ),
        kind="not_separable",
        hint=hint,
    )


def _axes(rows: Rows) -> list[Message]:
    return [
        say("axis {axis} of {name}", axis=axis, name=name) for name, axis in rows.inputs.items()
    ]


def _reason(program: Program, obstacle: Obstacle) -> Message:
    operation = program.operation(obstacle.value)
    if isinstance(operation, Input):
        return say("both axes of {name} are that axis", name=operation.name)
    code = _code(program, obstacle.value)
    if obstacle.twice:
        return say("{code} pairs the entries along it with each other", code=code)
    return say("{code} needs all entries along it at once", code=code)


def _code(program: Program, value: Value) -> str:
    """A value as one expression, with its long parts left out."""
    live = live_values(program, [value])
    names = {name for each in live for axis in program.axes(each) for name in axis.names}
    variables = [o.name for each in live if isinstance(o := program.operation(each), Input)]
    speller = Speller(NUMPY, {v: v for v in variables}, {name: name for name in names})
    texts: dict[Value, Text] = {}
    for each in live:
        instruction = program.instructions[each]
        arguments = [texts[argument] for argument in instruction.arguments]
        ranks = [len(program.axes(argument)) for argument in instruction.arguments]
        text = speller.spell(instruction, arguments, ranks)
        texts[each] = text if len(text.code) <= _LONGEST or each == value else atom("…")
    return texts[value].code
