"""Logistic regression on data larger than the memory of the workers, one of which is killed.

    python -m benchmarks.out_of_core [--rows 1.5 3 6] [--columns 50] [--limit 300]

Value, gradient and Hessian in one sweep over data that each worker makes chunk by chunk from
a seed. ``--limit`` is the memory of each of the two workers in MB, ``--rows`` are millions.
All is compared with a plain loop over the chunks. In the last run a worker is killed halfway.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import dask.array as da
import numpy as np
import psutil
from distributed import Client, LocalCluster
from numpy.typing import NDArray

import gradform as gf

__all__ = ["Run", "cluster_of", "data", "logistic", "looped", "run"]

Array = NDArray[Any]

_WORKERS = 2
_MOST_DIFFERENCE = 1e-10
_SHAPES: dict[str, tuple[str | int, ...]] = {"X": ("m", "n"), "y": ("m",), "w": ("n",), "a": ()}


class Run(NamedTuple):
    """One evaluation: outputs, time, processor time of all workers, the largest memory of a
    worker in MB, how many workers were killed.
    """

    outputs: tuple[Any, ...]
    seconds: float
    busy: float
    memory: float
    killed: int


def logistic() -> Any:
    """Value, gradient and Hessian for Dask, as one program."""
    f = gf.parse("mean(softplus(-y.*(X*w))) + a*w'*w", shapes=_SHAPES)
    return gf.compile(f, f.gradient("w"), f.hessian("w"), backend="dask")


def _features(place: int, rows: int, columns: int) -> Array:
    """The rows of one chunk, always the same."""
    return np.random.default_rng(place).normal(size=(rows, columns))


def _labels(features: Array) -> Array:
    return np.where(np.sin(features.sum(axis=1)) > 0, 1.0, -1.0)


def data(rows: int, columns: int, chunk: int) -> dict[str, Any]:
    """Features X and labels y as Dask arrays that are made when they are needed."""
    chunks = (chunk,) * (rows // chunk)

    def features(block_info: Any = None) -> Array:
        place: int = block_info[None]["chunk-location"][0]
        return _features(place, chunk, columns)

    blocks: Any = da.map_blocks
    X = blocks(features, chunks=(chunks, (columns,)), dtype=float, meta=np.zeros((0, 0)))
    return {"X": X, "y": X.map_blocks(_labels, drop_axis=1, dtype=float, meta=np.zeros(0))}


def looped(rows: int, chunk: int, w: Array, a: float) -> tuple[Array, ...]:
    """The same by hand: a loop over the chunks that forgets each of them."""
    n = len(w)
    value, gradient, hessian = 0.0, np.zeros(n), np.zeros((n, n))
    for place in range(rows // chunk):
        X = _features(place, chunk, n)
        y = _labels(X)
        margin = y * (X @ w)
        weight = 1 / (1 + np.exp(margin))
        value += np.logaddexp(0, -margin).sum()
        gradient -= X.T @ (y * weight)
        hessian += X.T @ ((weight * (1 - weight))[:, None] * X)
    return (
        np.asarray(value / rows + a * (w @ w)),
        gradient / rows + 2 * a * w,
        hessian / rows + 2 * a * np.eye(n),
    )


# ---------------------------------------------------------------- workers


def cluster_of(limit: float) -> Any:
    """Two processes of one thread with so many MB of memory each."""
    make: Any = LocalCluster
    return make(
        n_workers=_WORKERS,
        threads_per_worker=1,
        processes=True,
        memory_limit=f"{limit:g}MB",
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    )


def _processes(cluster: Any) -> list[int]:
    nannies = [worker for worker in cluster.workers.values() if worker.process is not None]
    return [nanny.process.pid for nanny in nannies if nanny.process.pid is not None]


class _Watch(threading.Thread):
    """Samples the workers, and kills one after ``kill_after`` seconds of work of all."""

    def __init__(self, cluster: Any, kill_after: float | None) -> None:
        super().__init__(daemon=True)
        self.cluster = cluster
        self.kill_after = kill_after
        self.memory = 0.0
        self.killed = 0
        self._busy: dict[int, tuple[float, float]] = {}
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.02):
            processes = _processes(self.cluster)
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    self._sample(process)
            if self.kill_after is not None and self.busy > self.kill_after and processes:
                os.kill(processes[0], signal.SIGKILL)
                self.kill_after = None
                self.killed += 1

    @property
    def busy(self) -> float:
        """Processor time of all workers since the start."""
        return sum(last - first for first, last in self._busy.values())

    def _sample(self, process: int) -> None:
        known = psutil.Process(process)
        self.memory = max(self.memory, known.memory_info().rss / 1e6)
        times = known.cpu_times()
        now = times.user + times.system
        self._busy[process] = (self._busy.get(process, (now, now))[0], now)


def run(cluster: Any, program: Any, arrays: dict[str, Any], kill_after: float | None = None) -> Run:
    """Call a program while its workers are watched."""
    watch = _Watch(cluster, kill_after)
    watch.start()
    start = time.perf_counter()
    outputs = program(**arrays)
    seconds = time.perf_counter() - start
    watch.done.set()
    watch.join()
    return Run(outputs, seconds, watch.busy, watch.memory, watch.killed)


# ---------------------------------------------------------------- the table


def difference(found: Sequence[Any], wanted: Sequence[Any]) -> float:
    """The largest difference of an entry, relative to the largest entry of its output."""
    pairs = zip(found, wanted, strict=True)
    return max(float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in pairs)


_HEAD = "      rows   data GB   of limit   seconds   busy s   busy s/GB   worker MB   difference"


def _row(rows: int, size: float, share: float, found: Run, apart: float) -> str:
    note = "   a worker was killed" if found.killed else ""
    return (
        f"{rows:10d} {size:9.2f} {share:10.2f} {found.seconds:9.1f} {found.busy:8.1f} "
        f"{found.busy / size:11.2f} {found.memory:11.0f} {apart:12.1e}{note}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.out_of_core")
    parser.add_argument("--rows", type=float, nargs="+", default=[1.5, 3, 6])
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--chunk", type=int, default=25_000)
    asked = parser.parse_args(arguments)
    n, chunk = asked.columns, asked.chunk
    program = logistic()
    w = np.random.default_rng(0).normal(size=n) / np.sqrt(n)
    good = True
    # distributed has no types
    with cluster_of(asked.limit) as cluster, Client(cluster):
        print(f"{_WORKERS} workers with {asked.limit:g} MB each, chunks of {chunk * n * 8e-6:g} MB")
        print(_HEAD)
        busy, wanted = 0.0, tuple[Array, ...]()
        for millions, kills in [*((each, False) for each in asked.rows), (asked.rows[-1], True)]:
            rows = int(millions * 1e6) // chunk * chunk
            size = rows * n * 8e-9
            arrays = {**data(rows, n, chunk), "w": w, "a": 0.1}
            found = run(cluster, program, arrays, busy / 2 if kills else None)
            busy = found.busy
            if not kills:
                wanted = looped(rows, chunk, w, 0.1)
            apart = difference(found.outputs, wanted)
            good &= apart <= _MOST_DIFFERENCE and found.memory <= asked.limit
            good &= found.killed == int(kills)
            share = size * 1e3 / (_WORKERS * asked.limit)
            print(_row(rows, size, share, found, apart), flush=True)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
