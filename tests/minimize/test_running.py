"""Runs that are stopped, resumed, watched and pickled; and inputs that are wrong."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.errors import ArrayError, CannotError, InputError
from gradform.minimize.methods import METHODS
from gradform.minimize.methods.from_scipy import SCIPY
from tests.minimize.problems import KINKED, LABELS, PROBLEMS, ZERO, X

LOGISTIC = PROBLEMS[1]
EVERY = [*METHODS, *SCIPY]


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
    assert not result.certificate
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


@pytest.mark.parametrize("text", ["sum(x)", "-x'*x", "x(1)^3"])
@pytest.mark.parametrize("method", ["auto", "l-bfgs", "newton-cg"])
def test_ways_without_end_are_told_soon(text: str, method: str) -> None:
    function = gf.parse(text, shapes={"x": ("n",)})
    result = function.minimize({"x": -np.ones(3)}, method=method, check=False)
    assert "without end" in str(result.message)
    assert result.evaluations["value"] < 250


@pytest.mark.parametrize("distance", [1e3, 1e7, 1e12])
def test_minima_beyond_a_long_slope_are_found(distance: float) -> None:
    """sqrt(1 + (x - d)²) is a straight line until the minimum is near."""
    function = gf.parse("sqrt(1 + (x - d)^2)", shapes={"x": (), "d": ()})
    result = function.minimize({"x": 0.0}, method="l-bfgs", check=False, d=distance)
    assert result.status == "converged"
    assert abs(float(result.x["x"]) - distance) < 1e-4 * max(1.0, 1e-9 * distance)


@pytest.mark.parametrize("text", ["-sum(sqrt(x))", "-sum(log(x))"])
def test_short_gradients_far_out_are_no_minimum(text: str) -> None:
    """Convex, with gradients that vanish at infinity only, where the values are no nearer."""
    function = gf.parse(text, shapes={"x": ("n",)}, assume={"x": "positive"})
    run = function.minimize({"x": np.ones(3)}, check=False)
    assert not run.certificate.is_global
    begun = function.minimize({"x": np.ones(3)}, check=False, max_iterations=1)
    far = begun.certificate_at(np.full(3, 1e17))
    assert far.is_stationary and far.convexity.label == "convex"
    assert far.fall > 0 and not far.is_global
    assert "goes on falling" in far.text


def test_infima_that_are_met_to_the_tolerance_are_certified() -> None:
    """exp(x) has no minimum; where its gradient is short, it is as near to 0."""
    for text in ("sum(exp(x))", "sum(log(vector(1) + exp(x)))"):
        run = gf.parse(text, shapes={"x": ("n",)}).minimize({"x": np.ones(3)}, check=False)
        assert run.certificate.is_global


@pytest.mark.parametrize("method", [name for name in EVERY if name != "smoothing"])
def test_every_method_stays_in_the_domain(method: str) -> None:
    """-log has no value for x <= 0; the start is far from the minimum at 1/1000."""
    function = gf.parse("1000*sum(x) - sum(log(x))", shapes={"x": ("n",)})
    result = function.minimize({"x": np.full(4, 50.0)}, method=method, check=False)
    assert result.status == "converged"
    np.testing.assert_allclose(result.x["x"], 1e-3, rtol=1e-6)


@pytest.mark.parametrize("method", [name for name in EVERY if name != "smoothing"])
def test_every_method_stays_with_definite_matrices(method: str) -> None:
    function = gf.parse(
        "tr(S*P) - logdet(P)", shapes={"S": ("n", "n"), "P": ("n", "n")}, assume={"P": "spd"}
    )
    scatter = np.diag([1.0, 10.0, 100.0])
    result = function.minimize({"P": 9 * np.eye(3)}, S=scatter, method=method, check=False)
    assert result.status == "converged"
    np.testing.assert_allclose(result.x["P"], np.linalg.inv(scatter), atol=1e-6)
    assert result.certificate.is_global


def test_gradients_whose_squares_overflow_have_a_length() -> None:
    """log(w) falls towards w = 0, where its slope is 1e160 and more."""
    function = gf.parse("sum(log(w))", shapes={"w": ("n",)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function.minimize({"w": np.ones(3)})
    assert result.status == "stalled"
    assert 1e100 < result.certificate.gradient_norm < np.inf


def test_methods_of_scipy_overflow_without_a_word() -> None:
    function = gf.parse("-sumsq(w)", shapes={"w": ("n",)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function.minimize(
            {"w": np.full(3, -2.0)}, bounds={"w": (None, -1)}, method="l-bfgs-b"
        )
    assert result.status == "stalled"


def test_a_start_whose_gradient_has_no_length_is_refused() -> None:
    function = gf.parse("sum(exp(x.^2))", shapes={"x": ("n",)})
    with pytest.raises(ArrayError, match="no finite value and gradient"):
        function.minimize({"x": np.full(4, 20.0)}, method="trust-ncg", check=False)


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
    ("bounds of three", {"bounds": {"w": (0, 1, 2)}}, InputError, "'w' are no pair"),
    ("bounds of one", {"bounds": {"w": 0}}, InputError, "'w' are no pair"),
    ("bounds of words", {"bounds": {"w": ("a", 1)}}, ArrayError, "bound of 'w'"),
    ("complex bounds", {"bounds": {"w": (1j, None)}}, ArrayError, "bound of 'w'"),
    ("bounds that are NaN", {"bounds": {"w": (None, np.nan)}}, InputError, "'w' is NaN"),
    ("bounds without end", {"bounds": {"w": (np.inf, None)}}, InputError, "'w'"),
    ("bounds without names", {"bounds": (0, 1)}, InputError, "by variable"),
    ("a start without names", {"start": ZERO}, InputError, "by variable"),
    ("a complex start", {"start": {"w": ZERO + 1j}}, ArrayError, "start of 'w' has complex"),
    ("a ragged start", {"start": {"w": [[1], [1, 2]]}}, ArrayError, "start of 'w'"),
    ("digits in words", {"start": {"w": ["1"] * 8}}, ArrayError, "start of 'w'"),
    ("data of words", {"data": {"X": X, "y": "ab"}}, ArrayError, "value of 'y'"),
    ("an array of words", {"data": {"X": X, "y": LABELS.astype(str)}}, ArrayError, "'y'"),
    ("complex data", {"data": {"X": X, "y": LABELS + 1j}}, ArrayError, "value of 'y' has complex"),
    ("complex lists", {"data": {"X": X, "y": [1j] * 60}}, ArrayError, "value of 'y' has complex"),
    ("a size of a word", {"data": {"X": X, "y": LABELS, "n": "a"}}, ArrayError, "size 'n'"),
    ("another size", {"data": {"X": X, "y": LABELS, "n": 9}}, ArrayError, "'n' is given as 9"),
    ("a tolerance of words", {"tolerance": "a"}, InputError, "tolerance 'a'"),
    ("a tolerance without end", {"tolerance": np.inf}, InputError, "tolerance"),
    ("half an iteration", {"max_iterations": 2.5}, InputError, "2.5 iterations"),
    ("iterations of words", {"max_iterations": "a"}, InputError, "'a' iterations"),
    ("a callback", {"callback": 3}, InputError, "callback 3"),
]


@pytest.mark.parametrize("given", WRONG, ids=lambda each: each[0])
def test_what_is_wrong_is_said(given: tuple[str, dict[str, Any], type[Exception], str]) -> None:
    _, changes, kind, told = given
    options: dict[str, Any] = {"check": False, **changes}
    start = options.pop("start", {"w": ZERO})
    data = options.pop("data", {"X": X, "y": LABELS})
    with pytest.raises(kind, match=told):
        LOGISTIC.function().minimize(start, **options, **data)


OTHERS: list[tuple[Any, type[Exception], str]] = [
    ({}, ArrayError, "no value for 'w'"),
    ({"w": np.zeros(3)}, ArrayError, "'w' has shape"),
    ({"w": np.zeros((8, 1))}, ArrayError, "'w' has shape"),
    ({"w": ZERO + 1j}, ArrayError, "'w' has complex"),
    ({"w": ZERO * np.nan}, ArrayError, "'w' has entries"),
    ({"w": ZERO, "z": 1.0}, InputError, "'z'"),
    (np.zeros(3), ArrayError, "shape"),
    ("ab", ArrayError, "'w'"),
]


@pytest.mark.parametrize("given", OTHERS, ids=lambda each: each[2])
def test_what_is_no_point_is_said(given: tuple[Any, type[Exception], str]) -> None:
    point, kind, told = given
    with pytest.raises(kind, match=told):
        run("newton", max_iterations=0).certificate_at(point)


def test_what_is_wrong_when_a_run_goes_on_is_said() -> None:
    first = run("newton", max_iterations=0)
    with pytest.raises(InputError, match="'a' iterations"):
        first.resume(max_iterations="a")
    with pytest.raises(InputError, match="callback"):
        first.resume(callback=3)


def test_a_start_outside_the_bounds_is_moved_inside() -> None:
    function = gf.parse("sumsq(x)", shapes={"x": ("n",)})
    result = function.minimize({"x": np.zeros(2)}, bounds={"x": (1, 2)}, check=False)
    np.testing.assert_array_equal(result.x["x"], [1.0, 1.0])
    assert (result.status, result.certificate.is_global) == ("converged", True)


@pytest.mark.parametrize("method", EVERY)
def test_what_a_callback_does_with_its_point_does_not_matter(method: str) -> None:
    def spoiling(x: dict[str, Any], value: float) -> None:
        x["w"].fill(1e9)

    problem = KINKED[0] if method == "smoothing" else LOGISTIC
    options: dict[str, Any] = {"method": method, "check": False, **problem.data}
    quiet = problem.function().minimize(problem.start, **options)
    spoilt = problem.function().minimize(problem.start, callback=spoiling, **options)
    assert spoilt.iterations == quiet.iterations > 0
    np.testing.assert_array_equal(spoilt.x["w"], quiet.x["w"])


@pytest.mark.parametrize("text", ["sumsq(A*x - y)", "norm1(A*x - y)"])
@pytest.mark.parametrize("method", ["auto", *EVERY])
def test_where_there_is_nothing_to_choose_the_value_is_told(
    method: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    function = gf.parse(text, shapes={"A": ("m", "n"), "x": ("n",), "y": ("m",)})
    data: dict[str, Any] = {"A": np.zeros((3, 0)), "y": np.ones(3)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function.minimize({"x": np.zeros(0)}, method=method, check=False, **data)
        again = result.resume()
    assert capfd.readouterr() == ("", "")
    for each in (result, again):
        assert (each.status, each.value, each.x["x"].shape) == ("converged", 3.0, (0,))
        assert each.certificate.is_global


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
