"""Directional derivatives from limits: accurate, and honest about their error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gradform.verify.interpreter import Environment
from gradform.verify.limits import Limit, directional_derivative
from gradform.verify.operations import Array

X0 = 0.7


def along(
    f: Callable[[Array], Array], order: int, *, at: float = X0, analytic: bool = True
) -> Limit:
    """The derivative of a scalar function in directions 1, 2, 3, …"""
    directions = [{"x": np.array([[float(k)]])} for k in range(1, order + 1)]
    point = {"x": np.array([[at]])}
    return directional_derivative(lambda env: f(env["x"]), point, directions, analytic=analytic)


@pytest.mark.parametrize("analytic", [True, False])
@pytest.mark.parametrize(
    ("order", "tolerance"), [(0, 0.0), (1, 1e-12), (2, 1e-11), (3, 1e-9), (4, 1e-7)]
)
@pytest.mark.parametrize(
    ("f", "derivatives"),
    [
        (np.exp, [math.exp(X0)] * 5),
        (np.sin, [math.sin(X0 + k * math.pi / 2) for k in range(5)]),
        (lambda x: 1 / x, [(-1) ** k * math.factorial(k) / X0 ** (k + 1) for k in range(5)]),
        (lambda x: x * x * x, [X0**3, 3 * X0**2, 6 * X0, 6, 0]),
        (np.log, [math.log(X0), 1 / X0, -1 / X0**2, 2 / X0**3, -6 / X0**4]),
    ],
)
def test_value_and_error(
    f: Callable[[Array], Array],
    derivatives: list[float],
    order: int,
    tolerance: float,
    analytic: bool,
) -> None:
    limit = along(f, order, analytic=analytic)
    expected = derivatives[order] * math.factorial(order)
    error = abs(float(limit.value[0, 0]) - expected)
    assert limit.exists
    assert error <= tolerance * max(abs(expected), 10)
    assert error <= max(10 * limit.error, 1e-15 * abs(expected))


def test_the_complex_step_is_accurate_to_rounding() -> None:
    limit = along(np.exp, 1)
    assert limit.method == "complex step"
    assert float(limit.value[0, 0]) == pytest.approx(math.exp(X0), rel=3e-16)


def test_mixed_partials_of_a_matrix_function() -> None:
    rng = np.random.default_rng(2)
    a, b, u, v = rng.standard_normal((4, 3, 3))

    def product(env: Environment) -> Array:
        return env["A"] @ env["B"] @ env["A"]

    limit = directional_derivative(product, {"A": a, "B": b}, [{"A": u}, {"B": v}], analytic=True)
    np.testing.assert_allclose(limit.value, u @ v @ a + a @ v @ u, rtol=1e-11)


def test_one_direction_may_move_several_variables() -> None:
    point = {"x": np.array([[2.0]]), "y": np.array([[3.0]])}
    direction = {"x": np.array([[1.0]]), "y": np.array([[-1.0]])}
    limit = directional_derivative(lambda env: env["x"] * env["y"], point, [direction])
    assert float(limit.value[0, 0]) == pytest.approx(1.0, rel=1e-11)


def test_a_function_that_is_not_analytic_is_noticed() -> None:
    limit = along(lambda x: x * np.conj(x), 1)
    assert limit.method == "extrapolated differences"
    assert float(limit.value[0, 0]) == pytest.approx(2 * X0, rel=1e-11)


def test_a_function_that_drops_the_imaginary_part_is_noticed() -> None:
    limit = along(lambda x: np.real(x) ** 2, 2)
    assert limit.method == "extrapolated differences"
    assert float(limit.value[0, 0]) == pytest.approx(4.0, rel=1e-9)


@pytest.mark.parametrize("analytic", [True, False])
@pytest.mark.parametrize(
    "f", [lambda x: x * np.sign(np.real(x)), lambda x: np.where(np.real(x) > 0, x, 0 * x)]
)
def test_a_kink_has_no_derivative(f: Callable[[Array], Array], analytic: bool) -> None:
    limit = along(f, 1, at=0.0, analytic=analytic)
    assert limit.kink
    assert not limit.exists


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("analytic", [True, False])
@pytest.mark.parametrize("distance", [1e-2, 1e-3])
def test_beside_a_kink_there_is_one(order: int, analytic: bool, distance: float) -> None:
    limit = along(lambda x: np.where(np.real(x) > 0, x * x + x, -x), order, at=distance)
    expected = (1 + 2 * distance) if order == 1 else 4.0
    assert limit.exists
    assert float(limit.value[0, 0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("analytic", [True, False])
def test_a_stationary_point_is_no_kink(analytic: bool) -> None:
    limit = along(lambda x: x * x, 1, at=0.0, analytic=analytic)
    assert limit.exists
    assert abs(float(limit.value[0, 0])) < 1e-12


def test_steps_stay_inside_a_narrow_domain() -> None:
    limit = along(np.log, 2, at=0.05, analytic=False)
    assert float(limit.value[0, 0]) == pytest.approx(-2 / 0.05**2, rel=1e-7)


def test_fast_variation() -> None:
    limit = along(lambda x: np.sin(1e4 * x), 1)
    assert float(limit.value[0, 0]) == pytest.approx(1e4 * math.cos(1e4 * X0), rel=1e-11)


def test_where_the_function_refuses_there_is_no_limit() -> None:
    def refuses(x: Array) -> Array:
        raise np.linalg.LinAlgError("singular")

    assert not along(refuses, 1).exists


@pytest.mark.parametrize("order", [1, 2])
def test_an_infinite_slope_is_no_limit(order: int) -> None:
    assert not along(np.sqrt, order, at=0.0).exists


def test_along_the_zero_direction() -> None:
    point = {"x": np.array([[1.0]])}
    limit = directional_derivative(lambda env: env["x"], point, [{"x": np.array([[0.0]])}])
    assert float(limit.value[0, 0]) == 0.0
    assert limit.error == 0.0
