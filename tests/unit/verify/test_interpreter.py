"""The second interpreter: MATLAB's meaning of the language, on 2-D arrays."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradform.errors import ArrayError, ShapeError, UnknownNameError
from gradform.formula.tree import Formula, Name, Neg
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import compile_formula, evaluate
from gradform.verify.operations import Array
from tests.support.work import calls_of
from tests.unit.verify.formulas import formula

SIZES = {"m": 3, "n": 4}
RNG = np.random.default_rng(7)
A = RNG.standard_normal((3, 4))
X = RNG.standard_normal((4, 4))
x = RNG.standard_normal((4, 1))
y = RNG.standard_normal((4, 1))
b = RNG.standard_normal((3, 1))
r = RNG.standard_normal((1, 4))
a = np.array([[1.5]])
c = np.array([[-0.5]])
ENV = {"A": A, "X": X, "x": x, "y": y, "b": b, "r": r, "a": a, "c": c}


def value(text: str) -> Array:
    found = formula(text, "".join(ENV))
    return evaluate(found.program, ENV, SIZES, found.shapes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A*x - b", A @ x - b),
        ("-x", -x),
        ("x - y + x", x - y + x),
        ("x'*y", x.T @ y),
        ("x*y'", x @ y.T),
        ("a*A", 1.5 * A),
        ("A*x/a", A @ x / 1.5),
        ("A'*b./x", A.T @ b / x),
        ("x.*y.*x", x * y * x),
        ("r.*x'", r * x.T),
        ("2*3/4", np.array([[1.5]])),
        ("x.^2'", (x**2).T),
        ("x.^-2", x**-2.0),
        ("x.^0", np.ones((4, 1))),
        ("a^c", a**-0.5),
        ("2^-a", 2**-a),
        ("c^3", c**3),
        ("X^3", X @ X @ X),
        ("X^0", np.eye(4)),
        ("X^-2", np.linalg.inv(X) @ np.linalg.inv(X)),
        ("x(2)", x[1:2]),
        ("r(2)", r[:, 1:2]),
        ("A(1,3)", A[:1, 2:3]),
        ("A(:,1)", A[:, :1]),
        ("A(2:3,1:2)", A[1:3, :2]),
        ("x(2:n)", x[1:]),
        ("x(n)", x[3:]),
        ("A(m,n-1)", A[2:3, 2:3]),
        ("[A, b]", np.hstack([A, b])),
        ("[x; y]", np.vstack([x, y])),
        ("[a, c; c, a]", np.array([[1.5, -0.5], [-0.5, 1.5]])),
        ("tanh(x) + exp(x)", np.tanh(x) + np.exp(x)),
        ("x'*eye*x", x.T @ x),
        ("X - a*eye", X - 1.5 * np.eye(4)),
        ("eye(n)*x", x),
        ("x + vector(2)", x + 2),
        ("A + matrix(a)", A + 1.5),
        ("ones(m)", np.ones((3, 1))),
        ("A + ones(m, n)", A + 1),
        ("sum(A, 1)", A.sum(axis=0, keepdims=True)),
        ("sum(A, 2)", A.sum(axis=1, keepdims=True)),
        ("n*x/m", 4 * x / 3),
        ("2*pi*a", np.array([[3 * np.pi]])),
        ("u = A*x; v = u - b; v'*u", (A @ x - b).T @ A @ x),
        ("u = A*x; u(2)", (A @ x)[1:2]),
    ],
)
def test_value(text: str, expected: Array) -> None:
    found = value(text)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_complex_arrays_are_transposed_without_conjugation() -> None:
    z = x + 1j * y
    found = evaluate(parse_formula("z'*z"), {"z": z}, {})
    np.testing.assert_allclose(found, z.T @ z)


def test_negative_base_with_integer_power_keeps_its_sign_for_complex_arrays() -> None:
    found = evaluate(parse_formula("c^3"), {"c": c + 1e-40j}, {})
    np.testing.assert_allclose(found.real, c**3)
    np.testing.assert_allclose(found.imag / 1e-40, 3 * c**2)


def test_constants_with_a_written_size_need_no_shapes() -> None:
    np.testing.assert_array_equal(
        evaluate(parse_formula("eye(n) + ones(n, n)"), {}, {"n": 2}), [[2, 1], [1, 2]]
    )


def test_constants_without_a_size_need_shapes() -> None:
    with pytest.raises(ShapeError):
        evaluate(parse_formula("x + vector(1)"), {"x": x}, {})


def test_a_value_outside_the_domain_is_nan_without_a_warning() -> None:
    assert np.isnan(value("log(c)")).all()


def test_arrays_must_have_two_axes() -> None:
    with pytest.raises(ArrayError, match="1 axes"):
        evaluate(Name("x"), {"x": np.ones(3)}, {})


@pytest.mark.parametrize("text", ["q", "q(x)", "ones(q)", "x(q)"])
def test_unknown_names(text: str) -> None:
    with pytest.raises((UnknownNameError, ShapeError)):
        evaluate(parse_formula(text), ENV, SIZES)


@pytest.mark.parametrize(
    "text",
    [
        "x + b",
        "x + x'",
        "x.*b",
        "x*y",
        "a/x",
        "x^2",
        "2^x",
        "X^0.5",
        "A^2",
        "x(5)",
        "x(0)",
        "x(1:5)",
        "A(1)",
        "A(1,2,3)",
        "x(1/2)",
        "tanh(x, y)",
    ],
)
def test_operands_that_do_not_fit(text: str) -> None:
    with pytest.raises(ShapeError):
        evaluate(parse_formula(text), ENV, SIZES)


def test_depth_is_no_problem() -> None:
    deep: Formula = Name("x")
    for _ in range(10_001):
        deep = Neg(deep)
    np.testing.assert_array_equal(evaluate(deep, {"x": x}, {}), -x)


def test_functions_that_are_not_analytic_are_noticed() -> None:
    analytic = compile_formula(parse_formula("tanh(x)"), ["x"], {})
    other = compile_formula(parse_formula("x + eig(X)"), ["x", "X"], {})
    assert analytic.analytic
    assert not other.analytic


def test_twenty_operations_take_few_calls() -> None:
    """Sixteen operations and the evaluator itself: nothing is looked up again at a point."""
    text = "(A*x - b)'*(A*x - b)/2 + tanh(x'*x)*exp(-x'*x/4) + 3*x'*A'*b"
    run = compile_formula(parse_formula(text), ENV, SIZES)
    assert calls_of(lambda: run(ENV)) <= 3 * 20


def test_the_package_does_not_import_numpy() -> None:
    code = "import sys, gradform; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
