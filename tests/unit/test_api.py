"""The Python interface: every function and attribute, on scalars, columns, rows and matrices."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gradform as gf
from tests.support.differences import neutral_derivative

Array = NDArray[Any]
Shapes = Mapping[str, tuple[str | int, ...]]

SIZES = {"m": 3, "n": 4, "p": 2}
SHAPES: Shapes = {
    "c": (),
    "x": ("n",),
    "y": ("n",),
    "b": ("m",),
    "r": (1, "n"),
    "A": ("m", "n"),
    "S": ("n", "n"),
    "X": ("n", "p"),
}


def point(seed: int = 3, shapes: Shapes = SHAPES) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal([SIZES.get(str(size), 1) for size in shape])
        for name, shape in shapes.items()
    }


# ---------------------------------------------------------------- one answer


FIELDS = (
    *("function", "wrt", "order", "layout", "constraint", "text", "unicode", "latex"),
    *("index_notation", "differential", "shape", "shapes", "structures", "inferred"),
    *("definitions", "conditions", "kinks", "notes", "numpy_source"),
)


def plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return json.loads(json.dumps(value))


@pytest.fixture(scope="module")
def answer() -> gf.Derivative:
    return gf.derivative(
        "x'*S*x / c",
        wrt="x",
        shapes={"S": ("n", "n"), "x": ("n",), "c": ()},
        layout="ml",
        order=1,
        assume={"S": "symmetric"},
        constraint=None,
        conditions=["n > 1"],
    )


def test_forms(answer: gf.Derivative) -> None:
    assert str(answer) == answer.text == "2*S*x/c"
    assert answer.unicode == "2·S·x/c"
    assert r"\mathbf{S}" in answer.latex
    assert answer._repr_latex_() == f"$\\displaystyle {answer.latex}$"
    assert answer.index_notation.startswith("D[i] = ")
    assert answer.differential == "df = (2*S*x/c)'*dx"
    assert answer.quotient == "∂f/∂x"
    assert answer.quotient_latex == r"\frac{\partial f}{\partial \mathbf{x}}"


def test_facts(answer: gf.Derivative) -> None:
    assert answer.function == "x'*S*x / c"
    assert answer.wrt == ("x",)
    assert answer.order == 1
    assert answer.layout == "ml"
    assert answer.constraint is None
    assert answer.shape == ("n",)
    assert answer.shapes == {"S": ("n", "n"), "x": ("n",), "c": ()}
    assert answer.structures == {"S": ("symmetric",)}
    assert answer.inferred == ()
    assert answer.conditions == ("c != 0", "n > 1")
    assert answer.notes == ()
    assert answer.definitions == {}


def test_values(answer: gf.Derivative) -> None:
    S = np.array([[2.0, 1.0], [1.0, 3.0]])
    x = np.array([1.0, -1.0])
    np.testing.assert_allclose(answer(S=S, x=x, c=2.0), S @ x)
    np.testing.assert_allclose(answer.tensor(S=S, x=x, c=2.0), S @ x)
    assert answer.value(S=S, x=x, c=2.0) == pytest.approx(1.5)


def test_certificate(answer: gf.Derivative) -> None:
    certificate = answer.certificate
    assert certificate
    assert set(certificate.checked) == {"formula", "code"}
    assert certificate.points >= 4
    assert len(certificate.sizes) >= 2
    assert certificate.worst_error <= certificate.tolerance <= 1e-7
    assert "confirmed at" in str(certificate)


def test_generated_code(answer: gf.Derivative) -> None:
    namespace: dict[str, Any] = {}
    exec(answer.numpy_source, namespace)
    value, derivative = namespace["derivative"](S=np.eye(2), x=np.ones(2), c=1.0)
    assert value == 2.0
    np.testing.assert_array_equal(derivative, [2.0, 2.0])


def test_dictionary_has_every_field_in_plain_types(answer: gf.Derivative) -> None:
    fields = answer.to_dict()
    assert set(fields) == {*FIELDS, "certificate"}
    assert fields["text"] == answer.text
    assert fields["certificate"]["points"] == answer.certificate.points
    for name in FIELDS:
        assert fields[name] == plain(getattr(answer, name))


def test_answers_compare_hash_and_pickle(answer: gf.Derivative) -> None:
    again = pickle.loads(pickle.dumps(answer))
    assert again == answer
    assert hash(again) == hash(answer)
    assert again.certificate == answer.certificate
    assert again != gf.derivative("x'*x", "x")
    assert "2*S*x/c" in repr(answer)


# ---------------------------------------------------------------- questions

FUNCTIONS = [
    ("sum(exp(x)) * c", "c"),
    ("x'*S*x", "x"),
    ("r*S*r'", "r"),
    ("norm2(A*x - b)^2", "x"),
    ("norm2(A*x - b)^2", "A"),
    ("tanh(A*x)", "x"),
    ("r.^2", "r"),
    ("S*x", "x'"),
    ("r*S", "r'"),
    ("tr(S*X*X')", "X"),
    ("A*X", "X"),
    ("c*X", "c"),
    ("x*c", "c"),
    ("softmax(x)", "x"),
    ("logsumexp(r)", "r"),
    ("[x; y]' * [x; x.^2]", "x"),
    ("u = A*x - b; v = tanh(u); v'*v", "x"),
    ("sum(x(2:n).^3)", "x"),
    ("sum(A, 1)*x", "A"),
]


@pytest.mark.parametrize(("function", "wrt"), FUNCTIONS)
def test_derivative_against_differences(function: str, wrt: str) -> None:
    derivative = gf.derivative(function, wrt, shapes=SHAPES)
    assert derivative.certificate
    arrays = point()
    name = wrt.rstrip("'")
    expression = gf.parse(function, shapes=SHAPES)
    expected = neutral_derivative(
        lambda value: expression.tensor(**{**arrays, name: value}), arrays[name]
    )
    shape = [extent for extent in expected.shape if extent != 1]
    np.testing.assert_allclose(
        derivative.tensor(**arrays), expected.reshape(shape), rtol=1e-7, atol=1e-8
    )


def test_element_of_a_vector_and_of_a_matrix() -> None:
    arrays = point()
    whole = gf.derivative("sum(sin(A*x))", "A", shapes=SHAPES)(**arrays)
    entry = gf.derivative("sum(sin(A*x))", "A(3,2)", shapes=SHAPES)
    assert entry.shape == ()
    assert entry(**arrays) == pytest.approx(whole[2, 1])
    assert entry.differential.endswith("*dA(3,2)")
    column = gf.derivative("sin(A*x)", "x(4)", shapes=SHAPES)
    jacobian = gf.jacobian("sin(A*x)", "x", shapes=SHAPES)(**arrays)
    assert column.shape == ("m",)
    np.testing.assert_allclose(column(**arrays), jacobian[:, 3])
    of_row = gf.derivative("r*S*r'", "r(2)", shapes=SHAPES)
    by_row = gf.derivative("r*S*r'", "r", shapes=SHAPES)
    assert of_row(**arrays) == pytest.approx(by_row(**arrays)[0, 1])


def test_element_of_a_vector_too_short() -> None:
    with pytest.raises(gf.InputError) as caught:
        gf.derivative("x'*x", "x(4)", shapes={"x": (3,)})
    assert caught.value.kind == "index_out_of_range"


def test_orders_and_mixed_partials() -> None:
    arrays = point()
    hessian = gf.derivative("sum(exp(A*x))", "x", shapes=SHAPES, order=2)
    A, x = arrays["A"], arrays["x"]
    np.testing.assert_allclose(hessian(**arrays), A.T @ np.diag(np.exp(A @ x)) @ A)
    third = gf.derivative("c^5", "c", order=3)
    assert third.text == "60*c^2"
    mixed = gf.derivative("x'*S*y", ["x", "y"], shapes=SHAPES, order=2)
    assert isinstance(mixed, gf.Derivative)
    assert mixed.text == "S"
    assert mixed.quotient == "∂²f/∂x∂y"
    elements = gf.derivative("x(1)^2*x(2)^3", ["x(1)", "x(2)"], order=2)
    assert isinstance(elements, gf.Derivative)
    assert elements.text == "6*x(1)*x(2)^2"


def test_several_variables() -> None:
    both = gf.derivative("norm2(A*x-b)^2", ["x", "A"], shapes=SHAPES)
    assert isinstance(both, gf.Derivatives)
    assert list(both) == ["x", "A"]
    assert len(both) == 2
    assert both["A"].text == "2*(A*x - b)*x'"
    assert str(both).splitlines()[0] == "x: 2*A'*(A*x - b)"
    assert both.to_layout("numerator")["x"].shape == (1, "n")
    assert set(both.to_dict()) == {"x", "A"}
    assert r"\begin{aligned}" in both._repr_latex_()
    assert pickle.loads(pickle.dumps(both)) == both
    assert hash(both) == hash(gf.to_layout(both, "ml"))


def test_without_a_variable_all_are_taken() -> None:
    only = gf.derivative("x'*x")
    assert isinstance(only, gf.Derivative)
    assert only.text == "2*x"
    for several in (gf.derivative("x'*A*x"), gf.hessian("x'*A*x", check=False)):
        assert isinstance(several, gf.Derivatives)
        assert list(several) == ["x", "A"]
    with pytest.raises(gf.InputError) as caught:
        gf.derivative("pi^2")
    assert caught.value.kind == "wrt_undeclared"


def test_by_something_absent_is_zero() -> None:
    zero = gf.derivative("x'*x", "X", shapes=SHAPES)
    assert zero.shape == ("n", "p")
    np.testing.assert_array_equal(zero(x=np.ones(4), X=np.ones((4, 2))), np.zeros((4, 2)))
    with pytest.raises(gf.UnknownNameError) as caught:
        gf.derivative("x'*x", "q", shapes=SHAPES)
    assert caught.value.kind == "wrt_undeclared"


@pytest.mark.parametrize(
    ("wrt", "order"), [("x", 0), ("x", -1), (["x", "S"], 3), ("x", True), ("x", 1.0)]
)
def test_orders_that_make_no_sense(wrt: Any, order: Any) -> None:
    with pytest.raises(gf.InputError) as caught:
        gf.derivative("x'*S*x", wrt, order=order)
    assert caught.value.kind == "order"


def test_both_meanings_of_a_structured_matrix() -> None:
    plain = gf.derivative("x'*S*x", "S", assume={"S": "symmetric"})
    assert plain.text == "x*x'"
    tied = gf.derivative("x'*S*x", "S", constraint="symmetric")
    assert tied.constraint == "symmetric"
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(tied(x=x, S=np.eye(2)), [[1.0, 4.0], [4.0, 4.0]])
    square = {"A": ("n", "n"), "S": ("n", "n")}
    entry = gf.derivative("tr(A*S)", "S(1,2)", shapes=square, constraint="symmetric")
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert entry(A=A, S=np.eye(2)) == 5.0
    with pytest.raises(gf.InputError):
        gf.derivative("x'*x", "x", constraint="symmetric")
    with pytest.raises(gf.InputError):
        gf.derivative("x'*S*x", "S", constraint="triangular")


def test_gradient_jacobian_and_hessian() -> None:
    assert gf.gradient("x'*S*x", "x").shape == ("n",)
    assert gf.gradient("r*S*r'", "r", shapes=SHAPES).shape == (1, "n")
    assert gf.jacobian("x'*S*x", "x").shape == (1, "n")
    assert gf.jacobian("A*x", "x").text == "A"
    assert gf.hessian("x'*S*x", "x").text == "S + S'"
    for only_scalars in (gf.gradient, gf.hessian, gf.hvp):
        with pytest.raises(gf.InputError):
            only_scalars("A*x", "x")


def test_layout_setting() -> None:
    gf.settings.layout = "numerator"
    try:
        assert gf.derivative("A*x", "x").text == "A"
        with gf.settings(layout="ml"):
            assert gf.derivative("A*x", "x").text == "A'"
        assert gf.settings.layout == "numerator"
        assert gf.derivative("A*x", "x", layout="denominator").text == "A'"
    finally:
        gf.settings.layout = "ml"
    assert "ml" in repr(gf.settings)


def test_without_check_the_certificate_waits() -> None:
    answer = gf.derivative("x'*x", "x", check=False)
    assert answer.confirmed is None
    assert answer.to_dict()["certificate"] is None
    assert answer.certificate
    assert answer.confirmed is not None


# ---------------------------------------------------------------- products

PRODUCTS = [
    ("norm2(A*x - b)^2", "x"),
    ("tanh(A*x)", "x"),
    ("r*S", "r"),
    ("logsumexp(r)", "r"),
    ("S*X", "X"),
    ("tr(X'*S*X)", "X"),
    ("c*x", "c"),
    ("sin(c)*c", "c"),
]


@pytest.mark.parametrize(("function", "wrt"), PRODUCTS)
def test_jvp_against_differences(function: str, wrt: str) -> None:
    product = gf.jvp(function, wrt, direction="v", shapes=SHAPES)
    assert product.certificate
    expression = gf.parse(function, shapes=SHAPES)
    assert product.shape == expression.shape
    assert product.shapes["v"] == SHAPES[wrt]
    arrays = point()
    v = point(8)[wrt]
    moved = neutral_derivative(
        lambda t: expression(**{**arrays, wrt: arrays[wrt] + t * v}), np.zeros(())
    )
    np.testing.assert_allclose(product(v=v, **arrays), moved, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("function", "wrt"), PRODUCTS)
def test_vjp_against_differences(function: str, wrt: str) -> None:
    product = gf.vjp(function, wrt, cotangent="u", shapes=SHAPES)
    assert product.certificate
    assert product.shape == SHAPES[wrt]
    expression = gf.parse(function, shapes=SHAPES)
    assert product.shapes["u"] == expression.shape
    arrays = point()
    u = np.random.default_rng(9).standard_normal(np.shape(expression(**arrays)))
    pulled = neutral_derivative(
        lambda value: np.sum(u * expression(**{**arrays, wrt: value})), arrays[wrt]
    )
    np.testing.assert_allclose(product(u=u, **arrays), pulled, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("function", "wrt"),
    [("norm2(A*x - b)^2", "x"), ("logsumexp(r)", "r"), ("sum(exp(S*X))", "X"), ("c^4", "c")],
)
def test_hvp_against_differences(function: str, wrt: str) -> None:
    product = gf.hvp(function, wrt, direction="v", shapes=SHAPES)
    assert product.certificate
    assert product.shape == SHAPES[wrt]
    gradient = gf.gradient(function, wrt, shapes=SHAPES)
    arrays = point()
    v = point(8)[wrt]
    moved = neutral_derivative(
        lambda t: gradient(**{**arrays, wrt: arrays[wrt] + t * v}), np.zeros(())
    )
    np.testing.assert_allclose(product(v=v, **arrays), moved, rtol=1e-6, atol=1e-7)


def test_products_as_formulas() -> None:
    assert gf.jvp("A*x", "x").text == "A*v"
    assert gf.vjp("A*x", "x").text == "A'*u"
    assert gf.hvp("x'*S*x", "x", assume={"S": "symmetric"}).text == "2*S*v"
    assert gf.jvp("A*x", "x").quotient == "Df[v]"
    assert pickle.loads(pickle.dumps(gf.hvp("x'*x", "x"))).text == "2*v"
    assert gf.to_layout(gf.jvp("A*x", "x"), "denominator").shape == (1, "m")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: gf.jvp("A*x", "x", direction="A"),
        lambda: gf.jvp("A*x", "x", direction="sin"),
        lambda: gf.jvp("A*x", "x", direction="2v"),
        lambda: gf.jvp("A*x", "x", direction="n", shapes=SHAPES),
        lambda: gf.jvp("A*x", "q", shapes=SHAPES),
        lambda: gf.jvp("A*x", "x(1)"),
        lambda: gf.jvp("A*x"),
        lambda: gf.vjp("A*x", "x", cotangent="x"),
        lambda: gf.vjp("A*x", "x'"),
        lambda: gf.hvp("x'*S*x", "S", constraint="symmetric"),
    ],
)
def test_products_refuse_what_they_cannot_mean(ask: Any) -> None:
    with pytest.raises(gf.InputError):
        ask()


# ---------------------------------------------------------------- expressions


def test_parsed_expression() -> None:
    expression = gf.parse("u = A*x - b; u'*u", shapes=SHAPES)
    assert expression.text == str(expression) == "u = A*x - b; u'*u"
    assert expression.unicode == "u = A·x - b; uᵀ·u"
    assert expression.latex
    assert expression._repr_latex_().startswith("$")
    assert expression.shape == ()
    assert expression.shapes["A"] == ("m", "n")
    assert expression.definitions == {"u": "A*x - b"}
    assert expression.conditions == ()
    assert expression.notes == ()
    assert expression.derivative("x").text == "2*A'*(A*x - b)"
    assert expression.derivative("x", layout="numerator").shape == (1, "n")
    arrays = point()
    residual = arrays["A"] @ arrays["x"] - arrays["b"]
    assert expression(**arrays) == pytest.approx(residual @ residual)
    assert expression.value(**arrays) == expression(**arrays)
    assert pickle.loads(pickle.dumps(expression)) == expression
    assert "def value(" in expression.numpy_source


def test_parsed_expression_infers_by_letter() -> None:
    expression = gf.parse("A*x")
    assert expression.shapes == {"A": ("m", "n"), "x": ("n",)}
    assert expression.variables == ("A", "x")
    assert gf.parse("A*x", assume={"A": "symmetric"}).structures == {"A": ("symmetric",)}


def test_values_of_expressions_have_users_shapes() -> None:
    arrays = point()
    row = gf.parse("r*S", shapes=SHAPES)
    assert row.shape == (1, "n")
    assert row(**arrays).shape == (1, 4)
    assert row.tensor(**arrays).shape == (4,)
    assert gf.parse("S*x", shapes=SHAPES)(**arrays).shape == (4,)
    assert isinstance(gf.parse("x'*x", shapes=SHAPES)(**arrays), float)


def test_the_printed_formula_is_an_expression_again() -> None:
    for function, wrt in FUNCTIONS:
        derivative = gf.derivative(function, wrt, shapes=SHAPES)
        if len(derivative.shape) <= 2:
            again = gf.parse(derivative.text, shapes=derivative.shapes)
            np.testing.assert_allclose(again(**point()), derivative(**point()), rtol=1e-10)


@pytest.fixture
def variables() -> dict[str, gf.Expression]:
    return {
        "c": gf.scalar("c"),
        "x": gf.vector("x", "n"),
        "y": gf.vector("y", "n"),
        "b": gf.vector("b", "m"),
        "r": gf.row("r", "n"),
        "A": gf.matrix("A", "m", "n"),
        "S": gf.matrix("S", "n", "n", structure="symmetric"),
    }


def test_operators_build_the_formula_numpy_would_compute(
    variables: dict[str, gf.Expression],
) -> None:
    cases: dict[str, Any] = {
        "A*x - b": lambda c, x, y, b, r, A, S: A @ x - b,
        "norm2(A*x - b)^2": lambda c, x, y, b, r, A, S: gf.norm2(A @ x - b) ** 2,
        "c*x/c": lambda c, x, y, b, r, A, S: c * x / c,
        "x.*y./x": lambda c, x, y, b, r, A, S: x * y / x,
        "x.^2": lambda c, x, y, b, r, A, S: x**2,
        "2.^x": lambda c, x, y, b, r, A, S: 2**x,
        "vector(1) + x": lambda c, x, y, b, r, A, S: 1 + x,
        "x - vector(c)": lambda c, x, y, b, r, A, S: x - c,
        "r + vector(1)'": lambda c, x, y, b, r, A, S: r + 1,
        "A - matrix(0.5)": lambda c, x, y, b, r, A, S: A - 0.5,
        "1/c": lambda c, x, y, b, r, A, S: 1 / c,
        "1./x": lambda c, x, y, b, r, A, S: 1 / x,
        "-x": lambda c, x, y, b, r, A, S: -x,
        "-3*x": lambda c, x, y, b, r, A, S: -3 * +x,
        "abs(x)": lambda c, x, y, b, r, A, S: abs(x),
        "x'*S*x": lambda c, x, y, b, r, A, S: x.T @ S @ x,
        "x": lambda c, x, y, b, r, A, S: x.T.T,
        "softmax(A, 2)": lambda c, x, y, b, r, A, S: gf.softmax(A, axis=1),
        "sum(A, 1)": lambda c, x, y, b, r, A, S: gf.sum(A, 0),
        "sum(A, 2)": lambda c, x, y, b, r, A, S: gf.sum(A, axis=-1),
        "c*eye": lambda c, x, y, b, r, A, S: c * gf.eye(),
        "ones(m, n).*A": lambda c, x, y, b, r, A, S: gf.ones("m", "n") * A,
        "polygamma(2, x)": lambda c, x, y, b, r, A, S: gf.polygamma(2, x),
        "0.1*x": lambda c, x, y, b, r, A, S: 0.1 * x,
        "1/3*x": lambda c, x, y, b, r, A, S: Fraction(1, 3) * x,
    }
    for text, build in cases.items():
        expression = build(**variables)
        assert expression.text == text


def test_operators_evaluate_like_numpy(variables: dict[str, gf.Expression]) -> None:
    arrays = point()
    arrays["S"] = arrays["S"] + arrays["S"].T
    builders: list[Any] = [
        lambda x, y, b, r, A, S: A @ (x * y) - b / 2,
        lambda x, y, b, r, A, S: (x.T @ S @ y) ** 2 + 1,
        lambda x, y, b, r, A, S: A[0:2] @ S,
        lambda x, y, b, r, A, S: (A @ S)[:, 1:3],
        lambda x, y, b, r, A, S: r @ S - 1,
    ]
    for build in builders:
        names = ("x", "y", "b", "r", "A", "S")
        symbolic = build(*(variables[name] for name in names))
        plain = build(*(arrays[name] for name in names))
        given = {name: arrays[name] for name in symbolic.variables}
        np.testing.assert_allclose(symbolic(**given), plain)


def test_indices_count_from_zero(variables: dict[str, gf.Expression]) -> None:
    x, r, A, S = (variables[name] for name in ("x", "r", "A", "S"))
    texts = {
        "x(1)": x[0],
        "x(n)": x[-1],
        "x(2:n)": x[1:],
        "x(1:n-1)": x[:-1],
        "x(1:k)": x[:"k"],
        "r(3)": r[2],
        "A(1, :)": A[0],
        "A(1, 2)": A[0, 1],
        "A(:, n)": A[:, -1],
        "A(2:3, :)": A[1:3, 0:"n"],
        "unit(m, 2)'*(A*x)": (A @ x)[1],
        "select(m, 2, m)*(A*x)": (A @ x)[1:],
        "A*S*unit(n, 1)": (A @ S)[:, 0],
        "r*S*select(n, 1, 2)'": (r @ S)[:2],
    }
    for text, expression in texts.items():
        assert expression.text.replace("n - 1", "n-1") == text
    assert A[0].shape == (1, "n")
    assert x[1:].shape == ("n-1",)
    assert x[0].shape == ()


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (lambda v: v["x"] @ v["y"], "dimension_mismatch"),
        (lambda v: v["A"] @ v["b"], "dimension_mismatch"),
        (lambda v: v["A"] * v["x"], "dimension_mismatch"),
        (lambda v: v["x"] + v["b"], "dimension_mismatch"),
        (lambda v: v["x"] + v["r"], "dimension_mismatch"),
        (lambda v: np.eye(3) @ v["A"], "array"),
        (lambda v: v["x"] + "y", "array"),
        (lambda v: v["x"] * True, "array"),
        (lambda v: v["x"] * float("nan"), "bad_number"),
        (lambda v: v["x"][0, 0], "arity"),
        (lambda v: v["x"][::2], "syntax"),
        (lambda v: v["x"][1.5], "syntax"),
        (lambda v: gf.eye()[0], "ambiguous"),
        (lambda v: gf.det(v["A"]), "not_square"),
        (lambda v: gf.norm2(), "arity"),
        (lambda v: gf.norm2(v["x"], axis=1), "arity"),
        (lambda v: gf.sum(v["A"], axis=2), "syntax"),
        (lambda v: gf.sum(v["A"], along=1), "arity"),
        (lambda v: gf.polygamma(1.5, v["c"]), "syntax"),
        (lambda v: v["x"] + gf.vector("x", "m"), "redefined"),
        (lambda v: gf.vector("sin", "n"), "reserved_name"),
        (lambda v: gf.vector("x", "n", structure="nice"), "structure"),
        (lambda v: v["x"].named("x"), "redefined"),
        (lambda v: v["x"].named("exp"), "reserved_name"),
        (lambda v: v["x"].named("u") + v["y"].named("u"), "redefined"),
    ],
)
def test_mistakes_are_named_where_they_are_made(
    build: Any, kind: str, variables: dict[str, gf.Expression]
) -> None:
    with pytest.raises(gf.InputError) as caught:
        build(variables)
    assert caught.value.kind == kind


def test_expressions_are_neither_iterable_nor_functions_of_unknown_names(
    variables: dict[str, gf.Expression],
) -> None:
    with pytest.raises(TypeError):
        iter(variables["x"])
    with pytest.raises(AttributeError):
        _ = gf.no_such_function


def test_variables_may_be_given_as_expressions(variables: dict[str, gf.Expression]) -> None:
    x, A = variables["x"], variables["A"]
    f = gf.sum(gf.exp(A @ x))
    assert f.derivative(x) == f.derivative("x")
    both = gf.derivative(f, [x, A])
    assert isinstance(both, gf.Derivatives)
    assert both["A"] == f.derivative("A")
    assert f.derivative(x.T).shape == (1, "n")
    assert f.derivative(x[1]) == f.derivative("x(2)")


def test_named_intermediates_are_kept(variables: dict[str, gf.Expression]) -> None:
    u = (variables["A"] @ variables["x"] - variables["b"]).named("u")
    f = u.T @ u
    assert f.text == "u = A*x - b; u'*u"
    assert f.derivative("x").definitions == {"u": "A*x - b"}


def test_declarations_are_added_to_those_of_an_expression(
    variables: dict[str, gf.Expression],
) -> None:
    x = variables["x"]
    square = x.T @ gf.matrix("Q", "n", "n") @ x
    assert gf.derivative(square, "x", assume={"Q": "symmetric"}).text == "2*Q*x"


def test_shared_parts_of_long_expressions_stay_shared() -> None:
    x = gf.vector("x", "n")
    h = x
    for _ in range(14):
        h = gf.sin(h * h + x)
    derivative = gf.sum(h).derivative("x", check=False)
    at = np.array([0.3, -0.4])
    expected = neutral_derivative(lambda value: gf.sum(h)(x=value), at)
    np.testing.assert_allclose(derivative(x=at), expected, rtol=1e-6)


def test_expressions_compare_by_what_they_say() -> None:
    x, y = gf.vector("x", "n"), gf.vector("x", "n")
    assert x == y
    assert hash(x) == hash(y)
    assert x != gf.vector("x", "m")
    assert x != 1


# ---------------------------------------------------------------- arrays


@pytest.mark.parametrize(
    "arrays",
    [
        {"A": np.ones((2, 3))},
        {"A": np.ones((2, 3)), "x": np.ones(2)},
        {"A": np.ones(3), "x": np.ones(3)},
        {"A": np.ones((2, 3)), "x": np.ones(3), "z": 1.0},
    ],
)
def test_arrays_that_do_not_fit(arrays: dict[str, Any]) -> None:
    derivative = gf.derivative("A*x", "x")
    for ask in (derivative, derivative.tensor, derivative.value, gf.parse("A*x")):
        with pytest.raises(gf.ArrayError):
            ask(**arrays)


def test_sizes_that_no_array_tells_are_given_by_name() -> None:
    derivative = gf.derivative("c^2*ones(k)", "c")
    assert derivative.shape == ("k",)
    np.testing.assert_array_equal(derivative(c=3.0, k=2), [6.0, 6.0])
    with pytest.raises(gf.ArrayError):
        derivative(c=3.0)


def test_names_that_python_reserves() -> None:
    derivative = gf.derivative("lambda*x'*x", "x", shapes={"lambda": (), "x": ("n",)})
    np.testing.assert_array_equal(derivative(**{"lambda": 2.0, "x": np.ones(2)}), [4.0, 4.0])


# ---------------------------------------------------------------- errors


def test_error_tree() -> None:
    for error in (
        gf.FormulaSyntaxError,
        gf.UnknownNameError,
        gf.ShapeError,
        gf.StructureError,
        gf.LimitError,
        gf.ArrayError,
    ):
        assert issubclass(error, gf.InputError)
    assert issubclass(gf.UnconfirmedError, gf.CannotError)
    assert issubclass(gf.InputError, gf.GradformError)
    assert not issubclass(gf.CannotError, gf.InputError)


def test_errors_have_a_place_and_a_hint() -> None:
    with pytest.raises(gf.GradformError) as caught:
        gf.derivative("x'*A*\n(x + c)", "x")
    error = caught.value
    assert (error.line, error.column) == (2, 4)
    assert error.kind == "scalar_matrix_add"
    assert error.hint
    assert "\n   ^" in str(error)


def test_errors_in_built_expressions_point_into_their_text() -> None:
    x = gf.vector("x", "n")
    with pytest.raises(gf.GradformError) as caught:
        gf.derivative(gf.eye() @ x + gf.ones("m"), "x")
    assert caught.value.kind == "dimension_mismatch"
    assert caught.value.source is not None


def test_importing_needs_no_numpy() -> None:
    code = "import gradform, sys; print('numpy' in sys.modules or 'scipy' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(gf.__file__).parent.parent)},
    )
    assert run.stdout.strip() == "False"


def test_kinks_are_the_conditions_of_the_derivative_alone() -> None:
    assert gf.derivative("sum(abs(x)) + sum(log(y))", "x").kinks == ("x != 0",)
    assert gf.derivative("logdet(X)", "X").kinks == ()


QUESTIONS = ("derivative", "gradient", "jacobian", "hessian", "jvp", "hvp", "vjp")


@pytest.mark.parametrize("name", QUESTIONS)
def test_misspelt_options_are_told(name: str) -> None:
    """They would be taken for questions without them."""
    f: Any = gf.parse("x'*A*x")
    unknown = {"chek": False, "cotangent" if name != "vjp" else "direction": "q"}
    for option, value in unknown.items():
        with pytest.raises(gf.InputError, match=f"(?s)no option '{option}'.*check"):
            getattr(f, name)("x", **{option: value})
        with pytest.raises((gf.InputError, TypeError), match=option):
            getattr(gf, name)("x'*A*x", "x", **{option: value})
