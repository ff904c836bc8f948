"""Which of several equal forms of each output makes the cheapest program together."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TypeAlias

from gradform.codegen.lowering.common import factors_taken_out
from gradform.codegen.lowering.expressions import lower
from gradform.codegen.lowering.plan import TYPICAL_SIZE
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.cost import cost
from gradform.codegen.program.operations import Dot, Gram, Matmul, Tensordot
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.task import Output, Task
from gradform.ir.nodes import Node
from gradform.records import replaced

__all__ = ["Lowered", "cheapest_program"]

Lowered: TypeAlias = tuple[Program, list[Value]]

# Another form has to save this share of the work: what outputs share is then not given up
# for little.
_WORTH_ANOTHER = 0.02
# An operation inside a product of matrices costs a fraction of one in a pass over an array.
_PRODUCTS = (Matmul, Gram, Tensordot, Dot)
_PRODUCT = 0.25
# With more outputs, forms are only compared all at once.
_MOST_OUTPUTS = 4


def cheapest_program(
    task: Task, sizes: Mapping[str, int] | None, known: Container[type]
) -> Lowered:
    """The program with that form of each output with which all of them take the least work."""
    task = replaced(task, outputs=tuple(map(_with_factored_forms, task.outputs)))
    search = _Search(task, sizes)
    nodes = task.nodes
    if any(output.others for output in task.outputs):
        nodes = min((_same_choice(task, k) for k in _choices(task)), key=search.work)
        if len(task.outputs) <= _MOST_OUTPUTS:
            nodes = search.improved(nodes)
    return search.lowered(nodes, known)


def _with_factored_forms(output: Output) -> Output:
    """The same with common factors of sums taken out, which saves products.

    These come after all others, in their order: what is chosen for all outputs at once is
    of one kind.
    """
    forms = _forms(output)
    factored = tuple(map(factors_taken_out, forms))
    return output if factored == forms else output._replace(others=(*forms[1:], *factored))


def _choices(task: Task) -> range:
    return range(max(len(_forms(output)) for output in task.outputs))


def _forms(output: Output) -> tuple[Node, ...]:
    return (output.node, *output.others)


def _same_choice(task: Task, k: int) -> tuple[Node, ...]:
    """The k-th form of every output, the first where it has fewer."""
    forms = [_forms(output) for output in task.outputs]
    return tuple(each[k] if k < len(each) else each[0] for each in forms)


class _Search:
    """Remembers the programs of the choices that were tried, and their work."""

    def __init__(self, task: Task, sizes: Mapping[str, int] | None) -> None:
        self.task = task
        self.sizes = sizes
        self._programs: dict[tuple[Node, ...], Lowered] = {}
        self._known: dict[tuple[Node, ...], float] = {}

    def work(self, nodes: tuple[Node, ...]) -> float:
        """Work for the outputs in these forms; the first form wins between equals."""
        found = self._known.get(nodes)
        if found is None:
            found = self._known[nodes] = self._count(nodes)
        return found

    def lowered(self, nodes: tuple[Node, ...], known: Container[type]) -> Lowered:
        """The program with these forms, of operations that may be used."""
        all_known = all(extra in known for extra in EXTRA)
        if all_known and nodes in self._programs:
            return self._programs[nodes]
        outputs = [
            (node, output.arrangement)
            for node, output in zip(nodes, self.task.outputs, strict=True)
        ]
        names = [parameter.name for parameter in self.task.parameters]
        found = lower(outputs, names, self.sizes, known)
        if all_known:
            self._programs[nodes] = found
        return found

    def _count(self, nodes: tuple[Node, ...]) -> float:
        program, values = self.lowered(nodes, EXTRA)
        live = live_values(program, values)
        names = {name for value in live for axis in program.axes(value) for name in axis.names}
        names.update(name for each in self.task.parameters for a in each.axes for name in a.names)
        sizes = {name: (self.sizes or {}).get(name, TYPICAL_SIZE) for name in names}
        return sum(
            cost(program, value, sizes)
            * (_PRODUCT if isinstance(program.operation(value), _PRODUCTS) else 1.0)
            for value in live
        )

    def improved(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """One output after the other in the form that is best beside the others."""
        for k, output in enumerate(self.task.outputs):
            for node in _forms(output):
                other = (*nodes[:k], node, *nodes[k + 1 :])
                if self.work(other) < (1 - _WORTH_ANOTHER) * self.work(nodes):
                    nodes = other
        return nodes
