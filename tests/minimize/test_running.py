"""Runs that are stopped, resumed, watched and pickled; and inputs that are wrong."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, CannotError, InputError
from tests.minimize.problems import KINKED, LABELS, PROBLEMS, ZERO, X

LOGISTIC = PROBLEMS[1]


def run(method: str, **options: Any) -> Any:
    function = LOGISTIC.function()
    return function.minimize(LOGISTIC.start, method=method, check=False, **options, **LOGISTIC.data)


@pytest.mark.parametrize("method", ["l-bfgs", "newton", "newton-cg", "trust-exact"])
@pytest.mark.parametrize("through_pickle", [False, True])
def test_a_run_is_resumed_where_it_stopped(method: str, through_pickle: bool) -> None:
    whole = run(method)
    first = run(method, max_iterations=2)
    assert first.status == "iteration limit"
    assert first.iterations == 2
    assert "resume" in first.message
    if through_pickle:
        first = pickle.loads(pickle.dumps(first))
    rest = first.resume()
    assert rest.status == "converged"
    assert len(rest.history) == rest.iterations
    if method != "trust-exact":  # SciPy starts afresh from the point
        assert rest.iterations == whole.iterations
        np.testing.assert_array_equal(rest.x["w"], whole.x["w"])
    assert LOGISTIC.error(rest.x) < 1e-5


def test_a_path_of_smooth_problems_is_resumed() -> None:
    problem = KINKED[0]
    function = problem.function()
    first = function.minimize(problem.start, check=False, max_iterations=7, **problem.data)
    assert first.status == "iteration limit"
    rest = first.resume()
    assert rest.status == "converged"
    assert problem.error(rest.x) < 1e-5


@pytest.mark.parametrize("method", ["l-bfgs", "newton", "newton-cg", "trust-ncg"])
def test_an_interrupt_gives_the_best_so_far(method: str) -> None:
    seen: list[float] = []

    def interrupting(x: dict[str, Any], value: float) -> None:
        seen.append(value)
        if len(seen) == 3:
            raise KeyboardInterrupt

    result = run(method, callback=interrupting)
    assert (result.status, result.iterations) == ("interrupted", 3)
    assert result.value == pytest.approx(seen[-1], rel=1e-12)
    assert result.resume().status == "converged"


@pytest.mark.parametrize("method", ["l-bfgs", "trust-krylov"])
def test_a_callback_watches_and_stops(method: str) -> None:
    seen: list[Any] = []

    def stopping(x: dict[str, Any], value: float) -> bool:
        seen.append((x["w"].shape, value))
        return len(seen) == 4

    result = run(method, callback=stopping)
    assert result.status == "stopped"
    assert seen[0][0] == (8,)
    assert [value for _, value in seen] == sorted((value for _, value in seen), reverse=True)
    assert [moment.value for moment in result.history] == [value for _, value in seen]


def test_progress_is_written_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run("newton", progress=True)
    written = capsys.readouterr().err
    assert "newton  iteration" in written
    assert "gradient" in written
    run("newton")
    assert capsys.readouterr().err == ""


def test_evaluations_are_counted() -> None:
    result = run("newton-cg")
    assert result.evaluations["product"] > result.iterations
    assert result.evaluations["value"] == result.evaluations["gradient"]


def test_a_minimum_to_start_with_takes_no_iteration() -> None:
    found = run("newton")
    again = LOGISTIC.function().minimize(found.x, method="newton", check=False, **LOGISTIC.data)
    assert (again.iterations, again.status) == (0, "converged")


def test_a_function_without_minimum_does_not_converge() -> None:
    function = gf.parse("sum(x)", shapes={"x": ("n",)})
    result = function.minimize({"x": np.zeros(3)}, method="l-bfgs", max_iterations=50)
    assert result.status != "converged"
    assert not result.certificate.is_global


ENDLESS = ["sum(x)", "-x'*x", "norm1(x) - 2*x(1)", "norm1(x) - sumsq(x)", "x(1)^3"]


@pytest.mark.parametrize("text", ENDLESS)
@pytest.mark.parametrize("method", ["auto", "l-bfgs", "newton-cg"])
def test_values_that_fall_without_end_are_no_minimum(text: str, method: str) -> None:
    function = gf.parse(text, shapes={"x": ("n",)})
    result = function.minimize({"x": -np.ones(3)}, method=method, check=False)
    assert result.status != "converged"
    assert not result.certificate.is_stationary
    assert not result.certificate.is_global


def test_the_line_search_stays_in_the_domain() -> None:
    """-log has no value for x <= 0; the start is far from the minimum at 1/1000."""
    function = gf.parse("1000*sum(x) - sum(log(x))", shapes={"x": ("n",)})
    for method in ("l-bfgs", "newton", "newton-cg"):
        result = function.minimize({"x": np.full(4, 50.0)}, method=method, check=False)
        assert result.status == "converged", method
        np.testing.assert_allclose(result.x["x"], 1e-3, rtol=1e-6)


WRONG: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("no such variable", {"start": {"v": ZERO}}, InputError, "'v'"),
    ("no start", {"start": {}}, InputError, "by variable"),
    ("missing data", {"data": {"X": X}}, ArrayError, "'y'"),
    ("unknown data", {"data": {"X": X, "y": LABELS, "z": 1.0}}, ArrayError, "'z'"),
    ("a start and a value", {"data": {"X": X, "y": LABELS, "w": ZERO}}, ArrayError, "'w'"),
    ("shapes that do not fit", {"data": {"X": X[:, :3], "y": LABELS}}, ArrayError, "w must have"),
    ("too many axes", {"start": {"w": np.zeros((8, 2))}}, ArrayError, "'w'"),
    ("no numbers", {"start": {"w": ["a"] * 8}}, ArrayError, "'w'"),
    ("NaN in the start", {"start": {"w": ZERO * np.nan}}, ArrayError, "'w'"),
    ("NaN in the data", {"data": {"X": X * np.nan, "y": LABELS}}, ArrayError, "finite"),
    ("no such method", {"method": "downhill"}, InputError, "downhill"),
    ("no such backend", {"backend": "abacus"}, InputError, "abacus"),
    ("tolerance", {"tolerance": 0.0}, InputError, "tolerance"),
    ("iterations", {"max_iterations": -1}, InputError, "iterations"),
    ("bounds of another", {"bounds": {"y": (0, 1)}}, InputError, "'y'"),
    ("bounds with newton", {"bounds": {"w": (0, 1)}, "method": "newton"}, InputError, "bounds"),
    ("bounds crossed", {"bounds": {"w": (1, 0)}}, InputError, "lower bound"),
    ("bounds of a shape", {"bounds": {"w": (np.zeros(3), None)}}, ArrayError, "'w'"),
]


@pytest.mark.parametrize("given", WRONG, ids=lambda each: each[0])
def test_what_is_wrong_is_said(given: tuple[str, dict[str, Any], type[Exception], str]) -> None:
    _, changes, kind, told = given
    options: dict[str, Any] = {"check": False, **changes}
    start = options.pop("start", {"w": ZERO})
    data = options.pop("data", {"X": X, "y": LABELS})
    with pytest.raises(kind, match=told):
        LOGISTIC.function().minimize(start, **options, **data)


def test_only_scalars_are_minimised() -> None:
    with pytest.raises(InputError, match="scalar"):
        gf.parse("X*w", shapes={"X": ("m", "n"), "w": ("n",)}).minimize({"w": ZERO}, X=X)


def test_a_start_outside_the_domain_is_refused() -> None:
    function = gf.parse("sum(x) - sum(log(x))", shapes={"x": ("n",)})
    with pytest.raises(ArrayError, match="no finite value") as caught:
        function.minimize({"x": [1.0, -1.0]}, check=False)
    assert caught.value.hint is not None


def test_kinks_that_are_not_rounded_off_are_named() -> None:
    function = gf.parse("sum_largest(w, 2) + sumsq(w)", shapes={"w": ("n",)})
    with pytest.raises(CannotError, match="2 largest entries of w") as caught:
        function.minimize({"w": np.ones(3)}, check=False)
    assert caught.value.hint is not None
    assert "l-bfgs" in caught.value.hint


def test_structures_that_are_no_linear_space_are_refused() -> None:
    function = gf.parse("tr(A*Q)", shapes={"A": (3, 3), "Q": (3, 3)}, assume={"Q": "orthogonal"})
    with pytest.raises(CannotError, match="orthogonal"):
        function.minimize({"Q": np.eye(3)}, A=np.eye(3), check=False)
