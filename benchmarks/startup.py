"""What a user waits for: importing the package, and an answer on the command line.

    python benchmarks/startup.py

Byte code is compiled first. Times are the best of many runs, in milliseconds; CPU time is
that beyond an empty interpreter. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parent.parent / "src"
RUNS = 12


class Cost(NamedTuple):
    """Seconds of a process."""

    cpu: float
    wall: float


def cost(*arguments: str) -> Cost:
    """The least of several runs, byte code compiled."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    runs: list[Cost] = []
    for _ in range(RUNS + 1):
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True
        )
        after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append(Cost(cpu, end - begin))
    return Cost(*map(min, zip(*runs[1:], strict=True)))


def main() -> int:
    """Measure, print, compare with the bars."""
    empty = cost("-c", "pass")
    package = cost("-c", "import gradform")
    numpy = cost("-c", "import numpy")
    both = cost("-c", "import numpy, gradform")
    answer = cost("-m", "gradform", "x'*A*x", "--wrt", "x")
    figures = [
        ("import gradform, CPU", package.cpu - empty.cpu, 0.060),
        ("import gradform, CPU beyond NumPy's", both.cpu - numpy.cpu, 0.060),
        ("command line, answer on the screen", answer.wall, 0.350),
    ]
    for label, seconds, bar in figures:
        print(f"{label:40} {seconds * 1e3:6.1f} ms   bar {bar * 1e3:.0f} ms")
    return int(any(seconds > bar for _, seconds, bar in figures))


if __name__ == "__main__":
    sys.exit(main())
