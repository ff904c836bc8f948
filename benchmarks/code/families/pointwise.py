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
    """The diagonal and the one beside it."""
    x = a["x"]
    head = x[:-1]
    diagonal = np.empty_like(x)
    np.multiply(head, head, out=diagonal[:-1])
    diagonal[:-1] *= 1200
    diagonal[:-1] -= 400 * x[1:]
    diagonal[:-1] += 2
    diagonal[-1] = 0
    diagonal[1:] += 200
    return diagonal, -400 * head


def _by_coloring(product: Any, np_like: Any, a: Arrays) -> Any:
    """Three Hessian–vector products: columns three apart do not meet."""
    n = len(a["x"])
    places = np.arange(n)
    products = np.stack([np.asarray(product((places % 3 == k).astype(float))) for k in range(3)])
    diagonal = products[places % 3, places]
    return diagonal, products[places[1:] % 3, places[:-1]]


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
