"""The derivative of every function by each of its variables, as an array, on the backends."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from gradform.calculus import derivative
from gradform.codegen.lowering.expressions import is_map
from gradform.codegen.task import Task
from gradform.execute.backend import compiler
from gradform.execute.options import DTYPES, Options
from gradform.ir.nodes import Apply, Node, Symbol, topological
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import task_of
from tests.execute.native_cases import linked
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import SampleCall, sample_calls
from tests.unit.codegen.codegen_cases import SIZES

TOLERANCES = {"float64": 1e-9, "float32": 2e-3}


class Case(NamedTuple):
    """A call of a function and one of its variables."""

    call: SampleCall
    symbol: Symbol

    @property
    def node(self) -> Node:
        return derivative(self.call.node(), self.symbol)

    @property
    def task(self) -> Task:
        return task_of(self.node)

    def given(self, task: Task) -> dict[str, Array | int]:
        point = self.call.point()
        arrays = {each.name: point[each.name] for each in task.parameters}
        return arrays | {name: SIZES[name] for name in task.sizes}

    def wanted(self) -> Array:
        return evaluate_node(self.node, self.call.point(), SIZES)

    def __str__(self) -> str:
        return f"{self.call} by {self.symbol.name}"


CASES = [
    Case(call, symbol)
    for call in sample_calls()
    if call.record.is_primitive and call.record.no_derivative is None
    for symbol in topological(call.node())
    if isinstance(symbol, Symbol)
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.mark.parametrize("dtype", DTYPES)
@each_case
def test_numpy(case: Case, dtype: str) -> None:
    program = compiler("numpy")(case.task, Options(dtype=dtype))
    found = program(**case.given(program.task))
    assert np.asarray(found).dtype == dtype
    close(found, case.wanted(), TOLERANCES[dtype], program.source)


def test_native() -> None:
    cases = [(case, case.task) for case in CASES]
    runs = linked([(task, SIZES) for _, task in cases])
    for (case, task), run in zip(cases, runs, strict=True):
        close(run(**case.given(task)), case.wanted(), TOLERANCES["float64"], str(case))


@each_library
@each_case
def test_array_libraries(library: Library, case: Case) -> None:
    library.array(0.0)  # lets JAX have float64
    given = case.given(case.task)
    for dtype in library.dtypes if _has_map(case.node) else ("float64",):
        program = compiler(library.name)(case.task, Options(dtype=dtype))
        found = program(**{k: _as(library, value, dtype) for k, value in given.items()})
        assert library.dtype(found) == dtype
        close(found, case.wanted(), TOLERANCES[dtype], program.source)


def _has_map(node: Node) -> bool:
    """Whether there is the tensor of a linear map of matrices, which is made by a loop."""
    return any(isinstance(part, Apply) and is_map(part) for part in topological(node))


def _as(library: Library, value: Array | int, dtype: str) -> Any:
    return value if isinstance(value, int) else library.array(value, dtype)
