"""Every function record on JAX and PyTorch: values, types, derivatives by the library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.calculus import derivative
from gradform.codegen.task import Task
from gradform.errors import CannotError
from gradform.execute.backend import compiler, writer
from gradform.execute.options import Options
from gradform.functions import all_functions, lookup
from gradform.functions.record import Function
from gradform.ir.expr import Expr
from gradform.ir.nodes import Node, Symbol, topological
from gradform.records import replaced
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import task_of
from tests.support.ir_eval import Array, evaluate_node
from tests.support.samples import SampleCall, sample_calls
from tests.unit.codegen.codegen_cases import SIZES


def _symbols(node: Node) -> list[Symbol]:
    found = {part for part in topological(node) if isinstance(part, Symbol)}
    return sorted(found, key=lambda symbol: symbol.name)


PRIMITIVES = [record for record in all_functions() if record.is_primitive]
CALLS = [call for call in sample_calls() if call.record.is_primitive and _symbols(call.node())]
FIRST = {call.record: call for call in reversed(CALLS)}
SMOOTH = [call for record, call in FIRST.items() if record.no_derivative is None]


def _given(library: Library, task: Task, point: dict[str, Array], dtype: str) -> list[Any]:
    arrays = [library.apart(library.array(point[each.name], dtype)) for each in task.parameters]
    return [*arrays, *(SIZES[name] for name in task.sizes)]


def test_every_record_has_a_call() -> None:
    assert set(FIRST) == set(PRIMITIVES)


@each_library
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_value_and_type(library: Library, call: SampleCall) -> None:
    task, point = task_of(call.node()), call.point()
    program = compiler(library.name)(task, Options())
    wanted = evaluate_node(call.node(), point, SIZES)
    for dtype, tolerance in (("float64", 1e-10), ("float32", 2e-4)):
        found = program(*_given(library, task, point, dtype))
        assert library.dtype(found) == dtype
        close(found, wanted, tolerance, program.source)


@each_library
@pytest.mark.parametrize("call", SMOOTH, ids=str)
def test_source_differentiates_further(library: Library, call: SampleCall) -> None:
    """The library's derivative of our source is our derivative."""
    total = Expr(call.node()).sum().node
    task, point = task_of(total), call.point()
    program: Any = compiler(library.name)(task, Options())
    found = library.gradient(program.function, *_given(library, task, point, "float64"))
    wanted = evaluate_node(derivative(total, _symbols(total)[0]), point, SIZES)
    close(found, wanted, 1e-9, program.source)


@each_library
@pytest.mark.parametrize("call", FIRST.values(), ids=str)
def test_source_needs_its_library_alone(library: Library, call: SampleCall) -> None:
    source = writer(library.name)(task_of(call.node()), Options())
    imported = [line.split()[1] for line in source.split("\n") if line.startswith(("from", "imp"))]
    assert {name.split(".")[0] for name in imported} == {library.name}


@each_library
def test_a_function_without_a_spelling_is_named(library: Library) -> None:
    record = lookup("tanh")
    assert record is not None
    unknown: Function = replaced(record, name="unknown", spell={}, helpers={})
    x = _symbols(FIRST[record].node())[0]
    with pytest.raises(CannotError, match=r"'unknown' has no (JAX|PyTorch) form"):
        writer(library.name)(task_of(unknown(Expr(x)).node), Options())


@each_library
@pytest.mark.parametrize("formula", ["kron(X', Y)", "kron(X, Y')", "sylvester(X', Y, X*Y)"])
def test_products_take_turned_matrices(library: Library, formula: str) -> None:
    function = gf.parse(formula, shapes={"X": ("n", "n"), "Y": ("n", "n")})
    X, Y = np.arange(4.0).reshape(2, 2) + np.eye(2), np.array([[3.0, 1.0], [0.5, 2.0]])
    wanted = function.compile("numpy")(X=X, Y=Y)
    found = function.compile(library.name)(X=library.array(X), Y=library.array(Y))
    close(found, wanted, 1e-12)
