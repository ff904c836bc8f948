"""Time to an answer over the public rows, beside SymPy's in the same run.

    python -m benchmarks.speed [--no-sympy]

Times are processor time of the first answer to each row, after one warm-up answer to
another question. What a user waits for before that, :mod:`benchmarks.startup` measures.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

import gradform as gf
from tests.golden.rows import ROWS, Row, answer

_MEDIAN, _P99, _CERTIFIED_MEDIAN = 3.0, 50.0, 20.0  # milliseconds


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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.speed")
    parser.add_argument("--no-sympy", action="store_true")
    options = parser.parse_args(arguments)
    plain, certified = timed(ROWS, check=False), timed(ROWS, check=True)
    print(f"answers to {len(ROWS)} rows, milliseconds of processor time:")
    _print_times("parse, differentiate, simplify, print", plain)
    _print_times("with certificate", certified)
    slow = sorted(zip(plain, ROWS, strict=True), key=lambda pair: -pair[0])[:8]
    print("   slowest:", ", ".join(f"{row.id} {ms:.0f} ms" for ms, row in slow))
    if not options.no_sympy:
        beside = import_module("benchmarks.sympy_side").compare(
            [row for row in ROWS if "constraint" not in row.data]
        )
        _print_sympy(beside, dict(zip([row.id for row in ROWS], plain, strict=True)))
    good = np.median(plain) <= _MEDIAN and np.percentile(plain, 99) <= _P99
    return int(not (good and np.median(certified) <= _CERTIFIED_MEDIAN))


def _print_times(what: str, times: Sequence[float]) -> None:
    median, p99 = np.median(times), np.percentile(times, 99)
    print(f"   {what}: median {median:.2f}, p99 {p99:.1f}, largest {max(times):.0f}")


def _print_sympy(beside: Any, ours: dict[str, float]) -> None:
    """``beside`` is a :class:`benchmarks.sympy_side.Beside`."""
    answered = len(beside.times)
    right = answered - len(beside.wrong) - len(beside.silent)
    print(f"{beside.version} on the same rows: {answered} answered,")
    print(
        f"   {right} right, {len(beside.wrong)} wrong, {len(beside.silent)} without a value "
        "(as in an array expression that NumPy code cannot be made of)"
    )
    reasons = (f"{count} {reason}" for reason, count in beside.reasons.most_common())
    print("   not answered: " + ", ".join(reasons))
    theirs = list(beside.times.values())
    ratios = np.percentile([beside.times[name] / ours[name] for name in beside.times], [25, 50, 75])
    print(
        f"   median {np.median(theirs):.1f} ms for {np.median([*map(ours.get, beside.times)]):.2f}"
    )
    print("   SymPy's time over gradform's, quartiles:", ", ".join(f"{q:.1f}" for q in ratios))
    for row, text in beside.wrong:
        print(f"   wrong: {row.id}  {row.data['expr']}  by {row.data['wrt']}: {text[:120]}")


if __name__ == "__main__":
    sys.exit(main())
