"""Data of the losses, whole and in chunks of rows."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import dask.array as da
import dask.base
import numpy as np
from dask.delayed import delayed as delayed_call

import gradform as gf
from tests.support.ir_eval import Array
from tests.unit.codegen.loss_cases import Loss

__all__ = [
    "SIZES",
    "agree",
    "array_of",
    "chunked",
    "compute",
    "delayed",
    "drawn",
    "from_array",
    "whole",
]

# Dask's functions have no types.
from_array: Any = da.from_array
from_delayed: Any = da.from_delayed
concatenate: Any = da.concatenate
compute: Any = dask.base.compute
delayed: Any = delayed_call

SIZES = {"m": 11, "n": 4, "k": 3, "p": 2}


def drawn(loss: Loss, sizes: Mapping[str, int] = SIZES) -> dict[str, Array]:
    """Random arrays for the variables of a loss; S is positive definite."""
    rng = np.random.default_rng(zlib.crc32(loss.name.encode()))
    found: dict[str, Array] = {}
    for name, shape in loss.shapes.items():
        extent = [sizes[each] if isinstance(each, str) else each for each in shape]
        found[name] = rng.normal(size=extent)
    if "S" in found:
        found["S"] = found["S"] @ found["S"].T + np.eye(len(found["S"]))
    return found


def chunked(loss: Loss, arrays: Mapping[str, Array], rows: int = 4) -> dict[str, Any]:
    """Variables with ``m`` rows as Dask arrays, cut."""
    return {
        name: from_array(array, chunks=(rows, *array.shape[1:]))
        if loss.shapes[name][:1] == ("m",)
        else array
        for name, array in arrays.items()
    }


def array_of(parts: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> Any:
    """Delayed chunks of rows as one array."""
    pairs = zip(parts, shapes, strict=True)
    return concatenate([from_delayed(part, shape, float) for part, shape in pairs])


def whole(loss: Loss, arrays: Mapping[str, Array]) -> tuple[Any, ...]:
    """What NumPy says."""
    found: tuple[Any, ...] = gf.compile(*loss.parts())(**arrays)
    return found


def agree(found: Any, wanted: Any, tolerance: float = 1e-10) -> None:
    """Equal shapes, entries within ``tolerance`` of the largest one."""
    assert np.shape(found) == np.shape(wanted)
    scale = max(1e-6, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=0, atol=tolerance * scale)
