"""Logarithms of sums of exponentials, functions along an axis, and filled vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf

_rng = np.random.default_rng(5)
X = _rng.normal(size=(12, 4))
LABELS = np.sign(_rng.normal(size=12))
CLASSES = np.eye(3)[_rng.integers(0, 3, 12)]

CASES: list[tuple[str, dict[str, Any], str]] = [
    ("sum(log(vector(1) + exp(-y.*(X*w))))", {"w": np.zeros(4)}, "convex"),
    ("sum(log1p(exp(X*w)))", {"w": np.zeros(4)}, "convex"),
    ("log(sum(exp(X*w)) + 2)", {"w": np.zeros(4)}, "convex"),
    ("log(1 + exp(w'*w))", {"w": np.ones(4)}, "convex"),
    ("-log(1 + exp(w(1)))", {"w": np.ones(4)}, "concave"),
    ("log(exp(w(1)) + exp(-w(2)^2))", {"w": np.ones(4)}, "not convex"),
    ("sum(log(exp(w) - vector(1)))", {"w": np.full(4, 2.0)}, "not convex"),
    ("sum(logsumexp(X*W, 2)) - sum(Y.*(X*W))", {"W": np.zeros((4, 3))}, "convex"),
    ("sum(logsumexp(W, 1))", {"W": np.zeros((4, 3))}, "convex"),
    ("sumsq(X*w + vector(b) - y)", {"w": np.zeros(4), "b": 0.0}, "convex"),
    ("norm1(matrix(b) - X)", {"b": 0.5}, "convex"),
    ("sum(vector(b^3) + w.^2)", {"w": np.zeros(4), "b": 0.5}, "not convex"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_the_label_is_right(case: tuple[str, dict[str, Any], str]) -> None:
    text, at, label = case
    params = {
        name: value for name, value in {"X": X, "y": LABELS, "Y": CLASSES}.items() if name in text
    }
    found = gf.convexity(text, wrt=list(at), at=at, params=params)
    # "not convex": no proof of convexity; a counterexample, or one of concavity, may be missing.
    assert found.label == label if label != "not convex" else found.label != "convex"


def test_the_subdifferential_along_an_axis_is_the_gradient() -> None:
    text = "sum(logsumexp(X*W, 2)) - sum(Y.*(X*W))"
    W = _rng.normal(size=(4, 3))
    found = gf.subdifferential(text, wrt="W", at={"W": W}, params={"X": X, "Y": CLASSES})
    gradient = gf.gradient(
        text, "W", shapes={"X": ("m", "n"), "W": ("n", "k"), "Y": ("m", "k")}, check=False
    )(X=X, W=W, Y=CLASSES)
    np.testing.assert_allclose(found.min_norm, gradient.ravel(), atol=1e-12)
