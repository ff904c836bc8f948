"""Python source for a program: one function that needs an array library alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.batch import batch_size, batched
from gradform.codegen.program.extents import least_sizes
from gradform.codegen.program.operations import Call, Each, Frechet, Input, Mapped
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.python.body import Writer
from gradform.codegen.python.dialect import Dialect
from gradform.codegen.python.functions import helper_name
from gradform.codegen.python.plain import plain_values
from gradform.codegen.python.spelling import Speller
from gradform.codegen.task import Task
from gradform.codegen.text.names import Names
from gradform.codegen.text.pieces import LINE_LENGTH, broken
from gradform.codegen.text.sizes import Leading, ShapeChecks, VariableLike
from gradform.functions.record import Function

__all__ = [
    "Planned",
    "chooses",
    "docstring_lines",
    "leading_axis",
    "module_text",
    "plan",
    "record_helpers",
    "signature",
    "write_program",
    "write_task",
]

Planned: TypeAlias = tuple[Program, list[Value]]


def write_task(
    dialect: Dialect,
    task: Task,
    batch: Collection[str] = (),
    *,
    sizes: Mapping[str, int] | None = None,
    writer: type[Writer] = Writer,
    planned: Planned | None = None,
    checked: bool = True,
) -> str:
    """Source of a task, for whatever sizes it is called with; see :func:`write_program`.

    The variables in ``batch`` have a further, leading axis; every output then has it too.
    ``sizes`` are those for which the order of the products is planned; ``planned`` is what
    :func:`plan` made for them.
    """
    program, values = planned if planned is not None else plan(dialect, task, batch, sizes)
    leading = leading_axis(task, batch)
    if leading is not None:
        program, values = batched(program, values, batch, leading.size)
    labels = [output.label for output in task.outputs]
    return write_program(
        dialect,
        task.name,
        program,
        list(zip(labels, values, strict=True)),
        task.parameters,
        docstring=task.docstring,
        sizes=task.sizes,
        batch=leading,
        writer=writer,
        checked=checked,
    )


def plan(
    dialect: Dialect, task: Task, batch: Collection[str], sizes: Mapping[str, int] | None
) -> Planned:
    """The program of a task at one point, in the operations of a dialect."""
    return program_of(task, sizes, () if batch else dialect.operations)


def leading_axis(task: Task, batch: Collection[str]) -> Leading | None:
    """The further axis of the variables in ``batch``; its name is that of no other size."""
    if not batch:
        return None
    told = {name for each in task.parameters for axis in each.axes for name in axis.names}
    return Leading(batch, batch_size(told.union(task.sizes)))


def write_program(
    dialect: Dialect,
    name: str,
    program: Program,
    outputs: Sequence[tuple[str, Value]],
    variables: Sequence[VariableLike],
    *,
    docstring: str,
    sizes: Collection[str] = (),
    batch: Leading | None = None,
    writer: type[Writer] = Writer,
    checked: bool = True,
) -> str:
    """Source of a function of the variables that returns the outputs.

    name        of the function
    outputs     (name, value of the program); one output is returned as itself, several as
                a tuple
    variables   become parameters, in this order. A name that Python or the source itself
                needs gets an underscore (``lambda_``). Sizes that no variable tells become
                further parameters
    docstring   of the function
    sizes       parameters whether they are needed or not
    batch       a leading axis that some variables have, and every output
    writer      of the statements
    checked     whether the arguments are looked at; else they must be arrays that fit

    The function makes arrays of its arguments, checks shapes and raises ValueError when they
    do not fit. It runs in any interpreter that has the library.
    """
    program, values = writer.prepared(dialect, program, [value for _, value in outputs])
    live = live_values(program, values)
    helpers = record_helpers(dialect, program, live)
    reserved = [*dialect.reserved, *dialect.helpers, *(helper for helper, _ in helpers)]
    function = Names(reserved).claim(name)
    names = Names(reserved)
    identifiers = {variable.name: names.claim(variable.name) for variable in variables}
    _check_inputs(program, live, identifiers)
    least = least_sizes(program, live)
    used = writer.sizes_in(program, live)
    checks = ShapeChecks(variables, identifiers, names, used, least, dialect, sizes, batch)
    labels = [names.claim(label) for label, _ in outputs]
    plain = plain_values(program, live) if dialect.only_arrays else ()
    speller = Speller(dialect, identifiers, checks.names, plain)
    stacked = batch.names if batch is not None else ()
    scalars = [
        identifiers[each.name]
        for each in variables
        if each.shape.is_scalar and each.name not in stacked
    ]
    writing = writer(program, live, values, speller, names)
    body = writing.write(labels)
    arrays = list(identifiers.values())
    lines = [
        *(dialect.quiet if any(chooses(program, value) for value in live) else ()),
        *signature(function, ", ".join([*arrays, *checks.parameters])),
        *docstring_lines(docstring),
        *(f"    {line}" for line in dialect.opening(arrays, "\n".join(body))),
        *(f"    {line}" for line in (checks.lines if checked else checks.sizes)),
        *(f"    {line}" for name in scalars for line in dialect.scalar_as_number(name)),
        *body,
    ]
    text = "\n".join(lines) + "\n"
    numbers = [f"{name} = {dialect.number_array(code)}" for code, name in writing.constants.items()]
    opening = [*dialect.preamble(), *numbers]
    if opening:
        text = "\n".join([*opening, "", "", text])
    return module_text(dialect, text, [source for _, source in helpers])


# ---------------------------------------------------------------- the parts of a module


def module_text(dialect: Dialect, function: str, helpers: Sequence[str]) -> str:
    """Imports, the helpers that are called, the function; or several functions."""
    own = dialect.carried("\n".join([*helpers, function]))
    body = "\n\n".join([*(part.rstrip("\n") + "\n" for part in (*own, *helpers)), function])
    return f"{dialect.imports(body)}\n\n{body}"


def chooses(program: Program, value: Value) -> bool:
    """Whether a value is one of several, the others of which may be undefined."""
    operation = program.operation(value)
    return isinstance(operation, Call) and operation.function.chooses


def signature(name: str, parameters: str) -> list[str]:
    """The line ``def name(parameters):``, broken where it is too long."""
    line = f"def {name}({parameters}):"
    if len(line) <= LINE_LENGTH:
        return [line]
    return [*broken(f"def {name}", parameters, "")[:-1], "):"]


def docstring_lines(text: str) -> list[str]:
    """The docstring of a function, none for no text."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    if not escaped:
        return []
    first, *rest = escaped.split("\n")
    if not rest:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """']


def record_helpers(
    dialect: Dialect, program: Program, live: Iterable[Value]
) -> list[tuple[str, str]]:
    """Names and sources of the functions that records bring along, each once."""
    found: dict[str, str] = {}
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Each):
            operation = operation.operation
        if isinstance(operation, Call | Frechet | Mapped):
            function: Function = operation.function
            source = dialect.helper(function)
            if dialect.template(function) is None and source is not None:
                found[helper_name(dialect, function)] = source
    return list(found.items())


def _check_inputs(program: Program, live: Iterable[Value], identifiers: Mapping[str, str]) -> None:
    for value in live:
        operation = program.operation(value)
        if isinstance(operation, Input) and operation.name not in identifiers:
            raise ValueError(f"{operation.name!r} is not among the variables")
