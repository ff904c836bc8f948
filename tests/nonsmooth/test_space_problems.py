"""Optimality of solutions of independent solvers: certified; perturbed ones refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from gradform.nonsmooth.space.question import space_question
from gradform.nonsmooth.space.result import SpaceSubdifferential

clarabel = pytest.importorskip("clarabel")

Array = np.ndarray[Any, Any]
Problem = tuple[str, dict[str, Any], dict[str, Any]]


def _quadratic(p: Array, q: Array, matrix: Array, right: Array) -> Array:
    """min z'Pz/2 + q'z over matrix·z <= right."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    for name in ("tol_gap_abs", "tol_gap_rel", "tol_feas"):
        setattr(settings, name, 1e-12)
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(p),
        q,
        sparse.csc_matrix(matrix),
        right,
        [clarabel.NonnegativeConeT(len(right))],
        settings,
    )
    return np.array(solver.solve().x)


def lasso(rng: np.random.Generator) -> Problem:
    m, n, weight = 40, 12, 6.0
    a = rng.standard_normal((m, n))
    b = a @ np.r_[np.ones(3), np.zeros(n - 3)] + 0.3 * rng.standard_normal(m)
    p = np.block([[a.T @ a, np.zeros((n, n))], [np.zeros((n, 2 * n))]])
    sides = np.block([[np.eye(n), -np.eye(n)], [-np.eye(n), -np.eye(n)]])
    z = _quadratic(p, np.r_[-a.T @ b, weight * np.ones(n)], sides, np.zeros(2 * n))
    params = {"A": a, "b": b, "lam": weight}
    return "sumsq(A*x - b)/2 + lam*norm1(x)", {"x": z[:n]}, params


def support_vectors(rng: np.random.Generator) -> Problem:
    m, n = 40, 3
    data = rng.standard_normal((m, n))
    y = np.sign(data @ np.array([1, -1, 0.5]) + 0.5 * rng.standard_normal(m))
    p = np.zeros((n + 1 + m, n + 1 + m))
    p[:n, :n] = np.eye(n)
    sides = np.block(
        [[-y[:, None] * data, -y[:, None], -np.eye(m)], [np.zeros((m, n + 1)), -np.eye(m)]]
    )
    z = _quadratic(p, np.r_[np.zeros(n + 1), np.ones(m)], sides, np.r_[-np.ones(m), np.zeros(m)])
    source = "sumsq(w)/2 + sum(hinge(y.*(X*w + c*ones(40))))"
    return source, {"w": z[:n], "c": float(z[n])}, {"X": data, "y": y}


def total_variation(rng: np.random.Generator) -> Problem:
    n = 30
    y = np.repeat([0.0, 2.0, 1.0], 10) + 0.2 * rng.standard_normal(n)
    steps = np.diff(np.eye(n), axis=0)
    p = np.zeros((2 * n - 1, 2 * n - 1))
    p[:n, :n] = np.eye(n)
    sides = np.block([[steps, -np.eye(n - 1)], [-steps, -np.eye(n - 1)]])
    z = _quadratic(p, np.r_[-y, np.ones(n - 1)], sides, np.zeros(2 * (n - 1)))
    return "sumsq(x - y)/2 + norm1(D*x)", {"x": z[:n]}, {"D": steps, "y": y}


def quantiles(rng: np.random.Generator) -> Problem:
    m, n, share = 40, 4, 0.3
    a = rng.standard_normal((m, n))
    b = a @ np.ones(n) + rng.standard_normal(m)
    found = linprog(
        np.r_[np.zeros(n), share * np.ones(m), (1 - share) * np.ones(m)],
        A_eq=np.hstack([a, np.eye(m), -np.eye(m)]),
        b_eq=b,
        bounds=[(None, None)] * n + [(0, None)] * (2 * m),
    )
    return "sum(pinball(b - A*x, t))", {"x": found.x[:n]}, {"A": a, "b": b, "t": share}


def completion(rng: np.random.Generator) -> Problem:
    size, weight = 6, 0.5
    low_rank = rng.standard_normal((size, 2)) @ rng.standard_normal((2, size))
    seen = (rng.random((size, size)) < 0.7).astype(float)
    x = np.zeros((size, size))
    for _ in range(20_000):  # proximal gradient steps
        left, values, right = np.linalg.svd(x - seen * (x - low_rank))
        following = (left * np.maximum(values - weight, 0)) @ right
        if np.abs(following - x).max() < 1e-14:
            break
        x = following
    source = "sumsq(W.*(X - M))/2 + lam*normnuc(X)"
    return source, {"X": x}, {"W": seen, "M": low_rank, "lam": weight}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "problem", [lasso, support_vectors, total_variation, quantiles, completion]
)
def test_solutions_are_certified(problem: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, solution, params = problem(rng)
    question = space_question(source, list(solution), solution, params, tolerance=1e-6)
    found = SpaceSubdifferential(question)
    assert (found.status, found.convexity.label) == ("EXACT", "convex")
    assert found.is_optimal, found.optimality
    total = np.sum([part.vector for part in found.optimality.parts], axis=0)
    np.testing.assert_allclose(total, 0.0, atol=1e-5)
    assert any("taken to be zero" in note for note in found.conditions)

    moved = {
        k: np.asarray(v) + 0.01 * rng.standard_normal(np.shape(v)) for k, v in solution.items()
    }
    question = space_question(source, list(solution), moved, params, tolerance=1e-6)
    other = SpaceSubdifferential(question)
    certificate = other.optimality
    assert certificate.is_optimal is False
    assert certificate.direction is not None
    assert other.directional_derivative(certificate.direction) < -1e-6
    assert certificate.least > 1e-6
