"""New native code is compared with NumPy code, and gives way where it differs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradform as gf
from gradform.execute import agreement
from gradform.execute.agreement import verdict
from gradform.execute.native import program as programs
from gradform.execute.native.specialised import Specialised, specialise
from gradform.execute.numpy import plain_program

SHAPES = {"X": ("m", "n"), "W": ("n", "k"), "Y": ("m", "k")}
X = np.linspace(-1.0, 2.0, 6)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADFORM_CACHE", str(tmp_path))


def asked(**options: Any) -> Any:
    return gf.derivative("sum(exp(sin(x)))", wrt="x", check=False).compile("native", **options)


def changed(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    """From here on native code gives something else than it should."""

    def wrong(*arguments: Any) -> Specialised:
        found = specialise(*arguments)
        right = found.run
        return Specialised(found.source, lambda *a, **k: change(right(*a, **k)), found.key)

    monkeypatch.setattr(programs, "specialise", wrong)


def last_entry_lost(result: Any) -> Any:
    result[..., -1] = 0
    return result


WRONG = (last_entry_lost, lambda result: result * (1 + 1e-6), lambda result: result[..., :-1])


@pytest.mark.parametrize("change", WRONG)
@pytest.mark.parametrize("options", ({}, {"batch": True}, {"dtype": "float32"}))
def test_wrong_code_gives_way(
    change: Callable[[Any], Any], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if options.get("dtype") == "float32" and change is WRONG[1]:
        change = WRONG[0]  # a change of 1e-6 is rounding there
    x = np.stack([X, X + 1]) if "batch" in options else X
    wanted = np.cos(x) * np.exp(np.sin(x))
    changed(monkeypatch, change)
    for _ in range(2):
        program = asked(**options)
        with pytest.warns(RuntimeWarning, match="please report"):
            found = program(x)
        np.testing.assert_allclose(found, wanted, rtol=1e-5 if options.get("dtype") else 1e-14)
    np.testing.assert_allclose(program(x + 1), np.cos(x + 1) * np.exp(np.sin(x + 1)), rtol=1e-5)
    assert "numpy" in program.source


def test_buffers_get_what_numpy_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, last_entry_lost)
    x = X.copy()
    with pytest.warns(RuntimeWarning, match="please report"):
        assert asked()(x, out=x) is x
    np.testing.assert_allclose(x, np.cos(X) * np.exp(np.sin(X)), rtol=1e-14)


@pytest.mark.parametrize("kind", [list, tuple])
def test_buffers_of_several_results(kind: type) -> None:
    """Of one shape and of two, at the first call of new code and after it."""
    f = gf.parse("x'*A*y", shapes={"A": ("n", "n"), "x": ("n",), "y": ("n",)})
    point = {"A": np.eye(3), "x": X[:3], "y": X[3:]}
    for names in ("xy", "xA"):
        program: Any = gf.compile(
            *(f.gradient(name, check=False) for name in names), backend="native"
        )
        into = kind(np.empty_like(point[name]) for name in names)
        for _ in range(3):
            assert program(**point, out=into) is into
            np.testing.assert_allclose(into[0], X[3:])


def test_specialised_code_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, last_entry_lost)
    with pytest.warns(RuntimeWarning, match="please report"):
        run = asked().specialised(X)
    np.testing.assert_allclose(run(X), np.cos(X) * np.exp(np.sin(X)), rtol=1e-14)


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, last_entry_lost)
    assert asked(check=False)(X)[-1] == 0


@pytest.fixture
def on_numpy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The tasks that NumPy code was written of beside native code."""
    found: list[Any] = []

    def noted(task: Any, options: Any) -> Any:
        found.append(task)
        return plain_program(task, options)

    monkeypatch.setattr(programs, "plain_program", noted)
    yield found


def test_it_is_done_once_for_each_code(on_numpy: list[Any]) -> None:
    program = asked()
    program(X)
    program(X)
    asked()(X)
    assert len(on_numpy) == 1
    asked(batch=True)(np.stack([X, X]))
    assert len(on_numpy) == 2


