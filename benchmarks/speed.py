"""Time to an answer over the public rows, beside SymPy's in the same run.

    python -m benchmarks.speed [--no-sympy]

Times are processor time of the first answer to each row, after one warm-up answer to
another question.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import gradform as gf
from tests.golden.rows import ROWS, Row, answer

_RUNS = 7
_SYMPY_SECONDS = 20


class Bars(NamedTuple):
    """What is asked for, in milliseconds."""

    median: float = 3
    p99: float = 50
    certified: float = 20
    imported: float = 60
    command: float = 350


def timed(rows: Sequence[Row], *, check: bool) -> list[float]:
    """Milliseconds to parse, differentiate, simplify and print, for every row."""
    found = []
    gf.derivative("x'*A*x", "x", check=check)
    for row in rows:
        gc.collect()
        begin = time.process_time()
        _ = answer.__wrapped__(row, check=check).text
        found.append((time.process_time() - begin) * 1e3)
    return found


def import_time() -> tuple[float, bool]:
    """Milliseconds of processor time beyond NumPy's, and whether NumPy is imported at all."""
    with_numpy = _in_process("import gradform, sys; print('numpy' in sys.modules)") == "True"
    first = "import numpy" if with_numpy else "pass"
    code = f"import time; {first}; t = time.process_time(); import gradform; print(time.process_time() - t)"
    return min(float(_in_process(code)) for _ in range(_RUNS)) * 1e3, with_numpy


def command_time() -> float:
    """Milliseconds until the command line has printed an answer and ended."""
    command = [sys.executable, "-m", "gradform", "x'*A*x", "--wrt", "x"]
    times = []
    for _ in range(_RUNS + 1):  # the first writes the byte code
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=_environment())
        times.append(time.perf_counter() - begin)
    return float(np.median(times[1:])) * 1e3


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def _in_process(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=_environment()
    )
    return result.stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.speed")
    parser.add_argument("--no-sympy", action="store_true")
    options = parser.parse_args(arguments)
    bars = Bars()
    plain, certified = timed(ROWS, check=False), timed(ROWS, check=True)
    imported, with_numpy = import_time()
    command = command_time()
    print(f"answers to {len(ROWS)} rows, ms of processor time:")
    _print_times("parse, differentiate, simplify, print", plain)
    _print_times("with certificate", certified)
    beyond = "beyond NumPy's" if with_numpy else "without NumPy"
    print(f"   import gradform: {imported:.0f} ms, {beyond}")
    print(f"   command line: {command:.0f} ms")
    slow = sorted(zip(plain, ROWS, strict=True), key=lambda pair: -pair[0])[:8]
    print("slowest:", ", ".join(f"{row.id} {ms:.0f} ms" for ms, row in slow))
    if not options.no_sympy:
        _beside_sympy(dict(zip([row.id for row in ROWS], plain, strict=True)))
    good = np.median(plain) <= bars.median and np.percentile(plain, 99) <= bars.p99
    good &= np.median(certified) <= bars.certified
    return int(not (good and imported <= bars.imported and command <= bars.command))


def _print_times(what: str, times: list[float]) -> None:
    median, p99 = np.median(times), np.percentile(times, 99)
    print(f"   {what}: median {median:.2f}, p99 {p99:.1f}, largest {max(times):.0f}")


# ---------------------------------------------------------------- SymPy


def _beside_sympy(ours: dict[str, float]) -> None:
    from benchmarks.sympy_side import NotInSympy, is_right, sympy_answer

    import sympy

    reasons: Counter[str] = Counter()
    times: dict[str, float] = {}
    wrong, silent = [], []
    rows = [row for row in ROWS if "constraint" not in row.data]
    for row in rows:
        try:
            seconds = _limited(lambda row=row: sympy_answer(row))  # type: ignore[misc]
        except NotInSympy as error:
            reasons["left unevaluated" if "unevaluated" in str(error) else "not expressible"] += 1
            continue
        except Exception as error:
            reasons[type(error).__name__] += 1
            continue
        times[row.id] = seconds * 1e3
        verdict = is_right(row, row.points[0])
        if verdict is not True:
            (silent if verdict is None else wrong).append(row)
    ratios = [times[name] / ours[name] for name in times]
    print(f"SymPy {sympy.__version__} on the same rows: {len(times)} of {len(rows)} answered,")
    print(f"   {len(times) - len(wrong) - len(silent)} right, {len(wrong)} wrong, "
          f"{len(silent)} that cannot be evaluated")  # fmt: skip
    print("   others: " + ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))
    if ratios:
        quartiles = np.percentile(ratios, [25, 50, 75])
        print("   SymPy's time over gradform's: quartiles " + ", ".join(f"{q:.1f}" for q in quartiles))
        print(f"   median {np.median(list(times.values())):.1f} ms for {np.median([ours[n] for n in times]):.2f} ms")
    for row in wrong:
        print(f"   wrong: {row.id}  {row.data['expr']}  by {row.data['wrt']}: {sympy_answer(row)[:150]}")


def _limited(work: Callable[[], Any]) -> float:
    """Processor seconds of ``work``; TimeoutError when it takes too long."""
    import signal

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(_SYMPY_SECONDS)
    begin = time.process_time()
    try:
        work()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return time.process_time() - begin


if __name__ == "__main__":
    sys.exit(main())
