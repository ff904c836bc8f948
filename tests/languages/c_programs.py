"""C source compiled and called: many functions in one library."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from gradform.codegen.task import Task
from tests.golden.rows import Array

__all__ = ["FLAGS", "built", "called", "library", "needs_compiler"]

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-shared", "-fPIC")


def built(directory: Path, name: str, source: str, level: str = "-O2") -> ctypes.CDLL:
    """One file as a library; warnings are errors."""
    (directory / f"{name}.c").write_text(source)
    command = ["cc", level, *FLAGS, f"{name}.c", "-o", f"{name}.so", "-lm"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]
    return ctypes.CDLL(str(directory / f"{name}.so"))


def library(directory: Path, sources: Sequence[str], files: int = 4) -> list[ctypes.CDLL]:
    """Many sources in a few files; what each carries is made its own by a number."""
    found: list[ctypes.CDLL] = []
    for k in range(files):
        own = [_apart(source, j) for j, source in enumerate(sources[k::files])]
        found.append(built(directory, f"part{k}", "\n".join(own), "-O0"))
    return [found[k % files] for k in range(len(sources))]


def _apart(source: str, number: int) -> str:
    carried = re.findall(r"^static [\w ]+?\*?(\w+)\(|^struct (\w+)", source, re.MULTILINE)
    for name in {word for pair in carried for word in pair if word}:
        source = re.sub(rf"\b{name}\b", f"{name}_{number}", source)
    return source


def called(
    library: ctypes.CDLL,
    task: Task,
    sizes: Mapping[str, int],
    inputs: Mapping[str, Array],
    *,
    dtype: type = np.float64,
    batch: Mapping[str, int] | None = None,
) -> list[Array]:
    """The outputs; ``batch`` has the number of points for each batched variable."""
    batch = batch or {}
    count = next(iter(batch.values()), None)
    number = ctypes.c_double if dtype is np.float64 else ctypes.c_float
    names = {name for p in task.parameters for axis in p.axes for name in axis.names}
    order = sorted(names.union(task.sizes))
    given: list[object] = [] if count is None else [ctypes.c_size_t(count)]
    given += [ctypes.c_size_t(sizes[name]) for name in order]
    arrays: dict[str, Array] = {
        name: np.ascontiguousarray(array, dtype) for name, array in inputs.items()
    }
    for parameter in task.parameters:
        array = arrays[parameter.name]
        is_array = parameter.axes or parameter.name in batch
        given.append(_pointer(array) if is_array else number(float(array.ravel()[0])))
    lead = [] if count is None else [count]
    results: list[Array] = [
        np.full([*lead, *(axis.evaluate(sizes) for axis in output.shape)], np.nan, dtype)
        for output in task.outputs
    ]
    given += map(_pointer, results)
    status = library[task.name](*given)
    assert status == 0, status
    return results


def _pointer(array: Array) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
