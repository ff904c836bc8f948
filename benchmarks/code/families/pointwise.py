"""A chain of neighbours, whose Hessian is tridiagonal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]


def _inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    return {"x": rng.normal(size=size["n"])}


def _chain(xp: Any, a: Arrays) -> Any:
    x = a["x"]
    return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _bands(a: Arrays) -> Any:
    """Rows: superdiagonal, diagonal, subdiagonal, as ``scipy.linalg.solve_banded`` has them."""
    x = a["x"]
    bands = np.zeros((3, len(x)))
    off = -400 * x[:-1]
    bands[0, 1:] = off
    bands[1, :-1] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    bands[1, 1:] += 200
    bands[2, :-1] = off
    return bands


def _by_coloring(product: Any, np_like: Any, a: Arrays) -> Any:
    """Three Hessian–vector products: columns three apart do not meet."""
    n = len(a["x"])
    places = np.arange(n)
    products = [product((places % 3 == k).astype(float)) for k in range(3)]
    bands = np.zeros((3, n))
    for row, shift in ((0, -1), (1, 0), (2, 1)):
        at = places + shift
        good = (at >= 0) & (at < n)
        stacked = np.stack([np.asarray(each) for each in products])
        bands[row, places[good]] = stacked[places[good] % 3, at[good]]
    return bands


FAMILIES = (
    Family(
        name="chain, tridiagonal Hessian",
        formula="sum(100*(x(2:n) - x(1:n-1).^2).^2 + (vector(1) - x(1:n-1)).^2)",
        shapes={"x": ("n",)},
        wrt=("x",),
        quantity="hessian",
        sizes=({"n": 1000}, {"n": 10_000}, {"n": 100_000}),
        inputs=_inputs,
        traced=_chain,
        by_hand=_bands,
        structured=True,
        by_coloring=_by_coloring,
    ),
)
