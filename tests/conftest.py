"""What holds for all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def what_is_left_is_not_searched() -> Iterator[None]:
    """What a module leaves in caches is put out of sight of the garbage collector: a worker
    that has imported JAX and PyTorch would search a gigabyte for every full collection."""
    yield
    gc.collect()
    gc.freeze()
