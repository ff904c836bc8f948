"""Networks: a multilayer perceptron and scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.code.row import Arrays, Family

__all__ = ["FAMILIES"]

_PERCEPTRON = (
    "H = tanh(X*U + ones(m)*a'); G = tanh(H*V + ones(m)*b'); Z = G*W + ones(m)*c';"
    "sum(logsumexp(Z, 2)) - sum(Y.*Z)"
)
_ATTENTION = "sum(C.*(softmax(Q*K'/sqrt(d), 2)*V))"


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    return e


def _perceptron_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    m, widths = size["m"], [size[name] for name in "pqrk"]
    layers = [rng.normal(size=(i, o)) / np.sqrt(i) for i, o in pairwise(widths)]
    return {
        "X": rng.normal(size=(m, widths[0])),
        **dict(zip("UVW", layers, strict=True)),
        **{name: rng.normal(size=o) for name, o in zip("abc", widths[1:], strict=True)},
        "Y": np.eye(widths[-1])[rng.integers(widths[-1], size=m)],
    }


def _perceptron(xp: Any, a: Arrays) -> Any:
    h = xp.tanh(a["X"] @ a["U"] + a["a"])
    g = xp.tanh(h @ a["V"] + a["b"])
    z = g @ a["W"] + a["c"]
    return xp.sum(xp.logsumexp(z, 1)) - xp.sum(a["Y"] * z)


def _perceptron_gradient(a: Arrays) -> Any:
    h = a["X"] @ a["U"]
    h += a["a"]
    np.tanh(h, out=h)
    g = h @ a["V"]
    g += a["b"]
    np.tanh(g, out=g)
    e = _softmax(g @ a["W"] + a["c"]) - a["Y"]
    by_g = e @ a["W"].T
    by_g *= 1 - g * g
    by_h = by_g @ a["V"].T
    by_h *= 1 - h * h
    return (
        a["X"].T @ by_h,
        by_h.sum(axis=0),
        h.T @ by_g,
        by_g.sum(axis=0),
        g.T @ e,
        e.sum(axis=0),
    )


def _attention_inputs(size: Mapping[str, int], rng: np.random.Generator) -> Arrays:
    n, p = size["n"], size["p"]
    return {
        **{name: rng.normal(size=(n, p)) for name in ("Q", "K", "V", "C")},
        "d": np.float64(p),
    }


def _attention(xp: Any, a: Arrays) -> Any:
    return xp.sum(a["C"] * (xp.softmax(a["Q"] @ a["K"].T / xp.sqrt(a["d"]), 1) @ a["V"]))


def _attention_gradient(a: Arrays) -> Any:
    scale = 1 / np.sqrt(a["d"])
    s = _softmax((a["Q"] * scale) @ a["K"].T)
    t = a["C"] @ a["V"].T
    t -= np.einsum("ij,ij->i", s, t)[:, None]
    t *= s
    t *= scale
    return t @ a["K"], t.T @ a["Q"], s.T @ a["C"]


FAMILIES = (
    Family(
        name="multilayer perceptron, gradient",
        formula=_PERCEPTRON,
        shapes={
            **{"X": ("m", "p"), "U": ("p", "q"), "V": ("q", "r"), "W": ("r", "k")},
            **{"a": ("q",), "b": ("r",), "c": ("k",), "Y": ("m", "k")},
        },
        wrt=("U", "a", "V", "b", "W", "c"),
        quantity="gradient",
        sizes=(
            {"m": 32, "p": 20, "q": 16, "r": 16, "k": 5},
            {"m": 128, "p": 784, "q": 256, "r": 128, "k": 10},
            {"m": 1024, "p": 784, "q": 256, "r": 128, "k": 10},
        ),
        inputs=_perceptron_inputs,
        traced=_perceptron,
        by_hand=_perceptron_gradient,
        gemm_bound=True,
    ),
    Family(
        name="attention, gradient",
        formula=_ATTENTION,
        shapes={**dict.fromkeys("QKVC", ("n", "p")), "d": ()},
        wrt=("Q", "K", "V"),
        quantity="gradient",
        sizes=({"n": 64, "p": 16}, {"n": 256, "p": 64}, {"n": 1024, "p": 64}),
        inputs=_attention_inputs,
        traced=_attention,
        by_hand=_attention_gradient,
        gemm_bound=True,
    ),
)
