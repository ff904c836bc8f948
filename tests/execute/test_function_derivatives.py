"""Every function and its derivative by each of its variables, as arrays, on the backends.

Sizes of one are where shapes are most easily mistaken: a matrix of one row is no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from gradform.calculus import derivative
from gradform.codegen.lowering.expressions import is_map
from gradform.codegen.task import Task
from gradform.execute.backend import compiler
from gradform.execute.options import DTYPES, Options
from gradform.functions.samples import SAMPLES
from gradform.ir.nodes import Apply, Node, Symbol, topological
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import task_of
from tests.execute.native_cases import linked
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import SampleCall, sample_calls
from tests.unit.codegen.codegen_cases import SIZES

TOLERANCES = {"float64": 1e-9, "float32": 2e-3}


# Matrices of one column, of one row, of one entry.
SIZES_OF_ONE = ({"m": 4, "n": 1}, {"m": 1, "n": 3}, {"m": 1, "n": 1})


class Case(NamedTuple):
    """A call of a function, one of its variables, and sizes."""

    call: SampleCall
    symbol: Symbol
    sizes: Mapping[str, int] = SIZES

    @property
    def node(self) -> Node:
        return derivative(self.call.node(), self.symbol)

    @property
    def point(self) -> dict[str, Array]:
        """The corners, of these sizes, of the arrays of the sample."""
        return {
            name: array[tuple(slice(self.sizes.get(str(axis))) for axis in SAMPLES[name].shape)]
            for name, array in self.call.point().items()
        }

    def given(self, task: Task) -> dict[str, Array | int]:
        point = self.point
        arrays = {each.name: point[each.name] for each in task.parameters}
        return arrays | {name: self.sizes[name] for name in task.sizes}

    def wanted(self, node: Node) -> Array:
        return evaluate_node(node, self.point, self.sizes)

    @property
    def fits(self) -> bool:
        """Whether there are as many entries as a call takes: topk(x, 2) takes two."""
        numbers = [int(word) for word in self.call.words if word.isdecimal()]
        lengths = [size for array in self.point.values() for size in array.shape]
        return not numbers or max(numbers) <= min(lengths, default=1)

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
OF_ONE = [
    case
    for sizes in SIZES_OF_ONE
    for call, symbol, _ in CASES
    if (case := Case(call, symbol, sizes)).fits
]


@pytest.mark.parametrize("dtype", DTYPES)
@each_case
def test_numpy(case: Case, dtype: str) -> None:
    task = task_of(case.node)
    program = compiler("numpy")(task, Options(dtype=dtype))
    found = program(**case.given(task))
    assert np.asarray(found).dtype == dtype
    close(found, case.wanted(case.node), TOLERANCES[dtype], program.source)


def test_numpy_at_sizes_of_one() -> None:
    assert len(OF_ONE) > 400
    for case, node in _each_node():
        task = task_of(node)
        found = compiler("numpy")(task, Options())(**case.given(task))
        _close_to_zero_too(found, case, node)


def test_native() -> None:
    cases = [(case, node, task_of(node)) for case, node in _each_node()]
    cases += [(case, case.node, task_of(case.node)) for case in CASES]
    runs = linked([(task, case.sizes) for case, _, task in cases])
    for (case, node, task), run in zip(cases, runs, strict=True):
        _close_to_zero_too(run(**case.given(task)), case, node)


def _close_to_zero_too(found: Any, case: Case, node: Node) -> None:
    """Derivatives such as that of a direction in one dimension are zero but for rounding."""
    wanted, note = case.wanted(node), f"{case} at {case.sizes}"
    close(found, wanted, TOLERANCES["float64"], note, least=1e-6)


def _each_node() -> Iterator[tuple[Case, Node]]:
    """The functions and their derivatives at sizes of one."""
    return ((case, node) for case in OF_ONE for node in (case.call.node(), case.node))


@each_library
@each_case
def test_array_libraries(library: Library, case: Case) -> None:
    library.array(0.0)  # lets JAX have float64
    task = task_of(case.node)
    given = case.given(task)
    for dtype in library.dtypes if _has_map(case.node) else ("float64",):
        program = compiler(library.name)(task, Options(dtype=dtype))
        found = program(**{k: _as(library, value, dtype) for k, value in given.items()})
        assert library.dtype(found) == dtype
        close(found, case.wanted(case.node), TOLERANCES[dtype], program.source)


def _has_map(node: Node) -> bool:
    """Whether there is the tensor of a linear map of matrices, which is made by a loop."""
    return any(isinstance(part, Apply) and is_map(part) for part in topological(node))


def _as(library: Library, value: Array | int, dtype: str) -> Any:
    return value if isinstance(value, int) else library.apart(library.array(value, dtype))
