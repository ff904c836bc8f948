"""C source: all identities compiled and run, over batches, in single precision, alone."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import gradform as gf
from gradform.derive.tasks import joint_task
from gradform.execute.backend import writer
from gradform.execute.options import Options
from tests.languages.c_programs import built, called, library, needs_compiler
from tests.languages.identities import Case, agree, cases, points, sources

pytestmark = needs_compiler
DOUBLE = Options()
SINGLE = Options(dtype="float32")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ctypes.CDLL]:
    return _compiled(tmp_path_factory.mktemp("double"), cases("c", DOUBLE))


def _compiled(directory: Path, found: tuple[Case, ...]) -> dict[str, ctypes.CDLL]:
    libraries = library(directory, [case.source for case in found])
    return {case.row.id: each for case, each in zip(found, libraries, strict=True)}


def test_what_is_refused() -> None:
    """Eigenvalues, singular values and derivatives of the matrix exponential."""
    found, refused = sources("c", DOUBLE)
    assert len(found) + len(refused) == 430
    assert len(refused) <= 9
    assert {error.kind for error in refused.values()} == {"no_c"}
    named = {str(error).split("'")[1] for error in refused.values()}
    assert named <= {"eig", "eigvecs", "expm", "normnuc", "pinv", "polar"}


def test_identities(compiled: dict[str, ctypes.CDLL]) -> None:
    for case in cases("c", DOUBLE):
        for point in points(case):
            found = called(compiled[case.row.id], case.task, point.sizes, point.inputs)
            for result, wanted in zip(found, point.outputs, strict=True):
                agree(result, wanted, case.row.id)


def test_identities_in_single_precision(tmp_path: Path, compiled: dict[str, ctypes.CDLL]) -> None:
    """Off by what float32 loses: the double program at the same, rounded inputs."""
    found = cases("c", SINGLE)
    libraries = _compiled(tmp_path, found)
    for case in found:
        point = next(points(case))
        inputs = {name: np.asarray(array, np.float32) for name, array in point.inputs.items()}
        results = called(libraries[case.row.id], case.task, point.sizes, inputs, dtype=np.float32)
        assert all(result.dtype == np.float32 for result in results)
        rounded = {name: array.astype(float) for name, array in inputs.items()}
        exact = called(compiled[case.row.id], case.task, point.sizes, rounded)
        for result, wanted in zip(results, exact, strict=True):
            if np.all(np.abs(wanted) < 1e30):
                scale = max(float(np.max(np.abs(wanted), initial=0.0)), 1e-3)
                gap = float(np.max(np.abs(result - wanted), initial=0.0))
                assert gap <= 2e-3 * scale, (case.row.id, gap / scale)


def test_batches(tmp_path: Path, compiled: dict[str, ctypes.CDLL]) -> None:
    """Every second variable batched, from the first or from the second on."""
    for k, case in enumerate(cases("c", DOUBLE)[::40]):
        names = tuple(parameter.name for parameter in case.task.parameters)[k % 2 :: 2]
        if not names:
            continue
        text = writer("c")(case.task, Options(batch=names))
        point = next(points(case))
        stacks = {
            name: np.stack([array, 1.01 * array]) if name in names else array
            for name, array in point.inputs.items()
        }
        batch = dict.fromkeys(names, 2)
        together = called(
            built(tmp_path, f"batch{k}", text), case.task, point.sizes, stacks, batch=batch
        )
        for turn in range(2):
            own = {n: stacks[n][turn] if n in names else stacks[n] for n in stacks}
            alone = called(compiled[case.row.id], case.task, point.sizes, own)
            for result, wanted in zip(together, alone, strict=True):
                agree(result[turn], wanted, case.row.id, 1e-13)


# ---------------------------------------------------------------- the source itself


def test_a_program_of_its_own(tmp_path: Path) -> None:
    """Source and a main function, nothing else."""
    text = gf.derivative("x'*A*x", "x").source("c")
    main = """
#include <stdio.h>
int main(void)
{
    double A[] = {1, 2, 3, 4}, x[] = {1, -1}, result[2];
    int status = derivative(2, x, A, result);
    printf("%d %g %g\\n", status, result[0], result[1]);
    return 0;
}
"""
    (tmp_path / "main.c").write_text(text + main)
    flags = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    subprocess.run(["cc", *flags, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    done = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "0 -3 -3\n"


def _status(directory: Path, text: str, *arguments: object) -> int:
    return int(built(directory, "status", text)["derivative"](*arguments))


def test_a_singular_matrix_is_told(tmp_path: Path) -> None:
    text = gf.derivative("b'*inv(A)*v", "b").source("c")
    order = re.findall(r"double \*(\w)[,)]", text.partition("int derivative")[2])
    arrays = {"b": np.ones(2), "v": np.ones(2), "A": np.ones((2, 2))}
    given = [arrays[name] for name in order]
    assert len(given) >= 2
    pointers = [each.ctypes.data_as(ctypes.c_void_p) for each in (*given, np.zeros(2))]
    assert _status(tmp_path, text, ctypes.c_size_t(2), *pointers) == 2


def test_sizes_too_small_are_told(tmp_path: Path) -> None:
    text = gf.derivative("x(3)^2", "x").source("c")
    array = np.ones(2)
    pointer = array.ctypes.data_as(ctypes.c_void_p)
    assert _status(tmp_path, text, ctypes.c_size_t(2), pointer, pointer) == 3


@pytest.mark.parametrize("language", ["c", "matlab", "julia"])
def test_any_name_is_free_for_variables(language: str, tmp_path: Path) -> None:
    """Keywords, functions that the source calls, loop letters, letters beyond ASCII."""
    shapes = {"double": ("work", "work"), "inverse": ("work",), "i": (), "t0": (), "σ": ()}
    derivative = gf.derivative("inverse'*inv(double)*inverse*i + t0*σ*log(i)", "i", shapes=shapes)
    text = derivative.source(language)
    assert "sigma" in text
    assert "σ" not in re.sub(r"(?s)/\*.*?\*/|%.*?\n|\"{3}.*?\"{3}", "", text)
    if language == "c":
        built(tmp_path, "names", text)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(gf.errors.CannotError, match="'polar' has no C form"):
        gf.derivative("normnuc(X)", "X").source("c")


@pytest.mark.parametrize("size", [1e3, 1e300])
@pytest.mark.parametrize("expression", ["sum(log1p(exp(-y.*x)))", "logsumexp(x)", "softmax(x)'*y"])
def test_limits(expression: str, size: float, tmp_path: Path) -> None:
    """Value, gradient and Hessian far out are what they are at 700, where nothing overflows."""
    function = gf.parse(expression)
    derivatives = [function.gradient("x"), function.hessian("x")]
    parts = [function.as_part(), *(each.as_part() for each in derivatives)]
    task = joint_task("limits", parts, "")
    compiled = built(tmp_path, "limits", writer("c")(task, DOUBLE))
    y = np.array([1.0, -1.0, 1.0])
    results = [
        called(compiled, task, {"n": 3}, {"x": np.array([far, -far, 0.5]), "y": y})
        for far in (size, 700.0)
    ]
    assert all(np.isfinite(result).all() for result in results[0])
    for found, wanted in list(zip(*results, strict=True))[1:]:
        np.testing.assert_allclose(found, wanted, atol=1e-300)
