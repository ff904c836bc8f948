"""Problems with known solutions, or with optimality conditions that tell one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import gradform as gf

Array = NDArray[Any]
Solution = Mapping[str, Array]


class Problem(NamedTuple):
    """``error(x)`` is 0 at the solution, by a reference that does not use gradform."""

    name: str
    text: str
    shapes: dict[str, tuple[str, ...]]
    start: dict[str, Any]
    data: dict[str, Any]
    error: Callable[[Solution], float]
    assume: dict[str, str] | None = None

    def function(self) -> gf.Expression:
        return gf.parse(self.text, shapes=self.shapes, assume=self.assume)


_rng = np.random.default_rng(7)
M, N, K = 60, 8, 3
X = _rng.normal(size=(M, N))
TRUTH = np.where(np.arange(N) < 4, _rng.normal(size=N), 0.0)
Y = X @ TRUTH + 0.3 * _rng.normal(size=M)
LABELS = np.where(Y + _rng.normal(size=M) > 0, 1.0, -1.0)
COUNTS = _rng.poisson(np.exp(X @ TRUTH / 3)).astype(float)
CLASSES = np.eye(K)[_rng.integers(0, K, M)]
HEAVY = X @ TRUTH + _rng.standard_cauchy(M)
COVARIANCE = np.cov(X[:, :4].T)
ZERO = np.zeros(N)

_SHAPES = {"X": ("m", "n"), "w": ("n",), "y": ("m",), "c": ()}


def _length(vector: Array) -> float:
    return float(np.linalg.norm(vector))


def _ridge(x: Solution) -> float:
    return _length(x["w"] - np.linalg.solve(X.T @ X + 0.5 * np.eye(N), X.T @ Y))


def _logistic(x: Solution) -> float:
    w = x["w"]
    return _length(-X.T @ (LABELS / (1 + np.exp(LABELS * (X @ w)))) + 0.2 * w)


def _softmax(x: Solution) -> float:
    scores = np.exp(X @ x["W"])
    chances = scores / scores.sum(axis=1, keepdims=True)
    return _length(X.T @ (chances - CLASSES) + x["W"])


def _poisson(x: Solution) -> float:
    return _length(X.T @ (np.exp(X @ x["w"]) - COUNTS))


def _huber(x: Solution) -> float:
    return _length(X.T @ np.clip(X @ x["w"] - HEAVY, -1, 1))


def _logsumexp(x: Solution) -> float:
    scores = np.exp(X @ x["w"] + Y)
    return _length(X.T @ (scores / scores.sum()))


def _covariance(x: Solution) -> float:
    return _length(x["P"] - np.linalg.inv(COVARIANCE))


def _factor(x: Solution) -> float:
    wanted = np.linalg.lstsq(X[:, :K], np.outer(Y, ZERO + 1), rcond=None)[0].T
    return _length(x["U"] - wanted)


def _lasso(x: Solution) -> float:
    """Soft thresholding, one coordinate after the other, until nothing moves."""
    w = ZERO.copy()
    for _ in range(500):
        for j in range(N):
            rest = X[:, j] @ (Y - X @ w + X[:, j] * w[j])
            w[j] = np.sign(rest) * max(abs(rest) - 6.0, 0.0) / (X[:, j] @ X[:, j])
    return _length(x["w"] - w)


def _machine(x: Solution) -> float:
    """The primal value against that of the dual, solved by coordinates (Hsieh et al. 2008)."""
    rows = LABELS[:, None] * X
    dual, w = np.zeros(M), ZERO.copy()
    for _ in range(3000):
        for i in range(M):
            step = (1 - rows[i] @ w) / (rows[i] @ rows[i])
            new = min(max(dual[i] + step, 0.0), 1.0)
            w += (new - dual[i]) * rows[i]
            dual[i] = new
    return _length(x["w"] - w)


def _chebyshev(x: Solution) -> float:
    """The least largest residual, as a linear program."""
    program = pytest.importorskip("scipy.optimize").linprog
    ones = np.ones((M, 1))
    sides = np.vstack([np.hstack([X, -ones]), np.hstack([-X, -ones])])
    found = program([0.0] * N + [1.0], sides, [*Y, *-Y], bounds=[(None, None)] * (N + 1))
    return abs(float(np.abs(X @ x["w"] - Y).max()) - float(found.fun))


def _median(x: Solution) -> float:
    """A least sum of distances on the line is at a median."""
    return float(abs(x["w"] - np.median(Y[:31])))


PROBLEMS = [
    Problem(
        "ridge",
        "sumsq(X*w - y) + c*sumsq(w)",
        _SHAPES,
        {"w": ZERO},
        {"X": X, "y": Y, "c": 0.5},
        _ridge,
    ),
    Problem(
        "logistic",
        "sum(log(vector(1) + exp(-y.*(X*w)))) + 0.1*sumsq(w)",
        _SHAPES,
        {"w": ZERO},
        {"X": X, "y": LABELS},
        _logistic,
    ),
    Problem(
        "softmax",
        "sum(logsumexp(X*W, 2)) - sum(Y.*(X*W)) + sumsq(W)/2",
        {"X": ("m", "n"), "W": ("n", "k"), "Y": ("m", "k")},
        {"W": np.zeros((N, K))},
        {"X": X, "Y": CLASSES},
        _softmax,
    ),
    Problem(
        "poisson",
        "sum(exp(X*w)) - y'*X*w",
        _SHAPES,
        {"w": ZERO},
        {"X": X, "y": COUNTS},
        _poisson,
    ),
    Problem("huber", "sum(huber(X*w - y, 1))", _SHAPES, {"w": ZERO}, {"X": X, "y": HEAVY}, _huber),
    Problem(
        "log-sum-exp", "logsumexp(X*w + y)", _SHAPES, {"w": ZERO}, {"X": X, "y": Y}, _logsumexp
    ),
    Problem(
        "covariance",
        "tr(S*P) - logdet(P)",
        {"S": ("n", "n"), "P": ("n", "n")},
        {"P": 9 * np.eye(4)},
        {"S": COVARIANCE},
        _covariance,
        {"P": "spd"},
    ),
    Problem(
        "factor",
        "sumsq(A - V*U')",
        {"A": ("m", "n"), "V": ("m", "k"), "U": ("n", "k")},
        {"U": np.ones((N, K))},
        {"A": np.outer(Y, ZERO + 1), "V": X[:, :K]},
        _factor,
    ),
]

KINKED = [
    Problem(
        "lasso",
        "sumsq(X*w - y)/2 + 6*norm1(w)",
        _SHAPES,
        {"w": ZERO},
        {"X": X, "y": Y},
        _lasso,
    ),
    Problem(
        "support vectors",
        "sum(relu(vector(1) - y.*(X*w))) + sumsq(w)/2",
        _SHAPES,
        {"w": ZERO},
        {"X": X, "y": LABELS},
        _machine,
    ),
    Problem(
        "largest residual", "norminf(X*w - y)", _SHAPES, {"w": ZERO}, {"X": X, "y": Y}, _chebyshev
    ),
    Problem(
        "median",
        "sum(abs(w*vector(1) - y))",
        {"w": (), "y": ("m",)},
        {"w": 0.0},
        {"y": Y[:31]},
        _median,
    ),
]
