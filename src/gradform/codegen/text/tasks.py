"""A task as text that tells it from every other: what is kept on disk goes by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gradform.codegen.task import Output, Task
from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Contraction, Leaf, Node, Sum, Symbol, topological

__all__ = ["task_text"]


def task_text(task: Task) -> str:
    """The same in every process, and for no other task: every node once, by its place."""
    places: dict[Node, int] = {}
    lines = [f"task {task.name!r}"]
    for parameter in task.parameters:
        structure = sorted(parameter.structure)
        lines.append(f"parameter {parameter.name!r} {_axes(parameter.shape)} {structure}")
    for output in task.outputs:
        for root in (output.node, *output.others):
            for node in topological(root, enter=lambda node: node not in places):
                if node not in places:
                    lines.append(_node(node, places))
                    places[node] = len(places)
        lines.append(_output(output, places))
    return "\n".join(lines)


def _node(node: Node, places: Mapping[Node, int]) -> str:
    """A node by its type, its own facts and the places of its children."""
    match node:
        case Symbol():
            return f"symbol {node.name!r} {_axes(node.axes)} {sorted(node.structure)}"
        case Leaf():
            return f"leaf {node.kind} {_axes(node.axes)} {_axes(node.params)}"
        case Apply():
            inside = _numbers(places[argument] for argument in node.args)
            return f"apply {node.fn.name!r} {node.order} {inside} {_axes(node.axes)}"
        case Sum():
            return "sum " + " ".join(f"{factor}*{places[term]}" for factor, term in node.terms)
        case Contraction():
            factors = (
                f"{places[factor]}[{_numbers(labels)}]^{power}"
                for factor, labels, power in node.factors
            )
            dims = f"{_axes(node.dims)} {node.rank}"
            return f"contraction {node.coefficient} {' '.join(factors)} {dims}"
        case _:
            raise TypeError(type(node).__name__)


def _output(output: Output, places: Mapping[Node, int]) -> str:
    how = output.arrangement
    shape = "as it is" if how.shape is None else _axes(how.shape)
    forms = _numbers(places[node] for node in (output.node, *output.others))
    facts = f"{_numbers(how.axes)} {shape} {output.split} {output.symmetric}"
    return f"output {output.label!r} {forms} {facts}"


def _axes(axes: Sequence[Dim]) -> str:
    return str([axis.terms for axis in axes])


def _numbers(values: Iterable[int]) -> str:
    return ",".join(map(str, values))
