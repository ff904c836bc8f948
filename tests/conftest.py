"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from importlib import metadata

import pytest


def quick_flags() -> str:
    """XLA without LLVM's optimisations, which take longer than what the tests run, and with the
    writer of loops that takes the least time. It ends the process at a flag that it does not
    know: the second one stands where it was seen to be."""
    flags = "--xla_backend_optimization_level=0"
    try:
        known = metadata.version("jaxlib").startswith("0.10.")
    except metadata.PackageNotFoundError:
        known = False
    return f"{flags} --xla_cpu_use_fusion_emitters=false" if known else flags


# The workers share the processor: more threads in each only wait for one another. Set before the
# libraries are loaded, which is when they look.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
os.environ.setdefault("XLA_FLAGS", quick_flags())


@pytest.fixture(scope="module", autouse=True)
def what_is_left_is_not_searched() -> Iterator[None]:
    """What a module leaves in caches is put out of sight of the garbage collector: a worker
    that has imported JAX and PyTorch would search a gigabyte for every full collection."""
    yield
    gc.collect()
    gc.freeze()
