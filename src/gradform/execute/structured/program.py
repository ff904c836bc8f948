"""A task whose linear maps are returned as operators.

The parts of all operators are outputs of one program on the backend, together with the outputs
that are arrays, so they share what they have in common. Sizes decide which parts are computed:
a structure is kept where it stores fewer numbers than the matrix has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.structured.forms import (
    Form,
    Full,
    Sizes,
    borrowed,
    nodes_of,
)
from gradform.codegen.task import Output, Task
from gradform.errors import CannotError
from gradform.execute.arguments import Arguments, Bound
from gradform.execute.backend import Compiled
from gradform.execute.entry import Run, Shapes, by_name
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.execute.structured.building import Parts, Values, builder
from gradform.execute.structured.maps import LinearMap, count
from gradform.execute.structured.products import Products
from gradform.execute.values import real_array
from gradform.ir.nodes import Node
from gradform.language import say
from gradform.linear_operators import LinearOperator, MatrixFree
from gradform.linear_operators.arrays import Array

__all__ = ["StructuredProgram", "structured"]

_Make: TypeAlias = Callable[[Task, Options], Compiled]
_Describe: TypeAlias = Callable[[Node], str]
_Chosen: TypeAlias = Mapping[str, tuple[Form, ...] | None]
_Given: TypeAlias = tuple[Any, ...]
_Lent: TypeAlias = tuple[int, tuple[int, ...]]

# Beyond this many numbers, and several times those given, a matrix without structure is known by
# its products alone.
_LARGE = 1 << 22
_SEVERAL = 4
# Plans are forgotten when there are many.
_MOST_PLANS = 256


class _Plan(NamedTuple):
    """What is done with the arrays of a call of certain shapes.

    ``compute`` gives the arrays of expressions, those that are ``lent`` are arrays of the call:
    by their place, with their axes in an order. ``results`` make the outputs of both.
    """

    compute: Callable[[_Given], Values]
    lent: tuple[_Lent, ...]
    results: tuple[Callable[[Values, _Given], Any], ...]


class StructuredProgram(Recompiled):
    """A task as a function that returns linear operators for Jacobians and Hessians."""

    def __init__(self, task: Task, options: Options, make: _Make, describe: _Describe) -> None:
        self._made_by = structured, (task, options, make, describe)
        if options.batch:
            raise CannotError(
                say("A batch of linear operators is not made."),
                kind="unsupported",
                hint=say("leave dense=False or batch= away, or call once for each member"),
            )
        self.task = task
        self.options = options
        self._make, self._describe = make, describe
        self._arguments = Arguments(task)
        self._maps = {output.label: LinearMap(output) for output in task.outputs if output.split}
        self._count = len(task.parameters)
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._known: dict[Shapes, Run] = {}
        self._entry = by_name(task, options.dtype, (), self._known)
        self._programs: dict[tuple[Node, ...], Compiled] = {}
        self._products: dict[str, Products] = {}
        self._names: dict[Node, str] = {}

    @property
    def source(self) -> str:
        """What computes the arrays, and the parts of operators, for large sizes."""
        large = dict.fromkeys(self._arguments.task.sizes, 0)
        for parameter in self.task.parameters:
            large |= {name: 0 for axis in parameter.axes for name in axis.names}
        sizes = {name: 1000 + k for k, name in enumerate(sorted(large))}
        return self._program(self._needed(self._chosen(sizes, 0))[0]).source

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit."""
        try:
            found = self._entry(*arrays, **named)
        except (TypeError, ValueError):
            found = None  # what is wrong is found out below
        return self._checked(arrays, named) if found is None else found

    def _checked(self, arrays: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        """The results for arrays of any kind and shape."""
        given = self._arguments.placed(arrays, named, real_array)
        shapes = [array.shape for array in given[: self._count]]
        key = (*shapes, *given[self._count :])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._planned(self._arguments.bind(given, {}))
            self._known[tuple(shapes)] = self._run(plan)
        return self._results(plan, *given)

    def _run(self, plan: _Plan) -> Run:
        """What is left to do for arrays of the plan's shapes."""
        if plan.lent or len(plan.results) > 1:
            return partial(self._results, plan)
        compute, (make,) = plan.compute, plan.results
        return lambda *given: make(compute(given), given)

    def _results(self, plan: _Plan, *given: Any) -> Any:
        lent = (self._lent(given[place], order) for place, order in plan.lent)
        values = [*plan.compute(given), *lent]
        results = [make(values, given) for make in plan.results]
        return results[0] if len(results) == 1 else tuple(results)

    def stored(self, /, *arrays: Any, **named: Any) -> dict[str, int | None]:
        """How many numbers each operator will store; None where it is dense or known by its
        products alone. Nothing is computed."""
        bound = self._arguments.bind(self._arguments.placed(arrays, named, real_array), {})
        found: dict[str, int | None] = {}
        for label, each in self._maps.items():
            forms = each.settled(bound.sizes)
            found[label] = None if forms is None else count(forms, bound.sizes)
        return found

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) as operators>"

    # ------------------------------------------------------------ what to compute

    def _planned(self, bound: Bound) -> _Plan:
        """The plan for the sizes of a call."""
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
            self._known.clear()
        sizes = bound.sizes
        chosen = self._chosen(sizes, sum(np.size(array) for array in bound.arrays))
        nodes, lent = self._needed(chosen)
        parts = Parts((*nodes, *lent), sizes, self.options.dtype, self._name)
        results = tuple(
            self._operator(output, chosen[output.label], parts)
            if output.split
            else _arranged(output, parts)
            for output in self.task.outputs
        )
        names = self._arguments.names
        places = tuple((names.index(name), order) for name, order in lent.values())
        return _Plan(self._computing(nodes), places, results)

    def _chosen(self, sizes: Sizes, given: int) -> _Chosen:
        """The forms of each map; None for one that is known by its products alone."""
        found: dict[str, tuple[Form, ...] | None] = {}
        for label, each in self._maps.items():
            forms = each.settled(sizes)
            large = each.entries(sizes) > max(_LARGE, _SEVERAL * given)
            if forms is None and not (large and each.has_products):
                forms = (Full(each.node, each.split, each.output.symmetric),)
            found[label] = forms
        return found

    def _needed(
        self, chosen: _Chosen
    ) -> tuple[tuple[Node, ...], dict[Node, tuple[str, tuple[int, ...]]]]:
        """The expressions to compute, and those that are arrays of the call."""
        nodes: dict[Node, None] = {}
        for output in self.task.outputs:
            if not output.split:
                nodes[output.node] = None
            for form in chosen.get(output.label) or ():
                nodes.update(dict.fromkeys(nodes_of(form)))
        lent = {node: found for node in nodes if (found := borrowed(node)) is not None}
        return tuple(node for node in nodes if node not in lent), lent

    def _lent(self, array: Any, order: tuple[int, ...]) -> Array:
        """An array of the call with its axes in another order, without the first of a row."""
        found = np.asarray(array, dtype=self.options.dtype)
        if found.ndim > len(order):
            found = found.reshape(found.shape[1:])
        return found.transpose(order)

    def _computing(self, nodes: tuple[Node, ...]) -> Callable[[_Given], Values]:
        """The arrays of some expressions, as a function of what a call gives."""
        if not nodes:
            return lambda _: ()
        program = self._program(nodes)
        order = (*self._arguments.names, *self._arguments.sizes)
        needed = (*(each.name for each in program.task.parameters), *program.task.sizes)
        places = [order.index(name) for name in needed]
        values = _all_of(program, len(nodes), numbers=not all(node.rank for node in nodes))
        if len(places) == len(order):
            return values
        return lambda given: values([given[k] for k in places])

    def _program(self, nodes: tuple[Node, ...]) -> Compiled:
        """What computes the expressions."""
        if nodes not in self._programs:
            outputs = [
                Output(f"part{k + 1}", node, Arrangement.neutral(node.rank))
                for k, node in enumerate(nodes)
            ]
            task = Task("parts", tuple(outputs), self.task.parameters, "Parts of the operators.")
            self._programs[nodes] = self._make(task, self.options)
        return self._programs[nodes]

    # ------------------------------------------------------------ operators

    def _operator(
        self, output: Output, forms: tuple[Form, ...] | None, parts: Parts
    ) -> Callable[[Values, _Given], LinearOperator]:
        each = self._maps[output.label]
        rows, columns = each.shapes(parts.sizes)
        if forms is None:
            return self._by_products(each, rows, columns)
        build, symmetric = builder(forms, parts, rows, columns), output.symmetric

        def make(values: Values, _: _Given) -> LinearOperator:
            operator = build(values)
            operator.known_symmetric = symmetric
            return operator

        return make

    def _by_products(
        self, each: LinearMap, rows: tuple[int, ...], columns: tuple[int, ...]
    ) -> Callable[[Values, _Given], LinearOperator]:
        label, symmetric, dtype = each.output.label, each.output.symmetric, self.options.dtype
        if label not in self._products:
            self._products[label] = Products(
                each.node, each.split, self.task, self.options, self._make
            )
        products = self._products[label]
        order = (*self._arguments.names, *self._arguments.sizes)

        def make(_: Values, given: _Given) -> LinearOperator:
            named = dict(zip(order, given, strict=True))
            return MatrixFree(*products.bound(named, symmetric), rows, columns, dtype, symmetric)

        return make

    def _name(self, node: Node) -> str:
        if node not in self._names:
            self._names[node] = self._describe(node)
        return self._names[node]


def _all_of(program: Compiled, count: int, numbers: bool) -> Callable[[Sequence[Any]], Values]:
    """All results of a program, as arrays where some may be ``numbers``."""
    if numbers:
        results = _all_of(program, count, numbers=False)
        return lambda given: list(map(np.asarray, results(given)))
    if count == 1:
        return lambda given: (program(*given),)
    return lambda given: program(*given)


def _arranged(output: Output, parts: Parts) -> Callable[[Values, _Given], Any]:
    """The array of an output from its neutral tensor."""
    place, axes = parts.places[output.node], output.arrangement.axes
    shape = parts.extents(*output.shape)

    def make(values: Values, _: _Given) -> Any:
        turned = values[place].transpose(axes).reshape(shape)
        return turned if turned.ndim else turned[()]

    return make


def structured(task: Task, options: Options, make: _Make, describe: _Describe) -> StructuredProgram:
    """The task as a function that returns linear operators.

    ``make`` compiles for the backend, ``describe`` writes an expression.
    """
    return StructuredProgram(task, options, make, describe)
