"""The Gaussian log-likelihood by mean and covariance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.linalg import cho_solve, cholesky, lapack

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]


def _inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    n = size["n"]
    root = rng.normal(size=(n, n)) / np.sqrt(n)
    return {"S": root @ root.T + np.eye(n), "x": rng.normal(size=n), "u": rng.normal(size=n)}


def _likelihood(xp: Any, a: Arrays) -> Any:
    r = a["x"] - a["u"]
    return -0.5 * xp.logdet(a["S"]) - 0.5 * r @ xp.solve(a["S"], r)


def _gradient(a: Arrays) -> Any:
    """One Cholesky factor for the system and the inverse."""
    factor = cholesky(a["S"], lower=True, check_finite=False)
    q = cho_solve((factor, True), a["x"] - a["u"], check_finite=False)
    inverse, _ = lapack.dpotri(factor, lower=True)
    inverse = np.tril(inverse)
    inverse += np.tril(inverse, -1).T
    by_covariance = np.outer(q, q)
    by_covariance -= inverse
    by_covariance *= 0.5
    return by_covariance, q


FAMILIES = (
    Family(
        name="Gaussian log-likelihood, gradient",
        formula="-logdet(S)/2 - (x - u)'*inv(S)*(x - u)/2",
        shapes={"S": ("n", "n"), "x": ("n",), "u": ("n",)},
        assume={"S": "spd"},
        wrt=("S", "u"),
        quantity="gradient",
        sizes=({"n": 50}, {"n": 300}, {"n": 1000}),
        inputs=_inputs,
        traced=_likelihood,
        by_hand=_gradient,
    ),
)
