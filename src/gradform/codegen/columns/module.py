"""What a function in MATLAB or Julia is made of, before it is put into lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gradform.codegen.columns.body import statements
from gradform.codegen.columns.dialect import Dialect
from gradform.codegen.columns.spelling import Speller
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.blocks import with_blocks
from gradform.codegen.program.extents import least_sizes
from gradform.codegen.program.operations import Call, Frechet, Mapped
from gradform.codegen.program.straight_line import live_values
from gradform.codegen.task import Parameter, Task
from gradform.codegen.telling import Telling, tellings
from gradform.codegen.text.names import Names, plain_name
from gradform.codegen.text.sizes import size_text, solved_text
from gradform.errors import CannotError
from gradform.language import say

__all__ = ["Bound", "Pieces", "pieces"]


class Bound(NamedTuple):
    """A size that is read off an axis of a variable, as ``telling`` says."""

    size: str
    variable: str
    is_row: bool
    telling: Telling
    names: Mapping[str, str]

    @property
    def axis(self) -> int:
        return self.telling.axis

    def code(self, length: str, division: str) -> str:
        """The size, from the ``length`` of the axis."""
        return solved_text(self.telling, length, self.names, division)


class Checked(NamedTuple):
    """A variable, the sizes it must have, and whether it is a row."""

    variable: str
    sizes: list[str]
    is_row: bool


class Pieces(NamedTuple):
    """The parts of a function.

    parameters  variables, then sizes that the caller has to give
    results     names of the outputs
    bound       sizes that variables tell
    checks      what variables must be
    least       (size, what it must not fall below)
    lines       assignments
    helpers     sources of the functions of records
    """

    name: str
    parameters: list[str]
    results: list[str]
    bound: list[Bound]
    checks: list[Checked]
    least: list[tuple[str, str]]
    lines: list[str]
    helpers: list[str]


def pieces(
    dialect: Dialect, task: Task, batch: Sequence[str], result: Callable[[int, str], str]
) -> Pieces:
    """The parts of a task in a language; ``result`` takes the rank and code of an output.

    Raises CannotError where the language cannot express it.
    """
    if batch:
        raise CannotError(
            say("{title} source is of one point.", title=dialect.title),
            kind=f"no_{dialect.language}",
            hint=say("leave out batch= and call the function in a loop"),
        )
    program, values = with_blocks(*program_of(task))
    live = live_values(program, values)
    operations = [program.operation(value) for value in live]
    functions = [o.function for o in operations if isinstance(o, Call | Frechet | Mapped)]
    helpers = dict.fromkeys(
        source for f in functions if (source := f.helpers.get(dialect.language)) is not None
    )
    reserved = {*dialect.reserved, *dialect.helpers, *(f.name for f in functions)}
    name = Names(reserved, ()).claim(plain_name(task.name))
    names = Names({*reserved, name}, ())
    variables = {p.name: names.claim(plain_name(p.name)) for p in task.parameters}
    used = {size for p in task.parameters for axis in p.axes for size in axis.names}
    sizes = {s: names.claim(plain_name(s)) for s in sorted(used.union(task.sizes))}
    labels = [output.label for output in task.outputs] if len(task.outputs) > 1 else ["result"]
    results = [names.claim(label) for label in labels]
    speller = Speller(dialect, variables, sizes)
    lines = statements(
        program,
        live,
        list(zip(results, values, strict=True)),
        speller,
        names,
        lambda value, code: result(len(program.axes(value)), code),
    )
    bound = list(_bound(task.parameters, task.sizes, variables, sizes))
    return Pieces(
        name,
        [*variables.values(), *(sizes[size] for size in task.sizes)],
        results,
        bound,
        [
            Checked(variables[p.name], speller.sizes(p.axes), p.shape.is_row)
            for p in task.parameters
        ],
        [
            (size_text(a, sizes).code, size_text(b, sizes).code)
            for a, b in least_sizes(program, live)
        ],
        lines,
        list(helpers),
    )


def _bound(
    parameters: Iterable[Parameter],
    asked: Iterable[str],
    variables: dict[str, str],
    sizes: dict[str, str],
) -> Iterator[Bound]:
    """Each size that a variable tells, in an order in which what it takes is known."""
    known = set(asked)
    pending = list(parameters)
    while pending:
        parameter, told = next(
            (each, found) for each in pending if (found := tellings(each.axes, known)) is not None
        )
        pending.remove(parameter)
        for telling in told:
            known.add(telling.size)
            name = variables[parameter.name]
            yield Bound(sizes[telling.size], name, parameter.shape.is_row, telling, sizes)
