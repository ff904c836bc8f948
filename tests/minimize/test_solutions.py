"""Minima against references, and certificates that are true there and false elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.minimize.methods import METHODS
from gradform.minimize.methods.from_scipy import SCIPY
from tests.minimize.problems import KINKED, PROBLEMS, Problem

each_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
each_kinked = pytest.mark.parametrize("problem", KINKED, ids=lambda problem: problem.name)
SMOOTH_METHODS = ["auto", *(set(METHODS) - {"smoothing"}), *SCIPY]


@each_problem
def test_a_convex_problem_is_solved_and_certified(problem: Problem) -> None:
    result = problem.function().minimize(problem.start, **problem.data)
    assert result.status == "converged"
    assert problem.error(result.x) < 1e-6
    assert result.certificate.is_global, str(result)
    assert result.value == pytest.approx(problem.function()(**result.x, **problem.data), rel=1e-12)
    assert result.certificate.least_curvature is not None
    assert result.certificate.least_curvature > 0
    assert "global minimum certified" in str(result)


@pytest.mark.parametrize("method", sorted(SMOOTH_METHODS))
def test_every_method_finds_the_same_minimum(method: str) -> None:
    problem = PROBLEMS[1]
    result = problem.function().minimize(problem.start, method=method, check=False, **problem.data)
    assert result.status == "converged", result.message
    assert problem.error(result.x) < 1e-5
    assert result.method == (method if method != "auto" else "newton")


@each_problem
def test_a_certificate_fails_beside_the_minimum(problem: Problem) -> None:
    result = problem.function().minimize(problem.start, check=False, **problem.data)
    rng = np.random.default_rng(0)
    moved = {
        name: part + 1e-4 * (noise + noise.T if part.shape == (4, 4) else noise)
        for name, part in result.x.items()
        for noise in [rng.normal(size=part.shape)]
    }
    certificate = result.certificate_at(moved)
    assert not certificate.is_stationary
    assert not certificate.is_global
    assert "does not vanish" in str(certificate)


def test_programs_of_the_native_backend_are_minimised() -> None:
    for problem in (PROBLEMS[1], KINKED[0]):
        result = problem.function().minimize(
            problem.start, backend="native", check=False, **problem.data
        )
        assert result.status == "converged"
        assert problem.error(result.x) < 1e-5


@pytest.mark.parametrize("backend", ["torch", "dask"])
def test_other_backends_are_minimised(backend: str) -> None:
    pytest.importorskip(backend)
    for problem in (PROBLEMS[1], KINKED[0]):
        result = problem.function().minimize(
            problem.start, backend=backend, check=False, **problem.data
        )
        assert result.status == "converged"
        assert problem.error(result.x) < 1e-5


@each_kinked
def test_a_problem_with_kinks_is_solved_and_certified(problem: Problem) -> None:
    result = problem.function().minimize(problem.start, **problem.data)
    assert result.method == "smoothing"
    assert result.status == "converged", result.message
    assert problem.error(result.x) < 1e-5
    certificate = result.certificate
    assert certificate.is_global, str(result)
    assert certificate.optimality.is_optimal is True
    moved = {name: part + 1e-3 for name, part in result.x.items()}
    assert not result.certificate_at(moved).is_global


SIZED = [
    ("0.5*sumsq(x - y) + norm1(x(2:n) - x(1:n-1))", ("n",)),
    ("0.5*sumsq(x - y) + norm1(x)/n", ("n",)),
    ("0.5*sumsq(x - y) + norm1(x - ones(n))", ("n",)),
    ("d = x(2:n) - x(1:n-1); sumsq(x - y) + abs(d(n-1))", ("n",)),
    ("0.5*sumsq(x - y) + norm1(x) + (x*y')^2", (1, "n")),
]


@pytest.mark.parametrize("case", SIZED, ids=lambda case: case[0])
def test_certificates_know_the_sizes_of_the_arrays(case: tuple[str, tuple[str | int, ...]]) -> None:
    text, shape = case
    function = gf.parse(text, shapes={"x": shape, "y": shape})
    result = function.minimize({"x": np.zeros(4)}, y=np.array([0.1, 0.3, 3.0, 5.2]), check=False)
    assert result.status == "converged"
    assert result.certificate.is_global, str(result)
    assert not result.certificate_at(result.state.x + 1e-3).is_global


AT_KINKS = [
    ("0.5*norm2(x - b)^2 + norm2(x)", 5 * np.ones(4)),
    ("0.5*norm2(x - b)^2 + 20*norm2(x)", 5 * np.ones(4)),
    ("0.5*norm2(x - b)^2 + dist_ball2(x, 1)", 5 * np.ones(4)),
    ("0.5*norm2(x - b)^2 + dist_ball2(x, 1)", np.ones(4) / 5),
    ("0.5*sumsq(x - b) + 2*norm2(x(1:2)) + norm2(x(3:4))", np.array([1.0, 1.0, 3.0, 4.0])),
    ("0.5*sumsq(x - b) + norm21(x*b')/9", np.array([1.0, 2.0, 3.0, 4.0])),
    ("norm2(x - b)", np.zeros(4)),
    ("norm2(x - b) + norm1(x)/4", np.array([1.0, 2.0, 3.0, 4.0])),
]


@pytest.mark.parametrize("case", AT_KINKS, ids=lambda case: case[0])
def test_a_run_may_start_at_a_kink(case: tuple[str, np.ndarray]) -> None:
    text, b = case
    function = gf.parse(text, shapes={"x": ("n",), "b": ("n",)})
    from_zero = function.minimize({"x": np.zeros(4)}, b=b)
    elsewhere = function.minimize({"x": np.array([0.3, -0.2, 0.5, 0.1])}, b=b)
    for result in (from_zero, elsewhere):
        assert result.status == "converged", result.message
        assert result.certificate.is_global, str(result)
        assert "nan" not in repr(result)
    np.testing.assert_allclose(from_zero.x["x"], elsewhere.x["x"], atol=1e-6)


@pytest.mark.parametrize("start", [0.0, 1.0])
@pytest.mark.parametrize("text", ["lambda_max(S)", "-lambda_min(S)"])
def test_a_largest_eigenvalue_is_minimised_where_several_meet(text: str, start: float) -> None:
    """3 λ_max(S) + |S - B|²/2 moves the largest eigenvalues of B down until they have given 3."""
    function = gf.parse(
        f"3*({text}) + sumsq(S - B)/2",
        shapes={"S": ("n", "n"), "B": ("n", "n")},
        assume={"S": "symmetric"},
    )
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    sign = 1.0 if text == "lambda_max(S)" else -1.0
    wanted = sign * np.array([2.0, 2.0, 1.0, -1.0])
    b = turn @ np.diag(sign * np.array([4.0, 3.0, 1.0, -1.0])) @ turn.T
    result = function.minimize({"S": start * (b + b.T) / 2}, B=(b + b.T) / 2)
    assert result.status == "converged", result.message
    np.testing.assert_allclose(result.x["S"], turn @ np.diag(wanted) @ turn.T, atol=1e-6)
    assert result.certificate.is_global, str(result)


@pytest.mark.parametrize("method", sorted(SMOOTH_METHODS))
@pytest.mark.parametrize(
    "text", ["negentropy(x)", "negentropy(x) + sumsq(x)", "sum(xlogx(x)) + x'*x"]
)
def test_the_border_of_a_domain_is_no_kink(text: str, method: str) -> None:
    function = gf.parse(text, shapes={"x": ("n",)})
    result = function.minimize({"x": np.ones(3)}, method=method, check=False)
    assert result.status == "converged"
    assert result.certificate.is_global, str(result)
    x, square = result.x["x"], float("+" in text)
    np.testing.assert_allclose(1 + np.log(x) + 2 * square * x, 0, atol=1e-6)


def test_kinks_within_a_border_are_rounded_off() -> None:
    function = gf.parse("negentropy(x) + 3*norm1(x - y)", shapes={"x": ("n",), "y": ("n",)})
    y = np.array([0.5, 1.0, 9.0])
    result = function.minimize({"x": np.ones(3)}, y=y)
    np.testing.assert_allclose(result.x["x"], [0.5, 1.0, np.exp(2)], atol=1e-5)
    assert result.certificate.is_global, str(result)


def test_subgradients_may_be_as_long_as_the_tolerance() -> None:
    function = gf.parse("norm2(x) + 3*sumsq(x - y)", shapes={"x": ("n",), "y": ("n",)})
    data: dict[str, Any] = {"y": np.array([1.0, 2.0, 3.0])}
    result = function.minimize({"x": np.ones(3)}, method="newton", tolerance=1e-4, **data)
    assert result.certificate.is_global
    moved = {"x": result.x["x"] + 1e-6}
    assert result.certificate_at(moved).is_global
    assert not result.certificate_at({"x": result.x["x"] + 1e-3}).is_global


JUST = [
    ("0.5*sumsq(x - y) + norm1(x)", np.array([0.0, 0.0, 1.0, 2.0])),
    ("0.5*sumsq(x - y) + norm1(x(2:n) - x(1:n-1))", np.array([1.0, 1.0, 2.0, 2.0])),
    ("sum(huber(x - y, 9)) + norm2(x(1:2)) + abs(x(3) - x(4) + 1)", None),
]


@pytest.mark.parametrize("case", JUST, ids=lambda case: case[0])
def test_kinks_that_hold_only_just_are_certified(case: tuple[str, Any]) -> None:
    """With y = (0, 1, 2, 3) a kink is met where the other terms pull as hard as it holds."""
    text, wanted = case
    function = gf.parse(text, shapes={"x": ("n",), "y": ("n",)})
    result = function.minimize({"x": np.ones(4)}, y=np.arange(4.0))
    assert result.certificate.is_global, str(result)
    assert wanted is None or np.abs(result.x["x"] - wanted).max() < 1e-5
    assert not result.certificate_at(result.state.x + 3e-4).is_global


@pytest.mark.parametrize("method", sorted(SMOOTH_METHODS))
@pytest.mark.parametrize("far", [5.0, 15.0, 25.0])
def test_a_far_start_makes_no_minimum(method: str, far: float) -> None:
    """exp(x) - x has slopes of 1e10 at 25; the minimum is at 0, which 1e-8 of that is not."""
    function = gf.parse("sum(exp(x)) - sum(x)", shapes={"x": ("n",)})
    result = function.minimize({"x": np.array([far, -1.0])}, method=method, check=False)
    assert result.status == "converged"
    assert result.certificate.is_global
    assert np.abs(result.x["x"]).max() < 1e-6
    first = function.minimize(
        {"x": np.array([far, -1.0])}, method=method, check=False, max_iterations=0
    )
    assert not first.certificate_at({"x": np.full(2, far / 4)}).is_global


def test_small_entries_are_exactly_zero() -> None:
    problem = KINKED[0]
    result = problem.function().minimize(problem.start, check=False, **problem.data)
    assert (result.x["w"] == 0).sum() >= 2


def test_strong_convexity_bounds_the_gap() -> None:
    """The ridge term makes the function 1-strongly convex: 2c with c = 1/2."""
    problem = PROBLEMS[0]
    function = problem.function()
    result = function.minimize(problem.start, check=False, **problem.data)
    assert result.certificate.convexity.strength == pytest.approx(1.0)
    rng = np.random.default_rng(0)
    for size in (1e-6, 1e-3, 1.0):
        point = {"w": result.x["w"] + size * rng.normal(size=8)}
        gap = result.certificate_at(point).gap
        excess = function(**point, **problem.data) - result.value
        assert gap is not None
        assert excess <= gap * (1 + 1e-6) + 1e-10


def test_a_factorisation_by_both_factors_is_not_certified() -> None:
    function = gf.parse(
        "sumsq(M - U*V') + 0.1*sumsq(U) + 0.1*sumsq(V)",
        shapes={"M": ("m", "n"), "U": ("m", "k"), "V": ("n", "k")},
    )
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(9, 2)) @ rng.normal(size=(2, 7))
    start = {"U": rng.normal(size=(9, 2)), "V": rng.normal(size=(7, 2))}
    result = function.minimize(start, M=matrix)
    assert result.status == "converged"
    values = np.linalg.svd(matrix, compute_uv=False)[:2]
    wanted = sum(0.1**2 + 2 * 0.1 * (value - 0.1) for value in values)
    assert result.value == pytest.approx(wanted, rel=1e-6)
    assert result.certificate.convexity.label == "not convex"
    assert not result.certificate.is_global
    assert "not convex" in str(result)


def test_rosenbrock_is_a_stationary_point_only() -> None:
    function = gf.parse("100*(x(2) - x(1)^2)^2 + (1 - x(1))^2", shapes={"x": (2,)})
    result = function.minimize({"x": [-1.2, 1.0]})
    np.testing.assert_allclose(result.x["x"], [1.0, 1.0], atol=1e-7)
    assert result.certificate.is_stationary
    assert not result.certificate.is_global


def test_a_long_tridiagonal_problem_is_solved_by_its_structure() -> None:
    function = gf.parse(
        "sumsq(x - y) + 50*sumsq(x(2:n) - x(1:n-1)) + sum(exp(x))/10",
        shapes={"x": ("n",), "y": ("n",)},
    )
    rng = np.random.default_rng(0)
    noisy = np.sin(np.linspace(0, 9, 20_000)) + rng.normal(size=20_000)
    result = function.minimize({"x": np.zeros(20_000)}, y=noisy, check=False)
    assert (result.method, result.status) == ("newton", "converged")
    assert result.certificate.is_stationary


def test_bounds_are_kept() -> None:
    problem = PROBLEMS[0]
    result = problem.function().minimize(
        problem.start, bounds={"w": (0, None)}, check=False, **problem.data
    )
    assert result.method == "l-bfgs-b"
    assert result.status == "converged"
    w, data = result.x["w"], problem.data
    gradient = 2 * data["X"].T @ (data["X"] @ w - data["y"]) + 2 * data["c"] * w
    assert (w >= 0).all()
    assert (gradient >= -1e-5).all()
    assert np.abs(gradient[w > 0]).max() < 1e-5
    assert result.certificate.is_global
    assert np.abs(gradient[w == 0]).max() > 1.0
