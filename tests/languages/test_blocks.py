"""Arrays made of blocks, in all languages that write text: put together, never added up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.execute.backend import compiler, writer
from gradform.execute.numpy import compiled
from gradform.execute.options import DTYPES, Options
from gradform.records import replaced
from tests.execute.array_libraries import Library, close, each_library
from tests.execute.batches import looped
from tests.languages.julia import evaluated
from tests.languages.octave import Call, outcomes
from tests.languages.test_matlab import needs_octave

SHAPES: dict[str, tuple[str | int, ...]] = {
    **{"A": ("n", "n"), "B": ("n", "m"), "C": ("m", "m"), "W": ("m", "n+1")},
    **{"x": ("n",), "y": ("m",), "a": (), "z": (3,)},
}
SIZES = {"n": 3, "m": 2}
# The formula, and the variable of the derivative that is taken beside it.
FORMULAS = {
    "[A*x; tanh(y)]": "x",
    "[x; a; y; 2]": "a",
    "[1; 2; 3]": "",
    "[n; m; n*m]": "",
    "[z(1)*z(2); sin(z(3)); z(1)^2]": "z",
    "[z(1)*z(2); z(3)*z(2)]": "z",
    "sum(tanh(W*[x; 1]))": "x",
    "tr([A, B; B', C]*[A, B; B', C])": "B",
    "inv([A, B; B', C + 9*eye(m)])": "",
    "[x, A*x, -x]": "",
    "[x'; -2*x'; a*x']": "x",
    "[a*x'; x']": "a",
    "z'*y(1) - [a, -2*a, a]": "",
    "[x*y', A; C, B']": "",
    "v = [y; x]; exp([x; y])'*[x; y] + sum(v(1:m))": "y",
    "v = [x; y; y]; v(n + 1:n + m)*v(n)": "y",
    "logsumexp([a; x; -x])": "x",
}


def _tasks() -> list[Task]:
    found: list[Task] = []
    for k, (formula, variable) in enumerate(FORMULAS.items()):
        function = gf.parse(formula, shapes=SHAPES)
        parts = [function, function.derivative(variable)] if variable else [function]
        found.append(replaced(gf.compile(*parts).task, name=f"task{k}"))
    return found


TASKS = _tasks()
each_task = pytest.mark.parametrize("task", TASKS, ids=list(FORMULAS))


def _inputs(task: Task) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    shapes = {p.name: [axis.evaluate(SIZES) for axis in p.axes] for p in task.parameters}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def _outputs(found: Any, task: Task) -> tuple[Any, ...]:
    return found if len(task.outputs) > 1 else (found,)


def _wanted(task: Task) -> tuple[Any, ...]:
    sizes = {name: SIZES[name] for name in task.sizes}
    return _outputs(compiled(task, Options())(**_inputs(task), **sizes), task)


def test_nothing_is_added_up() -> None:
    """Only a derivative may have zeros around one block."""
    for formula in FORMULAS:
        function = gf.parse(formula, shapes=SHAPES)
        for language in ("numpy", "jax", "torch", "julia", "matlab"):
            assert "embed(" not in function.source(language), formula


@pytest.mark.parametrize("dtype", DTYPES)
@each_task
def test_numpy(task: Task, dtype: str) -> None:
    source = writer("numpy")(task, Options(dtype=dtype))
    sizes = [SIZES[name] for name in task.sizes]
    found = compile_source(source, task.name)(*_inputs(task).values(), *sizes)
    for result, wanted in zip(_outputs(found, task), _wanted(task), strict=True):
        assert np.asarray(result).dtype == dtype
        close(result, wanted, 1e-12 if dtype == "float64" else 1e-5, source)


@each_library
@each_task
def test_array_libraries(library: Library, task: Task) -> None:
    batch = tuple(each.name for each in task.parameters)
    arrays = {name: np.stack([each, -each]) for name, each in _inputs(task).items()}
    sizes = {name: SIZES[name] for name in task.sizes}
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        given = {name: library.array(each, dtype) for name, each in _inputs(task).items()}
        program = compiler(library.name)(task, Options(dtype=dtype))
        for result, wanted in zip(
            _outputs(program(**given, **sizes), task), _wanted(task), strict=True
        ):
            assert library.dtype(result) == dtype
            close(result, wanted, tolerance, program.source)
    if batch:
        together = compiler(library.name)(task, Options(batch=batch))
        given = {name: library.array(each) for name, each in arrays.items()}
        found = _outputs(together(**given, **sizes), task)
        for k, wanted in enumerate(looped(compiled(task, Options()), arrays | sizes, batch, 2)):
            for result, want in zip(found, wanted, strict=True):
                close(result[k], want, 1e-12, together.source)


def test_julia() -> None:
    for task in TASKS:
        given = [*_inputs(task).values(), *(SIZES[name] for name in task.sizes)]
        found = evaluated(writer("julia")(task, Options()), given)
        for result, wanted in zip(found, _wanted(task), strict=True):
            close(np.asarray(result), wanted, 1e-12, task.docstring)


@needs_octave
def test_matlab(tmp_path: Path) -> None:
    calls = [Call(task, SIZES, _inputs(task)) for task in TASKS]
    sources = [writer("matlab")(task, Options()) for task in TASKS]
    for task, results in zip(TASKS, outcomes(tmp_path, sources, calls), strict=True):
        assert not isinstance(results, str), (task.docstring, results)
        for result, wanted in zip(results, _wanted(task), strict=True):
            close(result.reshape(np.shape(wanted)), wanted, 1e-12, task.docstring)
