"""Every formula and convention of the note 机器学习中的微分, in its order.

The layout is the default one throughout.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gradform as gf
from gradform.functions import lookup

Array = NDArray[Any]

SHAPES: dict[str, tuple[str | int, ...]] = {"A": ("m", "n"), "x": ("n",), "r": (1, "n")}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


# ---------------------------------------------------------------- 导数与微分


def test_partial_derivative_is_the_limit_in_one_variable(rng: np.random.Generator) -> None:
    """∂f/∂x_i = lim (f(…, x_i + Δ, …) - f(…, x_i, …))/Δ"""
    x = rng.standard_normal(5)
    derivative = gf.derivative("sum(sin(x)) * x(1)", "x(3)")
    step = 1e-6 * np.eye(5)[2]
    quotient = (derivative.value(x=x + step) - derivative.value(x=x - step)) / 2e-6
    assert derivative(x=x) == pytest.approx(quotient, rel=1e-8)


def test_partial_derivatives_keep_the_other_variables_constant() -> None:
    assert gf.derivative("x(1)^3 + x(2)", "x(1)").text == "3*x(1)^2"
    assert gf.derivative("x(1)^2*x(2)", "x(2)").text == "x(1)^2"


def test_subderivatives_of_abs_at_zero_fill_the_interval_between_the_slopes() -> None:
    """a is a subderivative at x₀ when f(x) ≥ f(x₀) + a(x - x₀) for all x."""
    record = lookup("abs")
    assert record is not None
    ((place, left, right),) = record.kinks
    assert place == 0
    x = np.linspace(-2, 2, 401)
    for a in np.linspace(left, right, 9):
        assert np.all(np.abs(x) >= a * x - 1e-15)
    for a in (left - 0.1, right + 0.1):
        assert np.any(np.abs(x) < a * x)


def test_where_a_function_is_not_differentiable_the_answer_says_so() -> None:
    assert gf.derivative("abs(c)", "c").conditions == ("c != 0",)
    assert gf.derivative("norm2(x)", "x").conditions == ("norm2(x) != 0",)
    assert gf.derivative("x'*x", "x").conditions == ()


def test_where_a_convex_function_is_differentiable_its_derivative_is_the_subderivative() -> None:
    derivative = gf.derivative("abs(c)", "c")
    assert [derivative(c=value) for value in (-2.0, 3.0)] == [-1.0, 1.0]


# ---------------------------------------------------------------- 向量导数


def test_scalar_by_column_is_the_column_of_partial_derivatives(rng: np.random.Generator) -> None:
    x = rng.standard_normal(4)
    gradient = gf.derivative("sum(exp(x)) + x(1)*x(2)", "x", shapes=SHAPES)
    assert gradient.shape == ("n",)
    entries = [
        gf.derivative("sum(exp(x)) + x(1)*x(2)", f"x({i})", shapes=SHAPES)(x=x) for i in range(1, 5)
    ]
    np.testing.assert_allclose(gradient(x=x), entries)


def test_column_by_scalar_is_a_column(rng: np.random.Generator) -> None:
    derivative = gf.derivative("sin(t*x)", "t", shapes={"t": (), "x": ("n",)})
    assert derivative.shape == ("n",)
    x = rng.standard_normal(3)
    np.testing.assert_allclose(derivative(t=0.5, x=x), x * np.cos(0.5 * x))


def test_column_by_column_is_the_jacobian_transposed(rng: np.random.Generator) -> None:
    """Entry (i, j) is ∂f_j/∂x_i; the Jacobi matrix itself is the numerator layout."""
    A, x = rng.standard_normal((2, 3)), rng.standard_normal(3)
    derivative = gf.derivative("tanh(A*x)", "x", shapes=SHAPES)
    assert derivative.shape == ("n", "m")
    value = derivative(A=A, x=x)
    for i in range(3):
        for j in range(2):
            entry = gf.derivative(f"u = tanh(A*x); u({j + 1})", f"x({i + 1})", shapes=SHAPES)
            assert value[i, j] == pytest.approx(entry(A=A, x=x))
    jacobian = gf.derivative("tanh(A*x)", "x", shapes=SHAPES, layout="numerator")
    np.testing.assert_allclose(jacobian(A=A, x=x), value.T)
    np.testing.assert_allclose(gf.jacobian("tanh(A*x)", "x", shapes=SHAPES)(A=A, x=x), value.T)


def test_row_by_row_is_the_transpose_of_column_by_column(rng: np.random.Generator) -> None:
    A, x = rng.standard_normal((2, 3)), rng.standard_normal(3)
    columns = gf.derivative("tanh(A*x)", "x", shapes=SHAPES)
    rows = gf.derivative("tanh(A*x)'", "x'", shapes=SHAPES)
    assert rows.shape == ("m", "n")
    np.testing.assert_allclose(rows(A=A, x=x), columns(A=A, x=x).T)
    declared = gf.derivative("tanh(r*A')", "r", shapes=SHAPES)
    np.testing.assert_allclose(declared(A=A, r=x[None]), columns(A=A, x=x).T)


def test_the_default_layout_is_the_convention_of_the_note() -> None:
    assert gf.settings.layout == "ml"
    assert gf.derivative("A*x", "x").layout == "ml"


# ---------------------------------------------------------------- 常用向量导数结果


def test_linear_map() -> None:
    """∂(Ax)/∂x = Aᵀ"""
    derivative = gf.derivative("A*x", "x", shapes=SHAPES)
    assert derivative.text == "A'"
    assert derivative.unicode == "Aᵀ"
    assert derivative.shape == ("n", "m")


def test_linear_map_of_rows() -> None:
    """∂(xᵀAᵀ)/∂xᵀ = A"""
    derivative = gf.derivative("x'*A'", "x'", shapes=SHAPES)
    assert derivative.text == "A"
    assert derivative.shape == ("m", "n")


def test_quadratic_form() -> None:
    """∇xᵀAx = (A + Aᵀ)x"""
    derivative = gf.gradient("x'*A*x", "x")
    assert derivative.text == "(A + A')*x"
    assert derivative.unicode == "(A + Aᵀ)·x"
    assert derivative.certificate


def test_quadratic_form_of_a_symmetric_matrix() -> None:
    assert gf.gradient("x'*A*x", "x", assume={"A": "symmetric"}).text == "2*A*x"


@pytest.mark.parametrize("function", ["norm2(x)^2", "x'*x", "sum(x.^2)", "dot(x, x)"])
def test_squared_length(function: str) -> None:
    """∇‖x‖² = 2x"""
    assert gf.gradient(function, "x").text == "2*x"


@pytest.mark.parametrize("function", ["norm2(X)^2", "tr(X'*X)", "sum(X.*X)"])
def test_squared_frobenius_norm(function: str) -> None:
    """∇‖X‖_F² = 2X"""
    derivative = gf.gradient(function, "X")
    assert derivative.text == "2*X"
    assert derivative.shape == ("m", "n")


# ---------------------------------------------------------------- 链式法则


def test_chain_rule_of_scalars() -> None:
    """dy/dx = dy/du · du/dx"""
    assert gf.derivative("u = b^2; sin(u)", "b").text == "2*b*cos(b^2)"


def test_chain_rule_of_several_variables_sums_over_the_intermediates(
    rng: np.random.Generator,
) -> None:
    """∂y/∂x_i = Σ_j ∂y/∂u_j ∂u_j/∂x_i"""
    A, x = rng.standard_normal((4, 3)), rng.standard_normal(3)
    whole = gf.derivative("u = tanh(A*x); prod(u)", "x", shapes=SHAPES)(A=A, x=x)
    inner = gf.derivative("tanh(A*x)", "x", shapes=SHAPES)(A=A, x=x)
    outer = gf.derivative("prod(u)", "u", shapes={"u": ("m",)})(u=np.tanh(A @ x))
    np.testing.assert_allclose(whole, [sum(inner[i] * outer) for i in range(3)])


def test_chain_rule_of_three_layers_sums_over_all_paths(rng: np.random.Generator) -> None:
    """∂z/∂x_i = Σ_{k,l} ∂z/∂u_k ∂u_k/∂v_l ∂v_l/∂x_i; in this layout the factors of the
    matrix product stand from the inside out."""
    shapes = {"A": ("q", "n"), "B": ("p", "q"), "x": ("n",)}
    A, B, x = rng.standard_normal((4, 3)), rng.standard_normal((2, 4)), rng.standard_normal(3)
    z = gf.derivative("v = sin(A*x); u = exp(B*v); sum(u.^2)", "x", shapes=shapes)
    v = gf.derivative("sin(A*x)", "x", shapes=shapes)(A=A, x=x)
    u = gf.derivative("exp(B*v)", "v", shapes={"B": ("p", "q"), "v": ("q",)})
    u_of_v = u(B=B, v=np.sin(A @ x))
    z_of_u = gf.derivative("sum(u.^2)", "u")(u=np.exp(B @ np.sin(A @ x)))
    paths = sum(v[:, place] * u_of_v[place, k] * z_of_u[k] for k in range(2) for place in range(4))
    np.testing.assert_allclose(z(A=A, B=B, x=x), paths)
    np.testing.assert_allclose(z(A=A, B=B, x=x), v @ u_of_v @ z_of_u)
