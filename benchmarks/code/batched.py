"""Small functions at ten thousand points: native programs beside C written by hand.

    python -m benchmarks.code.batched [--points 10000]

Both are compiled by the same compiler with the same flags, run on one core, and agree to
1e-8 first.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gradform as gf
from benchmarks.code.families.small import FAMILIES
from benchmarks.code.measure import interleaved
from benchmarks.code.row import Arrays, Family

_SOURCE = Path(__file__).with_name("by_hand.c")
_FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
_MOST = 1.5


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.code.batched", description=__doc__)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        library = _compiled(Path(folder))
        print(f"nanoseconds per point, {options.points} points:   native  by hand  ratio  NumPy")
        for family in FAMILIES:
            worst = max(worst, _compare(family, options.points, library))
    return int(worst > _MOST)


def _compiled(folder: Path) -> Any:
    target = folder / "by_hand.so"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, *_FLAGS, str(_SOURCE), "-o", str(target), "-lm"], check=True)
    return ctypes.CDLL(str(target))


def _compare(family: Family, points: int, library: Any) -> float:
    size = family.sizes[-1]
    arrays, batch = _many(family, points)
    function = gf.parse(family.formula, shapes=family.shapes)
    derivative = getattr(function, family.quantity)(family.wrt[0], check=False)
    program = derivative.compile("native", batch=batch)
    plain = derivative.compile("numpy", batch=batch)
    kernel = program.specialised(**arrays)
    given = [arrays[parameter.name] for parameter in program.task.parameters]
    ours = kernel(*given)
    theirs = np.empty_like(ours)
    by_hand = _by_hand(family, size, arrays, theirs, library)
    by_hand()
    error = np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
    assert error < 1e-8, f"{family.name} differs by {error:.1e}"
    times = interleaved(
        {
            "native": lambda: kernel(*given, out=ours),
            "by hand": by_hand,
            "numpy": lambda: plain(**arrays),
        }
    )
    each = {name: seconds / points * 1e9 for name, seconds in times.items()}
    ratio = each["native"] / each["by hand"]
    print(
        f"{family.name:36} {each['native']:16.1f} {each['by hand']:8.1f} {ratio:6.2f} "
        f"{each['numpy']:6.1f}"
    )
    return ratio


def _many(family: Family, points: int) -> tuple[Arrays, list[str]]:
    """Arrays for many points, and the variables that differ between them."""
    rng = np.random.default_rng(3)
    single = family.inputs(family.sizes[-1], rng)
    moved = [name for name in single if name in ("x", "t", "r", "p")]
    arrays: Arrays = dict(single)
    for name in moved:
        base = np.asarray(single[name])
        arrays[name] = base + 0.1 * rng.normal(size=(points, *base.shape))
    return arrays, moved


def _by_hand(
    family: Family, size: Any, arrays: Arrays, out: Any, library: Any
) -> Callable[[], Any]:
    def pointer(array: Any) -> Any:
        return array.ctypes.data_as(ctypes.c_void_p)

    count = ctypes.c_long(len(out))
    if family.name.startswith("Rosenbrock"):
        call, given = library.rosenbrock, [ctypes.c_long(size["n"]), pointer(arrays["x"])]
    elif family.name.startswith("robot"):
        call, given = library.robot_arm, [pointer(arrays["t"]), pointer(arrays["l"])]
    else:
        call = library.bundle_adjustment
        given = [*(pointer(arrays[name]) for name in "rtp"), ctypes.c_double(arrays["f"])]
    return lambda: call(count, *given, pointer(out))


if __name__ == "__main__":
    sys.exit(main())
