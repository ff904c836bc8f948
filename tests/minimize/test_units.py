"""What is certified does not depend on the units of variables, data and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf

_rng = np.random.default_rng(0)
X = _rng.normal(size=(100, 3))
Y = X @ [1, 0, 0.5] + 0.1 * _rng.normal(size=100)
SIGNS = np.where(np.arange(100) < 15, -np.sign(Y), np.sign(Y))
SHAPES: dict[str, Any] = {"X": ("m", "n"), "w": ("n",), "y": ("m",), "c": ()}

LOGISTIC = "mean(softplus(-y.*(X*w)))"
LASSO = "sumsq(X*w - y)/2 + c*norm1(w)"
MEDIAN = "norm1(X*w - y)/c"
HINGE = "sum(relu(vector(1) - y.*(X*w))) + c*sumsq(w)/2"


def _function(text: str) -> gf.Expression:
    return gf.parse(text, shapes={k: v for k, v in SHAPES.items() if k in text.replace("exp", "")})


def _run(text: str, start: Any = 0.0, **given: Any) -> Any:
    options = {key: given.pop(key) for key in ("method", "bounds") if key in given}
    return _function(text).minimize({"w": np.zeros(3) + start}, check=False, **options, **given)


def _certified_is_least(run: Any, least: float) -> None:
    """A certificate of a global minimum is true to the tolerance; another run certifies none."""
    if run.certificate.is_global:
        assert run.value <= least + 1e-4 * abs(least)


@pytest.mark.parametrize("method", ["auto", "newton-cg", "l-bfgs", "l-bfgs-b", "trust-exact"])
@pytest.mark.parametrize("unit", [1e-10, 1e-8, 1e-6, 1.0, 1e6])
def test_features_in_other_units(unit: float, method: str) -> None:
    least = _run(LOGISTIC, X=X, y=SIGNS).value
    run = _run(LOGISTIC, X=X * unit, y=SIGNS, method=method)
    _certified_is_least(run, least)
    assert run.certificate.is_global or method == "trust-exact"


def test_one_feature_in_another_unit() -> None:
    least = _run(LOGISTIC, X=X, y=SIGNS).value
    for unit in (1e-10, 1e-5, 1e5):
        _certified_is_least(_run(LOGISTIC, X=X * [unit, 1, 1], y=SIGNS), least)


def test_features_in_other_units_within_bounds() -> None:
    bounds = {"w": (0, None)}
    least = _run(LOGISTIC, X=X, y=SIGNS, bounds=bounds).value
    for unit in (1e-8, 1e-4, 1e4):
        _certified_is_least(_run(LOGISTIC, X=X * unit, y=SIGNS, bounds=bounds), least)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e6, 1e8])
def test_a_lasso_in_other_units(unit: float) -> None:
    run = _run(LASSO, X=X * unit, y=Y, c=5 * unit)
    assert run.certificate.is_global
    np.testing.assert_allclose(run.value, 7.583113967550863, rtol=1e-9)
    assert run.x["w"][1] == 0


@pytest.mark.parametrize("unit", [1e-9, 1e-6, 1.0, 1e4])
def test_medians_in_other_units(unit: float) -> None:
    y = X @ [1, 2, 3] + np.random.default_rng(1).normal(size=100)
    least = _run(MEDIAN, X=X, y=y, c=1.0).value
    run = _run(MEDIAN, X=X, y=y * unit, c=unit)
    assert run.certificate.is_global
    assert run.value <= least * (1 + 1e-4)
    assert not run.certificate_at({"w": np.zeros(3)}).is_global


@pytest.mark.parametrize("start", [1e3, 1e9, 1e12])
@pytest.mark.parametrize(
    ("text", "given"), [(LASSO, {"y": Y, "c": 5.0}), (HINGE, {"y": SIGNS, "c": 1.0})]
)
def test_far_starts(text: str, given: dict[str, Any], start: float) -> None:
    least = _run(text, X=X, **given).value
    run = _run(text, start, X=X, **given)
    if run.certificate.is_global:
        assert run.value <= least + 1e-3 * abs(least)


def test_a_point_far_from_the_minimum_of_a_run_from_afar() -> None:
    run = gf.parse("(x - 100)^2 + abs(x)", shapes={"x": ()}).minimize({"x": 1e10}, check=False)
    assert run.certificate.is_global
    np.testing.assert_allclose(run.value, 99.75)
    assert not run.certificate_at({"x": 150.0}).is_global


@pytest.mark.parametrize("added", [0.0, 1e2, 1e5])
@pytest.mark.parametrize("text", ["c - log(x)", "c - sqrt(x)"])
def test_falls_beside_large_constants(text: str, added: float) -> None:
    function = gf.parse(text, shapes={"x": (), "c": ()}, assume={"x": "positive"})
    assert not function.minimize({"x": 1.0}, c=added, check=False).certificate.is_global


@pytest.mark.parametrize("c", [[1.000000001, 0.5, 0.5], [1.0, 0.5, 1.0], [0.9, 0.5, -0.9]])
def test_a_run_never_ends_above_its_start(c: list[float]) -> None:
    function = gf.parse("norm1(x) - c'*x", shapes={"x": ("n",), "c": ("n",)})
    run = function.minimize({"x": np.zeros(3)}, c=np.array(c), check=False)
    assert run.value <= 0


def test_a_certificate_in_many_dimensions_is_made_at_once() -> None:
    """Steps fitted by total variation: 400 kinks, of which nearly all are met."""
    text = "sumsq(x - y)/2 + c*norm1(x(2:n) - x(1:n-1))"
    function = gf.parse(text, shapes={"x": ("n",), "y": ("n",), "c": ()})
    y = np.repeat([0.0, 2.0, -1.0, 3.0], 100) + 0.3 * np.random.default_rng(0).normal(size=400)
    run = function.minimize({"x": np.zeros(400)}, y=y, c=2.0, check=False)
    assert run.certificate.is_global
    assert not run.certificate_at({"x": run.x["x"] + 0.01}).is_global
    assert run.certificate.optimality.distance <= 1e-8 * run.certificate.scale
