"""Interleaved medians: all contenders of a row in one process, a round after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from benchmarks.code.contenders import Contender, Prepared
from benchmarks.code.machine import machine
from benchmarks.code.memory import peak_megabytes
from benchmarks.code.row import Row

__all__ = ["Measured", "interleaved", "measured"]

_TOLERANCE = 1e-8
# A round of one contender takes at least this long; so often is its call repeated.
_ROUND = 2e-3
_ROUNDS = 21
_BUDGET = 4.0  # seconds for all rounds of one contender

Measured = dict[str, Any]


def measured(row: Row, contenders: Sequence[Contender]) -> Measured:
    """Seconds per call, latency until the first result, or what went wrong, by contender."""
    reference = row.family.by_hand(row.inputs())
    expected = reference if isinstance(reference, tuple) else (reference,)
    ready: dict[str, Prepared] = {}
    found: dict[str, dict[str, Any]] = {}
    for contender in contenders:
        try:
            prepared = contender.prepared(row)
        except Exception as error:  # libraries fail in ways of their own: a cell of the table
            found[contender.name] = {"failed": f"{type(error).__name__}: {error}"[:200]}
            continue
        error_ = _error(prepared.arrays, expected)
        found[contender.name] = {"latency_ms": prepared.latency, "error": error_}
        if error_ <= _TOLERANCE:
            ready[contender.name] = prepared
        else:
            found[contender.name]["failed"] = f"differs from the others by {error_:.1e}"
    for name, seconds in interleaved({name: p.call for name, p in ready.items()}).items():
        found[name]["seconds"] = seconds
    for name, prepared in ready.items():
        found[name]["peak_mb"] = peak_megabytes(prepared.call)
    return {
        "row": row.title,
        "family": row.family.name,
        "size": dict(row.size),
        "machine": machine(),
        "found": found,
    }


def _error(arrays: Sequence[Any], expected: Sequence[Any]) -> float:
    """The largest difference over the largest entry; infinite for other shapes."""
    if len(arrays) != len(expected):
        return float("inf")
    worst = 0.0
    for array, wanted in zip(arrays, expected, strict=True):
        if np.shape(array) != np.shape(wanted):
            return float("inf")
        largest = max(float(np.max(np.abs(wanted))), 1e-300)
        worst = max(worst, float(np.max(np.abs(array - wanted))) / largest)
    return worst


def interleaved(calls: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """The median of each over the rounds, in which they take turns.

    The order of every round is another, and a call that does not count goes before those that
    do: whoever came after a contender with much memory would find the caches emptied.
    """
    repeats = {name: _repeats(call) for name, call in calls.items()}
    samples: dict[str, list[float]] = {name: [] for name in calls}
    spent = dict.fromkeys(calls, 0.0)
    shuffled = Random(0)
    for _ in range(_ROUNDS):
        for name, call in shuffled.sample(list(calls.items()), len(calls)):
            if spent[name] > _BUDGET:
                continue
            count = repeats[name]
            call()
            begin = time.perf_counter()
            for _ in range(count):
                call()
            seconds = time.perf_counter() - begin
            spent[name] += seconds
            samples[name].append(seconds / count)
    return {name: float(np.median(values)) for name, values in samples.items()}


def _repeats(call: Callable[[], Any]) -> int:
    """How many calls make a round; the first ones warm caches up."""
    count = 1
    while True:
        begin = time.perf_counter()
        for _ in range(count):
            call()
        if time.perf_counter() - begin > _ROUND / 2:
            return count
        count *= 2
