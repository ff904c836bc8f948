"""The compiler that is found, what is proved of it, and what is said without one."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradform.errors import CannotError
from gradform.execute.native.compiler import compiler
from gradform.execute.native.library import load
from gradform.execute.native.probe import NoCompilerError, probe

COUNT = 64


def vector_values(name: str, real: str, points: list[float]) -> list[float]:
    """A function over points by a loop of a module."""
    source = f"""#include <math.h>
{compiler().prototypes}
void f(const {real} *x, {real} *y)
{{
    for (int i = 0; i < {COUNT}; i++)
        y[i] = {name}(x[i]);
}}
"""
    kind = ctypes.c_double if real == "double" else ctypes.c_float
    x, y = (kind * COUNT)(*points), (kind * COUNT)()
    entry = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    entry(load(source).address("f"))(x, y)
    return list(y)


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "log1p", "sin", "expm1"])
def test_vector_functions_keep_their_limits(name: str) -> None:
    """At the ends and in the middle a loop gives what NumPy gives."""
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 5e-324, 1e3, -1e3]
    points = special + [0.1 * k - 2 for k in range(COUNT - len(special))]
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(np.array(points))
    found = np.array(vector_values(name, "double", points))
    np.testing.assert_allclose(found, wanted, rtol=4e-15)
    np.testing.assert_array_equal(np.signbit(found)[3:5], np.signbit(wanted)[3:5])


def test_what_is_known_of_the_compiler() -> None:
    using = compiler()
    assert using.version
    assert {"-O3", "-ffp-contract=fast"} <= set(using.flags)
    assert not any("fast-math" in flag for flag in using.module_flags(threads=True))
    assert using.has_openmp == bool(using.openmp)
    assert using.has_vector_math == bool(using.prototypes)
    assert compiler() is using


def fake(directory: Path, forbidden: str) -> list[str]:
    """A compiler that does not know one of the flags, or lacks a library."""
    path = directory / "limited"
    path.write_text(
        f'#!/bin/sh\nfor word in "$@"; do\n  case "$word" in {forbidden}) exit 1;; esac\n'
        f'done\nexec {shutil.which(compiler().command[0])} "$@"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [str(path)]


def test_a_flag_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    able = probe(fake(tmp_path, "-march=native"), tmp_path)
    assert "-march=native" not in able.flags
    assert "-O3" in able.flags
    assert able.vector_math == probe(compiler().command, tmp_path).vector_math


def test_without_openmp(tmp_path: Path) -> None:
    able = probe(fake(tmp_path, "-fopenmp"), tmp_path)
    assert not able.openmp
    assert "-O3" in able.flags


def test_without_the_vector_library(tmp_path: Path) -> None:
    able = probe(fake(tmp_path, "-lmvec"), tmp_path)
    assert not able.vector_math
    assert able.libraries == ("-lm",)


def test_a_compiler_that_builds_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoCompilerError):
        probe(fake(tmp_path, "*"), tmp_path)


def test_the_variable_cc_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", f"{fake(tmp_path, '-nothing')[0]} -DWORD")
    assert compiler().command[1:] == ("-DWORD",)
    monkeypatch.setenv("CC", "/nonexistent/cc")
    with pytest.raises(CannotError, match="'/nonexistent/cc', which CC names") as caught:
        compiler()
    assert caught.value.kind == "no_compiler"
    monkeypatch.setenv("CC", "'")
    with pytest.raises(CannotError, match="CC"):
        compiler()


def test_text_that_does_not_compile_says_why() -> None:
    with pytest.raises(CannotError, match=r"did not compile module\.c: .*error.*nonsense"):
        load("int f(void) { return nonsense; }\n")


def test_an_empty_path(tmp_path: Path) -> None:
    """A process without any compiler is told what to install."""
    program = (
        "from gradform.errors import CannotError\n"
        "from gradform.execute.native.library import load\n"
        "try:\n    load('int x;')\n"
        "except CannotError as error:\n    print(error.kind); print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": "",
            "HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(map(str, sys.path)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    kind, message, hint = done.stdout.splitlines()
    assert (kind, message) == ("no_compiler", "There is no C compiler here.")
    assert "apt install gcc" in hint


def test_fast_math_is_asked_for() -> None:
    """A sum of what cancels may be reordered then; by default it is not."""
    source = "double f(double a, double b) { return (a + b) - a; }\n"
    entry = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_double)
    assert entry(load(source).address("f"))(1e300, 1.0) == 0.0
    assert entry(load(source, fast_math=True).address("f"))(1e300, 1.0) == 1.0


def test_subnormal_numbers_stay_under_fast_math() -> None:
    load("double g(double a) { return a * 0.5; }\n", fast_math=True, threads=True)
    assert np.float64(5e-324) / 1.0 == 5e-324
    assert np.array([4e-310])[0] * 0.5 > 0
