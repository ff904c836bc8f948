"""Answers as tasks for the writers of code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output, Parameter, Task, size_names
from gradform.derive.pipeline import Solution, with_structure
from gradform.errors import InputError
from gradform.functions.shapes import Shape
from gradform.ir.nodes import Node, Symbol, topological
from gradform.language import say
from gradform.syntax.elaborate import Elaborated, Variable

__all__ = [
    "Part",
    "derivative_part",
    "joint_task",
    "parameter_lines",
    "value_part",
    "written_part",
]


class Part:
    """One output with the variables that it may need: an expression or a derivative.

    ``targets`` are variables that become parameters whether they occur or not.
    """

    def __init__(
        self,
        output: Output,
        variables: Mapping[str, Variable],
        description: str,
        targets: Collection[str] = (),
    ) -> None:
        self.output = output
        self.variables = variables
        self.description = description
        self.targets = frozenset(targets)


def value_part(function: Elaborated, title: str, label: str = "value") -> Part:
    """The function itself."""
    node, shape = function.value
    output = Output(label, with_structure(node, function), value_arrangement(shape))
    return Part(output, function.variables, f"Value of {title}.")


def derivative_part(solution: Solution, label: str = "derivative") -> Part:
    """A derivative in the shape that its layout gives it, in all forms it is known in."""
    first, *others = solution.code_forms
    output = Output(
        label,
        first,
        _arrangement(solution),
        tuple(others),
        split=_split(solution),
        symmetric=_is_hessian(solution),
    )
    return _part_of(solution, output)


def written_part(solution: Solution, label: str = "derivative") -> Part:
    """A derivative in the form that its formula was read from."""
    return _part_of(solution, Output(label, solution.neutral, _arrangement(solution)))


def _arrangement(solution: Solution) -> Arrangement:
    arrangement = solution.arrangement
    reshape = arrangement.value_axes if arrangement.is_row else None
    return Arrangement(arrangement.order, reshape)


def _split(solution: Solution) -> int:
    """How many axes stand before those of the last variable, where there are both kinds."""
    shapes = [solution.function.value.shape, *(target.shape for target in solution.targets)]
    groups = [len(shape.axes) for shape in shapes if shape.axes]
    return sum(groups[:-1])


def _is_hessian(solution: Solution) -> bool:
    """Whether it is the second derivative of a scalar by one variable, which is symmetric."""
    question = solution.question
    same = len(question.wrt) == 2 and len(set(question.wrt)) == 1 and question.constraint is None
    return same and solution.function.value.shape.is_scalar and _split(solution) > 0


def _part_of(solution: Solution, output: Output) -> Part:
    source = " ".join(solution.function.program.source.split())
    by = ", ".join(solution.question.wrt)
    return Part(
        output,
        solution.function.variables,
        f"Derivative of {source} by {by}.",
        [target.name for target in solution.targets],
    )


def joint_task(name: str, parts: Sequence[Part], docstring: str | None = None) -> Task:
    """One function for several outputs, which share what they have in common.

    Raises InputError where a variable means different things in two parts.
    """
    variables: dict[str, Variable] = {}
    for part in parts:
        for name_, variable in part.variables.items():
            known = variables.setdefault(name_, variable)
            if (known.shape, known.structure) != (variable.shape, variable.structure):
                raise InputError(
                    say("'{name}' is declared in two different ways.", name=name_), kind="redefined"
                )
    outputs = _distinct([part.output for part in parts])
    targets = frozenset[str]().union(*(part.targets for part in parts))
    needed = needed_variables(variables, [output.node for output in outputs], targets)
    parameters = tuple(Parameter(v.name, v.shape, v.structure) for v in needed.values())
    if docstring is None:
        docstring = "\n".join([_summary(parts, outputs), "", *parameter_lines(parameters)])
    unused = tuple(other for other in variables if other not in needed)
    return Task(name, outputs, parameters, docstring, unused)


def _distinct(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Labels made different by numbers."""
    labels = [output.label for output in outputs]
    found: list[Output] = []
    for k, output in enumerate(outputs):
        label = output.label
        if labels.count(label) > 1:
            label = f"{label}{labels[: k + 1].count(label)}"
        found.append(output._replace(label=label))
    return tuple(found)


def _summary(parts: Sequence[Part], outputs: Sequence[Output]) -> str:
    if len(parts) == 1:
        return parts[0].description
    lines = [
        f"{output.label}: {part.description}" for output, part in zip(outputs, parts, strict=True)
    ]
    return "\n".join([f"{', '.join(output.label for output in outputs)}.", "", *lines])


def value_arrangement(shape: Shape) -> Arrangement:
    order = tuple(range(len(shape.axes)))
    return Arrangement(order, (shape.rows, shape.cols) if shape.is_row else None)


def needed_variables(
    variables: Mapping[str, Variable], nodes: Sequence[Node], targets: Iterable[str]
) -> dict[str, Variable]:
    """The variables that occur, those differentiated by, and those that tell a size."""
    names = {part.name for part in topological(*nodes) if isinstance(part, Symbol)} | {*targets}
    sizes = size_names(nodes)
    for name in names:
        sizes -= _told_sizes(variables[name])
    for name, variable in variables.items():
        if _told_sizes(variable) & sizes:
            names.add(name)
            sizes -= _told_sizes(variable)
    return {name: variable for name, variable in variables.items() if name in names}


def _told_sizes(variable: Variable) -> set[str]:
    """The sizes that an array for the variable tells."""
    return {str(axis) for axis in variable.shape.axes if axis.is_name}


def parameter_lines(parameters: Iterable[Parameter]) -> list[str]:
    """A line of the docstring for each parameter."""
    return [f"{parameter.name}: {_described(parameter.shape)}" for parameter in parameters]


def _described(shape: Shape) -> str:
    if shape.is_scalar:
        return "number"
    if shape.is_column:
        return f"array of shape ({shape.rows},)"
    return f"array of shape ({shape.rows}, {shape.cols})"
