"""JAX and PyTorch source as one graph, mapped, alone in a fresh interpreter; its errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, CannotError
from gradform.execute import library as loading
from tests.execute.array_libraries import Library, close, each_library
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Row, answer

SAMPLE = ROWS[5::11]


def _called(library: Library, row: Row, what: Any) -> tuple[Any, list[Any], Any]:
    """The program, its arguments at the first point, and what NumPy gives there."""
    program = what.compile(library.name)
    (sizes, inputs, _), *_ = frozen_points(row)
    names = [parameter.name for parameter in program.task.parameters]
    extra = {name: sizes[name] for name in program.task.sizes}
    wanted = what.compile("numpy")(**{name: inputs[name] for name in names}, **extra)
    return program, [*(library.array(inputs[name]) for name in names), *extra.values()], wanted


@each_library
@pytest.mark.parametrize("row", SAMPLE, ids=str)
def test_one_graph(library: Library, row: Row) -> None:
    program, given, wanted = _called(library, row, answer(row, check=False))
    arrays = len(program.task.parameters)
    function = library.one_graph(program.function, range(arrays, len(given)))
    close(function(*given), wanted, 1e-8, program.source)


@each_library
@pytest.mark.parametrize("row", SAMPLE[::3], ids=str)
def test_mapped_by_the_library(library: Library, row: Row) -> None:
    program, given, wanted = _called(library, row, answer(row, check=False))
    arrays = len(program.task.parameters)
    if arrays:
        twice = [library.array(np.stack([library.numpy(each)] * 2)) for each in given[:arrays]]
        found = library.mapped(lambda *each: program.function(*each, *given[arrays:]))(*twice)
        close(found, np.stack([wanted, wanted]), 1e-8, program.source)


ALONE = """
import json, sys
cases = json.load(sys.stdin)
for case in cases:
    space = {"__name__": "alone"}
    exec(case["source"], space)
    found = space[case["name"]](*case["arguments"])
    case["found"] = found.tolist()
assert not any(name.split(".")[0] == "gradform" for name in sys.modules)
print(json.dumps([case["found"] for case in cases]))
"""


@each_library
def test_sources_run_alone(library: Library, tmp_path: Path) -> None:
    """Lists are arguments too; many sources in one interpreter."""
    cases, expected = [], []
    for row in ROWS[:: 20 if library.name == "jax" else 3]:  # JAX compiles each operation
        program, given, wanted = _called(library, row, answer(row, check=False))
        arguments = [
            each if isinstance(each, int) else library.numpy(each).tolist() for each in given
        ]
        cases.append({"source": program.source, "name": program.task.name, "arguments": arguments})
        expected.append(wanted)
    command = [sys.executable, "-I", "-c", ALONE]
    environment = {"JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        command,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    for found, wanted in zip(json.loads(result.stdout), expected, strict=True):
        close(np.asarray(found), wanted, 1e-8)


LOSS = gf.parse("sum((X*w-y).^2)", shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})


@each_library
def test_errors_name_the_variable(library: Library) -> None:
    program = LOSS.gradient("w", check=False).compile(library.name)
    given = {"X": library.array(np.ones((4, 3))), "w": library.array(np.ones(2))}
    with pytest.raises(ArrayError, match=r"w must have shape \(n,\) with n = 3, got \(2,\)"):
        program(**given, y=library.array(np.ones(4)))
    with pytest.raises(ArrayError, match="No value was given for 'y'"):
        program(**given)
    with pytest.raises(ArrayError, match="w must hold real numbers"):
        program(X=np.ones((4, 3)), w=np.ones(3) * 1j, y=np.ones(4))


@each_library
def test_other_arrays_have_the_asked_type(library: Library) -> None:
    for dtype in library.dtypes:
        program = LOSS.compile(library.name, dtype=dtype)
        found = program(X=np.ones((4, 3)), w=[1, 2, 3], y=np.zeros(4))
        assert library.dtype(found) == dtype
        assert float(found) == 144.0


@each_library
def test_a_missing_library_is_named(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(loading, "import_module", missing)
    with pytest.raises(CannotError, match="is not installed") as caught:
        LOSS.compile(library.name)
    assert f"gradform[{library.name}]" in str(caught.value)


def test_results_own_their_memory() -> None:
    torch = pytest.importorskip("torch")
    x = torch.ones(3, dtype=torch.float64)
    same = gf.parse("x", shapes={"x": ("n",)}).compile("torch")(x=x)
    same[0] = 7.0
    assert float(x[0]) == 1.0


def test_float64_is_not_made_float32_without_a_word() -> None:
    jax = pytest.importorskip("jax")
    program = LOSS.compile("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(CannotError, match="float32"):
            program(X=np.ones((4, 3)), w=np.ones(3), y=np.ones(4))
        single = [jax.numpy.ones(shape, "float32") for shape in ((4, 3), 3, 4)]
        assert program(*single).dtype == "float32"
    finally:
        jax.config.update("jax_enable_x64", before)


def test_threads_are_set_for_the_call_alone() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    program = LOSS.compile("torch", threads=before + 1)
    assert float(program(X=np.ones((4, 3)), w=np.ones(3), y=np.zeros(4))) == 36.0
    assert torch.get_num_threads() == before


@each_library
@pytest.mark.parametrize("text", ["inv(A)*V", "V*inv(A)", "tr(inv(A)*V)", "inv(A)*v"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 3])
def test_batches_of_systems_with_one_side(
    library: Library, text: str, count: int, size: int
) -> None:
    """As many systems as a side has rows: it is a matrix all the same."""
    shapes = {"A": ("n", "n"), "V": ("n", "n"), "v": ("n",)}
    names = [name for name in shapes if name in text.replace("inv", "")]
    f = gf.parse(text, shapes={name: shapes[name] for name in names})
    rng = np.random.default_rng(0)
    given = {name: rng.normal(size=[size] * len(shapes[name])) for name in names}
    given["A"] = rng.normal(size=(count, size, size)) + 3 * np.eye(size)
    program = f.compile(library.name, batch=["A"])
    found = library.numpy(program(**{k: library.array(each) for k, each in given.items()}))
    wanted = np.stack([f.compile()(**{**given, "A": each}) for each in given["A"]])
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=1e-10)
