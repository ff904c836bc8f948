"""Linear models: least squares and logistic regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.linalg import blas
from scipy.special import expit

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]

_SHAPES = {"X": ("m", "n"), "w": ("n",), "y": ("m",)}
_LOGISTIC = "sum(softplus(-y.*(X*w)))"


def _inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    m, n = size["m"], size["n"]
    return {
        "X": rng.normal(size=(m, n)) / np.sqrt(n),
        "w": rng.normal(size=n),
        "y": np.sign(rng.normal(size=m)),
    }


def _with_direction(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    arrays = _inputs(size, rng)
    return {**arrays, "v": rng.normal(size=size["n"])}


def _gram(a: Any) -> Any:
    """A'A by a symmetric update, mirrored."""
    lower = blas.dsyrk(1.0, a.T)
    return lower + np.triu(lower, 1).T


def _logistic(xp: Any, a: Arrays) -> Any:
    return xp.sum(xp.softplus(-a["y"] * (a["X"] @ a["w"])))


def _logistic_gradient(a: Arrays) -> Any:
    X, y = a["X"], a["y"]
    return X.T @ (-y * expit(-y * (X @ a["w"])))


def _logistic_weights(a: Arrays) -> Any:
    s = expit(a["y"] * (a["X"] @ a["w"]))
    return s * (1 - s)


FAMILIES = (
    Family(
        name="least squares, Hessian",
        formula="norm2(X*w - y)^2",
        shapes=_SHAPES,
        wrt=("w",),
        quantity="hessian",
        sizes=({"m": 200, "n": 50}, {"m": 1000, "n": 300}, {"m": 2000, "n": 1000}),
        inputs=_inputs,
        traced=lambda xp, a: xp.sum((a["X"] @ a["w"] - a["y"]) ** 2),
        by_hand=lambda a: 2 * (a["X"].T @ a["X"]),
    ),
    Family(
        name="logistic regression, gradient",
        formula=_LOGISTIC,
        shapes=_SHAPES,
        wrt=("w",),
        quantity="gradient",
        sizes=({"m": 200, "n": 50}, {"m": 1000, "n": 500}, {"m": 4000, "n": 2000}),
        inputs=_inputs,
        traced=_logistic,
        by_hand=_logistic_gradient,
    ),
    Family(
        name="logistic regression, Hessian",
        formula=_LOGISTIC,
        shapes=_SHAPES,
        wrt=("w",),
        quantity="hessian",
        sizes=({"m": 200, "n": 50}, {"m": 1000, "n": 300}, {"m": 2000, "n": 1000}),
        inputs=_inputs,
        traced=_logistic,
        by_hand=lambda a: _gram(np.sqrt(_logistic_weights(a))[:, None] * a["X"]),
    ),
    Family(
        name="logistic regression, Hessian times vector",
        formula=_LOGISTIC,
        shapes=_SHAPES,
        wrt=("w",),
        quantity="hvp",
        sizes=({"m": 200, "n": 50}, {"m": 1000, "n": 500}, {"m": 4000, "n": 2000}),
        inputs=_with_direction,
        traced=_logistic,
        by_hand=lambda a: a["X"].T @ (_logistic_weights(a) * (a["X"] @ a["v"])),
    ),
)
