"""Random well-typed questions against JAX in float64.

    python -m benchmarks.oracle [--count 20000]

A question is *correct*, *wrong*, *cannot* (by kind of error) or *crash*; those that have no
smooth, well-conditioned point, and so no answer to compare with, are counted apart and
replaced by others. Every wrong answer and crash is printed once per kind, made minimal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context

from tests.oracle.check import Status, Verdict, check
from tests.oracle.generate import question
from tests.oracle.shrink import shrink

_COUNTED = (Status.CORRECT, Status.WRONG, Status.CANNOT, Status.CRASH)
_BAD = (Status.WRONG, Status.CRASH)
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
_CHUNK = 25


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    counts: Counter[Status] = Counter()
    failures: defaultdict[tuple[Status, str], list[int]] = defaultdict(list)
    formulas = 0
    times: list[tuple[float, int]] = []
    begin = time.monotonic()
    for seed, verdict in _verdicts(options):
        counts[verdict.status] += 1
        times.append((verdict.seconds, seed))
        formulas += verdict.status is Status.CORRECT and verdict.formula is not None
        if verdict.status in (*_BAD, Status.CANNOT):
            failures[verdict.status, verdict.kind].append(seed)
        if options.progress and verdict.status in (*_BAD, Status.CANNOT):
            print(seed, verdict.status, verdict.kind, verdict.detail, file=sys.stderr, flush=True)
        if options.progress and sum(counts.values()) % 500 == 0:
            print(_line(counts), file=sys.stderr, flush=True)
        if sum(counts[status] for status in _COUNTED) >= options.count:
            break
    print(_line(counts))
    print(f"{formulas} of {counts[Status.CORRECT]} correct answers have a matrix formula")
    _print_times(times)
    print(f"{time.monotonic() - begin:.0f} s")
    for (status, kind), seeds in sorted(failures.items(), key=lambda item: -len(item[1])):
        _report(status, kind, seeds, shrinking=not options.no_shrink)
    return int(any(counts[status] for status in _BAD))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.oracle")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first question")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--no-certificate", action="store_true")
    parser.add_argument("--no-shrink", action="store_true")
    return parser.parse_args(arguments)


def _verdicts(options: argparse.Namespace) -> Iterator[tuple[int, Verdict]]:
    """Outcomes in the order of the questions, without end; each process uses one thread."""
    os.environ.update({key: value for key, value in _ONE_THREAD.items() if key not in os.environ})
    with get_context("spawn").Pool(options.processes, maxtasksperchild=200) as pool:
        starts = range(options.first, options.first + 10 * options.count + 1000, _CHUNK)
        work = partial(_chunk, certificate=not options.no_certificate)
        for outcomes in pool.imap(work, starts):
            yield from outcomes


def _chunk(first: int, *, certificate: bool) -> list[tuple[int, Verdict]]:
    seeds = range(first, first + _CHUNK)
    return [(seed, check(question(seed), certificate=certificate)) for seed in seeds]


def _line(counts: Counter[Status]) -> str:
    asked = sum(counts[status] for status in _COUNTED)
    parts = [f"{counts[status]} {status}" for status in Status if counts[status]]
    return f"{asked} questions: {', '.join(parts)}"


def _print_times(times: list[tuple[float, int]]) -> None:
    """Processor time to parse, differentiate, simplify and write."""
    ordered = sorted(times)
    places = {"median": len(ordered) // 2, "p99": len(ordered) * 99 // 100}
    parts = [f"{name} {ordered[place][0] * 1e3:.1f} ms" for name, place in places.items()]
    slowest = ", ".join(f"question {seed} {seconds:.1f} s" for seconds, seed in ordered[:-6:-1])
    print(f"time: {', '.join(parts)}; slowest {slowest}")


def _report(status: Status, kind: str, seeds: list[int], *, shrinking: bool) -> None:
    print(f"\n{len(seeds)} × {status}: {kind}  (questions {seeds[:12]})")
    asked = question(seeds[0])
    verdict = check(asked)
    if status in _BAD and shrinking:
        asked, verdict = shrink(asked, verdict)
    print(f"   {asked}\n   {verdict.formula or ''}\n   {verdict.detail}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
