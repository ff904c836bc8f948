"""Which of several equal forms of each output makes the cheapest program together."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.common import factors_taken_out
from gradform.codegen.lowering.contraction.plan import TYPICAL_SIZE
from gradform.codegen.lowering.expressions import Lowered, finished, written
from gradform.codegen.lowering.sums import complement_of
from gradform.codegen.passes.plain import EXTRA, needed
from gradform.codegen.program.cost import cost
from gradform.codegen.program.operations import Dot, Gram, Matmul, PairGram, Tensordot
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.task import Output, Task
from gradform.ir.nodes import Apply, Contraction, Node, topological
from gradform.records import replaced

__all__ = ["cheapest_program"]

# The form of an output: its number and the expression.
_Place: TypeAlias = tuple[int, Node]

# Another form has to save this share of the work: what outputs share is then not given up
# for little.
_WORTH_ANOTHER = 0.02
# An operation inside a product of matrices costs a fraction of one in a pass over an array.
_PRODUCTS = (Matmul, Gram, PairGram, Tensordot, Dot)
_PRODUCT = 0.25
# With more outputs, forms are only compared all at once.
_MOST_OUTPUTS = 4


def cheapest_program(
    task: Task, sizes: Mapping[str, int] | None, known: Container[type]
) -> Lowered:
    """The program with that form of each output with which all of them take the least work."""
    outputs = map(_with_factored_forms, map(_with_steady_forms, task.outputs))
    task = replaced(task, outputs=tuple(outputs))
    search = _Search(task, sizes, known)
    nodes = task.nodes
    if any(output.others for output in task.outputs):
        nodes = min((_same_choice(task, k) for k in _choices(task)), key=search.work)
        if len(task.outputs) <= _MOST_OUTPUTS:
            nodes = search.improved(nodes)
    return search.lowered(nodes)


def _with_steady_forms(output: Output) -> Output:
    """The same with the forms that divide by as little as can be of what may vanish to rounding:
    X'(σ(X w) - y) is a number where σ(1 - σ)(y/σ - (1 - y)/(1 - σ)) is 0·∞.
    """
    if not output.others:
        return output
    forms = _forms(output)
    counts = [len(_vanishing_divisors(form)) for form in forms]
    least, *others = [form for form, n in zip(forms, counts, strict=True) if n == min(counts)]
    return output._replace(node=least, others=tuple(others))


def _vanishing_divisors(root: Node) -> set[Node]:
    products = (node for node in topological(root) if isinstance(node, Contraction))
    factors = (factor for node in products for factor in node.factors)
    return {node for node, _, power in factors if power < 0 and _may_vanish(node)}


def _may_vanish(node: Node) -> bool:
    """Whether it is a function whose logarithm is computed otherwise, or 1 minus a function."""
    if isinstance(node, Apply):
        return node.fn.logarithm is not None
    return complement_of(node) is not None


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
    """The work of choices, told by one program for all forms of all outputs.

    What forms share is lowered once. A choice is made of the values that its outputs need.
    """

    def __init__(self, task: Task, sizes: Mapping[str, int] | None, known: Container[type]) -> None:
        self.task = task
        self.sizes = sizes
        self.known = known
        # What a symmetric product is worth tells forms apart, also where it is not made by half.
        self.counted = {*EXTRA, PairGram} if PairGram in known else {*EXTRA}
        self._needed: dict[_Place, frozenset[Value]] = {}
        self._costs: dict[Value, float] = {}
        self._program: Program | None = None
        self._values: dict[_Place, Value] = {}

    def work(self, nodes: tuple[Node, ...]) -> float:
        """Work for the outputs in these forms; the first form wins between equals."""
        if not self._needed:
            self._lower_all()
        needed = frozenset[Value]().union(*(self._needed[each] for each in enumerate(nodes)))
        return sum(self._costs[value] for value in sorted(needed))

    def lowered(self, nodes: tuple[Node, ...]) -> Lowered:
        """The program with these forms, of operations that may be used."""
        program, known = self._program, self.known
        if program is not None and Gram in known:
            values = [self._values[place] for place in enumerate(nodes)]
            return finished(*needed(program, values), known)
        return finished(*self._written(list(enumerate(nodes)), known), known)

    def _written(self, places: Sequence[_Place], known: Container[type]) -> Lowered:
        """The program of some forms, each that of an output."""
        outputs = [(node, self.task.outputs[k].arrangement) for k, node in places]
        names = [parameter.name for parameter in self.task.parameters]
        return written(outputs, names, self.sizes, known)

    def _lower_all(self) -> None:
        places = [(k, node) for k, each in enumerate(self.task.outputs) for node in _forms(each)]
        self._program, values = self._written(places, self.counted)
        self._values = dict(zip(places, values, strict=True))
        program, values = finished(self._program, values, self.counted)
        for place, value in zip(places, values, strict=True):
            self._needed[place] = frozenset(live_values(program, [value]))
        live = live_values(program, values)
        names = {name for value in live for axis in program.axes(value) for name in axis.names}
        names.update(name for each in self.task.parameters for a in each.axes for name in a.names)
        sizes = {name: (self.sizes or {}).get(name, TYPICAL_SIZE) for name in names}
        for value in live:
            share = _PRODUCT if isinstance(program.operation(value), _PRODUCTS) else 1.0
            self._costs[value] = cost(program, value, sizes) * share

    def improved(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """One output after the other in the form that is best beside the others."""
        for k, output in enumerate(self.task.outputs):
            for node in _forms(output):
                other = (*nodes[:k], node, *nodes[k + 1 :])
                if self.work(other) < (1 - _WORTH_ANOTHER) * self.work(nodes):
                    nodes = other
        return nodes
