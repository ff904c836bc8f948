"""Nothing is kept by calls: neither references nor memory."""

from __future__ import annotations

import gc
import resource
import sys
import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gradform.errors import ArrayError
from gradform.execute.native.launcher import kernel
from gradform.execute.native.library import load
from gradform.execute.native.signature import Signature
from tests.execute.native_runtime.modules import LAUNCHERS, Mismatch, scaled, scaled_kernel

# The interpreter may take more blocks for a while, for stores of its own; but not in every
# window one for each round.
WINDOWS = 5
ROUNDS = 200
KILOBYTE = 1024 if sys.platform == "linux" else 1  # what ru_maxrss counts


def calls(scaled_by: Callable[..., Any], x: Any, out: Any) -> None:
    """Every way through a call."""
    scaled_by(x, 2.0)
    scaled_by(x[::-1], np.float32(2))
    scaled_by([1, 2, 3], a=2, out=out)
    scaled_by(out[0], out[1], out=out)
    for wrong in ((x[:2], 1.0), (x,)):
        with pytest.raises(Mismatch):
            scaled_by(*wrong)
    with pytest.raises(np.linalg.LinAlgError):
        scaled_by(x, -1.0)
    with pytest.raises(ArrayError):
        scaled_by(x, 1j)
    with pytest.raises(ArrayError):
        scaled_by(x, 1.0, out=x[:2])


@pytest.mark.parametrize("name", LAUNCHERS)
def test_references_and_memory(name: str) -> None:
    scaled_by = scaled_kernel(LAUNCHERS[name])
    x, out = np.ones(3), (np.empty(3), np.empty(()))
    held = (x, *out, out, np.dtype(np.float64), scaled_by)
    calls(scaled_by, x, out)
    gc.collect()
    before = [sys.getrefcount(each) for each in held]
    blocks = []
    gc.freeze()  # what other tests have left is not looked through in every collection
    try:
        for _ in range(WINDOWS):
            for _ in range(ROUNDS):
                calls(scaled_by, x, out)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    finally:
        gc.unfreeze()
    assert [sys.getrefcount(each) for each in held] == before
    grown = [later - earlier for earlier, later in pairwise(blocks)]
    assert min(grown) < ROUNDS, grown


@pytest.mark.parametrize("name", LAUNCHERS)
@pytest.mark.parametrize("size", [2_000, 500_000])
def test_scratch_memory_is_given_back(name: str, size: int) -> None:
    """Many calls, failing ones among them, whose scratch memory would not fit together."""
    scaled_by = scaled_kernel(LAUNCHERS[name], size=size)
    x, out = np.ones(size), (np.empty(size), np.empty(()))
    scaled_by(x, 2.0, out=out)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rounds = 100_000_000 // (8 * size)
    for _ in range(rounds):
        scaled_by(x, 2.0, out=out)
        with pytest.raises(np.linalg.LinAlgError):
            scaled_by(x, -1.0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000_000 / KILOBYTE


def test_a_kernel_in_a_cycle_is_freed() -> None:
    class Owner:
        """Holds the kernel that calls it, as programs do."""

        def __init__(self) -> None:
            signature = Signature(("x", "a"), ((3,), ()), ("y", "s"), ((3,), ()), work=24)
            self.kernel = kernel(load(scaled()), "gf_scaled", signature, self.called)

        def called(self, arrays: tuple[Any, ...], named: dict[str, Any]) -> None:
            raise AssertionError

    owner = Owner()
    assert owner.kernel(np.ones(3), 1.0)[1] == 3.0
    found = weakref.ref(owner)
    del owner
    gc.collect()
    assert found() is None
