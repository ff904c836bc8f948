"""``source("native")``: the C that is compiled for certain sizes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gradform as gf

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler"
)


def gradient() -> gf.Derivative:
    loss = gf.parse("norm2(X*w - y)^2", shapes={"X": ("m", "n"), "w": ("n",), "y": ("m",)})
    return loss.gradient("w", check=False)


@needs_compiler
def test_it_is_written_for_the_sizes_that_are_given() -> None:
    small = gradient().source("native", sizes={"m": 4, "n": 3})
    large = gradient().source("native", sizes={"m": 4000, "n": 3})
    assert "int gf_derivative(" in small
    assert small != large and "4000" in large and "4000" not in small


@pytest.mark.parametrize("sizes", [{}, {"m": 4}, {"m": 4, "n": -1}, {"m": 4, "n": 3, "k": 2}])
def test_sizes_that_do_not_fit_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(gf.InputError, match="Native code is written for certain sizes"):
        gradient().source("native", sizes=sizes)


@pytest.mark.parametrize("threads", [0, -3, "two"])
def test_threads_are_counted_from_one(threads: object) -> None:
    with pytest.raises(gf.InputError, match="threads"):
        gradient().compile("numpy", threads=threads)  # type: ignore[arg-type]


def test_there_must_be_something_to_compile() -> None:
    with pytest.raises(gf.InputError, match="nothing to compile"):
        gf.compile()


def test_without_a_compiler_the_task_runs_on_numpy_and_says_so(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import gradform as gf\n"
        "program = gf.parse('sum(exp(x))', shapes={'x': ('n',)}).compile('native')\n"
        "print(program, program(x=[0.0, 0.0]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "CC": str(tmp_path / "missing"), "GRADFORM_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "<value(x) on NumPy> 2.0"
    assert "The task runs on NumPy instead of native code." in done.stderr
    assert "hint: install one" in done.stderr
