"""Batches give the same wherever their arrays lie in memory: in a table, turned, repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import gradform as gf

Array = np.ndarray[Any, Any]

COUNT = 37
SHAPES: Mapping[str, tuple[str, ...]] = {"x": ("n",), "y": (), "A": ("n", "n"), "w": ("n",)}
FORMULAS = (
    "y*x'*x",
    "softplus(-y*(x'*w))",
    "sum(exp(-y*x))*norm2(x - w)",
    "x'*A*x/(1 + y^2)",
    "logsumexp(A*x) + y*sum(w.*x)",
)


def _columns(array: Array) -> Array:
    count, *shape = array.shape
    wide = np.full((count, 2, *shape, 2), 9.0, array.dtype)
    wide[:, 0, ..., 0] = array
    return wide[:, 0, ..., 0]


LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "columns of a table": _columns,
    "every second point": lambda a: np.repeat(a, 2, axis=0)[::2],
    "read backwards": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "points last in memory": np.asfortranarray,
    "one row repeated": lambda a: np.broadcast_to(a[:1], a.shape),
    "not aligned": lambda a: np.frombuffer(b"\0" + a.tobytes(), a.dtype, offset=1).reshape(a.shape),
    "the other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
}


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("n", [1, 2, 3, 40])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_the_place_in_memory_changes_nothing(
    backend: str, dtype: str, n: int, formula: str
) -> None:
    f = gf.parse(formula, shapes={k: v for k, v in SHAPES.items() if k in formula})
    program = gf.compile(f, f.gradient("x", check=False), backend=backend, batch=True, dtype=dtype)
    rng = np.random.default_rng(n)
    arrays = {
        name: rng.normal(size=(COUNT, *(n for _ in shape))).astype(dtype)
        for name, shape in SHAPES.items()
        if name in f.variables
    }
    program(**arrays)  # the plain code has been compared with it
    for layout in LAYOUTS.values():
        others = {name: layout(array) for name, array in arrays.items()}
        plain = {name: np.array(array, dtype, order="C") for name, array in others.items()}
        for name in arrays:
            mixed = {**plain, name: others[name]}
            _agree(program(**mixed), program(**plain))
        _agree(program(**others), program(**plain))


def _agree(found: tuple[Array, ...], expected: tuple[Array, ...]) -> None:
    """To the rounding of sums in another order."""
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        rounding = 200 * np.finfo(other.dtype).eps * np.abs(other).max()
        assert np.abs(one - other).max() <= rounding
