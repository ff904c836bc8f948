"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

# The workers share the processor: more threads in each only wait for one another. XLA compiles
# without LLVM's optimisations, which take longer than what the tests run. Set before the
# libraries are loaded, which is when they look.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")


@pytest.fixture(scope="module", autouse=True)
def what_is_left_is_not_searched() -> Iterator[None]:
    """What a module leaves in caches is put out of sight of the garbage collector: a worker
    that has imported JAX and PyTorch would search a gigabyte for every full collection."""
    yield
    gc.collect()
    gc.freeze()
