"""Functions with structured second derivatives: quadratic forms and matrix factorisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]


def _quadratic_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    n = size["n"]
    return {"x": rng.normal(size=n), "A": rng.normal(size=(n, n))}


def _factor_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    n, k = size["n"], size["k"]
    return {
        "M": rng.normal(size=(n, n)),
        "U": rng.normal(size=(n, k)),
        "V": rng.normal(size=(n, k)),
    }


def _factor_hessian(a: Arrays) -> Any:
    n, k = a["U"].shape
    gram = 2 * (a["V"].T @ a["V"])
    result = np.zeros((n, k, n, k))
    rows = np.arange(n)
    result[rows, :, rows, :] = gram
    return result


FAMILIES = (
    Family(
        name="quadratic form, Hessian",
        formula="x'*A*x",
        shapes={"x": ("n",), "A": ("n", "n")},
        wrt=("x",),
        quantity="hessian",
        sizes=({"n": 100}, {"n": 300}, {"n": 1000}),
        inputs=_quadratic_inputs,
        traced=lambda xp, a: a["x"] @ (a["A"] @ a["x"]),
        by_hand=lambda a: a["A"] + a["A"].T,
        structured=True,
    ),
    Family(
        name="matrix factorisation, Hessian",
        formula="norm2(M - U*V')^2",
        shapes={"M": ("n", "n"), "U": ("n", "k"), "V": ("n", "k")},
        wrt=("U",),
        quantity="hessian",
        sizes=({"n": 30, "k": 5}, {"n": 80, "k": 5}, {"n": 200, "k": 5}),
        inputs=_factor_inputs,
        traced=lambda xp, a: xp.sum((a["M"] - a["U"] @ a["V"].T) ** 2),
        by_hand=_factor_hessian,
        structured=True,
    ),
)
