"""Softmax regression and mixtures of Gaussians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]

_REGRESSION = "sum(logsumexp(X*W, 2)) - sum(Y.*(X*W))"
_SHAPES = {"X": ("m", "n"), "W": ("n", "k"), "Y": ("m", "k")}
_MIXTURE = (
    "Z = X*Q; N = M*Q;"
    "sum(logsumexp(ones(m)*a' - (sum(Z.^2, 2)*ones(k)' - 2*Z*N' + ones(m)*sum(N.^2, 2)')/2, 2))"
)


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    return e


def _regression_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    m, n, k = size["m"], size["n"], size["k"]
    return {
        "X": rng.normal(size=(m, n)),
        "W": rng.normal(size=(n, k)) / np.sqrt(n),
        "Y": np.eye(k)[rng.integers(k, size=m)],
    }


def _regression(xp: Any, a: Arrays) -> Any:
    z = a["X"] @ a["W"]
    return xp.sum(xp.logsumexp(z, 1)) - xp.sum(a["Y"] * z)


def _regression_hessian(a: Arrays) -> Any:
    """Blocks X' diag(s_a (δ_ab - s_b)) X, each pair once."""
    X, s = a["X"], _softmax(a["X"] @ a["W"])
    n, k = X.shape[1], s.shape[1]
    result = np.empty((n, k, n, k))
    for p in range(k):
        scaled = X * s[:, p, None]
        for q in range(p + 1):
            block = X.T @ (scaled * ((p == q) - s[:, q, None]))
            result[:, p, :, q] = block
            result[:, q, :, p] = block.T
    return result


def _mixture_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    m, d, k = size["m"], size["d"], size["k"]
    return {
        "X": rng.normal(size=(m, d)),
        "Q": rng.normal(size=(d, d)) / np.sqrt(d),
        "M": rng.normal(size=(k, d)),
        "a": rng.normal(size=k),
    }


def _mixture(xp: Any, a: Arrays) -> Any:
    z, means = a["X"] @ a["Q"], a["M"] @ a["Q"]
    difference = z[:, None, :] - means[None, :, :]
    return xp.sum(xp.logsumexp(a["a"] - 0.5 * xp.sum(difference**2, 2), 1))


def _mixture_gradient(a: Arrays) -> Any:
    Q = a["Q"]
    z, means = a["X"] @ Q, a["M"] @ Q
    scores = z @ means.T
    scores -= 0.5 * np.einsum("ij,ij->i", z, z)[:, None]
    scores += a["a"] - 0.5 * np.einsum("ij,ij->i", means, means)
    r = _softmax(scores)
    total = r.sum(axis=0)
    by_means = r.T @ z - total[:, None] * means
    by_z = r @ means - z
    return by_means @ Q.T, a["X"].T @ by_z + a["M"].T @ by_means, total


FAMILIES = (
    Family(
        name="softmax regression, gradient",
        formula=_REGRESSION,
        shapes=_SHAPES,
        wrt=("W",),
        quantity="gradient",
        sizes=(
            {"m": 100, "n": 50, "k": 10},
            {"m": 1000, "n": 200, "k": 10},
            {"m": 4000, "n": 784, "k": 10},
        ),
        inputs=_regression_inputs,
        traced=_regression,
        by_hand=lambda a: a["X"].T @ (_softmax(a["X"] @ a["W"]) - a["Y"]),
    ),
    Family(
        name="softmax regression, Hessian",
        formula=_REGRESSION,
        shapes=_SHAPES,
        wrt=("W",),
        quantity="hessian",
        sizes=(
            {"m": 500, "n": 10, "k": 5},
            {"m": 1000, "n": 20, "k": 10},
            {"m": 4000, "n": 50, "k": 10},
        ),
        inputs=_regression_inputs,
        traced=_regression,
        by_hand=_regression_hessian,
    ),
    Family(
        name="Gaussian mixture, gradient",
        formula=_MIXTURE,
        shapes={"X": ("m", "d"), "Q": ("d", "d"), "M": ("k", "d"), "a": ("k",)},
        wrt=("M", "Q", "a"),
        quantity="gradient",
        sizes=(
            {"m": 200, "d": 5, "k": 10},
            {"m": 1000, "d": 20, "k": 50},
            {"m": 5000, "d": 20, "k": 50},
        ),
        inputs=_mixture_inputs,
        traced=_mixture,
        by_hand=_mixture_gradient,
    ),
)
