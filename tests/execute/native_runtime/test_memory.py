"""Nothing is kept by calls: neither references nor memory."""

from __future__ import annotations

import gc
import sys
import tracemalloc
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

# Memory may grow for a while, as the interpreter fills its stores of free objects; but not in
# every window by as much as the smallest object for each round.
WINDOWS = 5
ROUNDS = 200
SMALLEST = 16


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
    tracemalloc.start()
    sizes = []
    for _ in range(WINDOWS):
        for _ in range(ROUNDS):
            calls(scaled_by, x, out)
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert [sys.getrefcount(each) for each in held] == before
    grown = [later - earlier for earlier, later in pairwise(sizes)]
    assert min(grown) < SMALLEST * ROUNDS, grown


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
