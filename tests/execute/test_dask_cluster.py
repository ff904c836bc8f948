"""Dask programs on worker processes: little memory, and workers that die."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from distributed import Client

from benchmarks.out_of_core import cluster_of, data, difference, logistic, looped, run

_CHUNK = 25_000
_COLUMNS = 40
_WEIGHTS = np.linspace(-0.2, 0.2, _COLUMNS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with cluster_of(400) as found, Client(found):
        yield found


def _arrays(chunks: int) -> dict[str, Any]:
    return {**data(chunks * _CHUNK, _COLUMNS, _CHUNK), "w": _WEIGHTS, "a": 0.1}


def test_little_memory_and_a_killed_worker(cluster: Any) -> None:
    """The data are 160 MB in 20 chunks. A few of them are there at a time, and none is lost."""
    program = logistic()
    before = run(cluster, program, _arrays(4))
    untouched = run(cluster, program, _arrays(20))
    assert difference(untouched.outputs, looped(20 * _CHUNK, _CHUNK, _WEIGHTS, 0.1)) < 1e-12
    chunk = _CHUNK * _COLUMNS * 8e-6
    assert untouched.memory - before.memory < 6 * chunk
    found = run(cluster, program, _arrays(20), kill_after=untouched.busy / 2)
    assert (untouched.killed, found.killed) == (0, 1)
    for one, other in zip(found.outputs, untouched.outputs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