def test_points_that_tell_nothing_are_not_the_last_word(on_numpy: list[Any]) -> None:
    nothing = np.full(6, np.nan)
    asked()(nothing)
    asked()(X)
    asked()(X)
    assert len(on_numpy) == 2
    program: Any = gf.derivative("sum(exp(x))", wrt="x", check=False).compile("native")
    for _ in range(2 * agreement.MOST_CALLS):
        assert np.isnan(program(nothing)).all()
    assert program._run != program._first


def test_large_work_is_not_done_twice(on_numpy: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "_LARGE", 11)
    asked()(X)
    assert not on_numpy


def test_singular_matrices_raise_as_before() -> None:
    program = gf.compile(gf.parse("inv(A)"), backend="native")
    with pytest.raises(np.linalg.LinAlgError):
        program(np.zeros((3, 3)))
    np.testing.assert_allclose(program(2 * np.eye(3)), np.eye(3) / 2)


# ---------------------------------------------------------------- what rounding may do


def judged(found: Any, reference: Callable[..., Any], *arrays: Any) -> str:
    return verdict(found, reference(*arrays), arrays, reference)


def test_rounding_of_sums_that_cancel_is_no_difference() -> None:
    x = np.array([1e8, 1.0, -1e8])
    assert judged(1.0 + 3e-8, lambda x: float(x.sum()), x) == "agrees"
    assert judged(1.01, lambda x: float(x.sum()), x) == "differs"


def test_either_side_of_a_kink_is_no_difference() -> None:
    x = np.array([0.1 + 0.2, 0.3])
    kink = lambda x: np.array([1.0, 0.0]) if x[0] > x[1] else np.array([0.0, 1.0])  # noqa: E731
    near = np.array([0.3, np.nextafter(0.3, 1)])
    assert judged(np.array([1.0, 0.0]), kink, near) == "agrees"
    assert judged(np.array([1.0, 0.0]), kink, np.array([0.1, 0.3])) == "differs"
    assert judged(np.array([1.0, 0.0]), kink, x) == "agrees"


def test_one_entry_among_large_ones_counts() -> None:
    x = np.array([1e6, 1e-3])
    assert judged(x * [1, 1 + 1e-13], lambda x: x * 1.0, x) == "agrees"
    assert judged(x * [1, 1.01], lambda x: x * 1.0, x) == "differs"


def test_what_is_zero_but_for_rounding_tells_nothing() -> None:
    zero = lambda x: x * 0.0  # noqa: E731
    assert judged(np.array([2e-17]), zero, np.array([0.3])) == "undecided"
    assert judged(np.array([2e-17, 0.3]), lambda x: x * [0, 1], np.array([0.2, 0.3])) == "agrees"
    assert judged(np.array([1e-9]), zero, np.array([0.3])) == "differs"
    assert judged(np.array([1e-9]), zero, np.array([1e4])) == "undecided"


@pytest.mark.parametrize("options", ({}, {"batch": True}, {"dtype": "float32"}))
def test_derivatives_of_constants_are_right(options: dict[str, Any]) -> None:
    """A softmax of one number is 1: its derivatives are made of rounding."""
    f = gf.parse("sum(logsumexp(X*W, 2)) - sum(Y.*(X*W))", shapes=SHAPES)
    rng = np.random.default_rng(0)
    given = {"X": rng.normal(size=(5, 3)), "W": rng.normal(size=(3, 1)), "Y": np.ones((5, 1))}
    if "batch" in options:
        given = {name: np.stack([each, each]) for name, each in given.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for asked in (f.gradient("W", check=False), f.hessian("W", check=False)):
            found = asked.compile("native", **options)(**given)
            np.testing.assert_allclose(found, 0, atol=1e-5 if "dtype" in options else 1e-14)


def test_what_is_not_finite_tells_nothing() -> None:
    infinite = lambda x: x * np.inf  # noqa: E731
    assert judged(np.array([1.0]), infinite, np.array([2.0])) == "undecided"
    partly = lambda x: np.array([np.nan, x[0]])  # noqa: E731
    assert judged(np.array([7.0, 2.0]), partly, np.array([2.0])) == "agrees"
    assert judged(np.array([np.nan, np.nan]), partly, np.array([2.0])) == "differs"


def test_right_code_is_quiet() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked()(np.array([1e300, -1e300, 0.0, np.inf, np.nan, 5e-324]))
