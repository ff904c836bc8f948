"""Programs of functions of softmax: right everywhere, and where exponentials overflow.

All of them are the same at x and at x + c, whatever number is added to all entries.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import gradform as gf
from tests.execute.array_libraries import close

SHAPES = {"x": ("n",), "y": ("n",), "A": ("n", "n"), "M": ("m", "n")}
_SQUARE = {"A": ("n", "n"), "C": ("n", "n")}
OF_VECTORS = [
    *("(y'*softmax(x))^2", "(y'*softmax(x))^3", "1/sumsq(softmax(x))", "log(sumsq(softmax(x)))"),
    *("norm2(softmax(x)*y')", "norm2(y.*softmax(x))", "(softmax(x)'*A*softmax(x))^2"),
    *("(y'*exp(x)/sum(exp(x)))^2", "norm2(exp(x))/sum(exp(x))", "norm2(A*softmax(x))"),
    *("sqrt(softmax(x)'*A'*A*softmax(x))", "norm2(softmax(x) - y)", "tanh(y'*softmax(x))"),
    *("exp(-sumsq(softmax(x) - y))", "logsumexp(A*softmax(x))", "huber(y'*softmax(x), 1)"),
    *("sqrt(1 + sumsq(softmax(x)))", "(1 + y'*softmax(x))^2", "1/(1 + sumsq(softmax(x)))"),
    *("sum(softmax(x).^3)^(1/3)", "geo_mean(softmax(x))", "exp(x(1))/sum(exp(x))"),
    "sum(exp(x))*(y'*exp(x))/sumsq(exp(x))",
    *("log(y'*y + sumsq(softmax(x)))", "sum((y'*softmax(x)*y - softmax(x)).^2)"),
    *("log(y'*exp(x)) - mean(x)", "log(y'*exp(x)/sum(exp(x)))", "sumsq(y.*exp(x)/(y'*exp(x)))"),
    *("log(sum(y.*exp(x))/sum(y)) - x(1)", "sum(exp(x))/((y.^2)'*exp(x))"),
    *("logsumexp(logsumexp(A, 2) + x) - x(1)", "y'*softmax(logsumexp(A, 2) + x)"),
    *("logsumexp(x + log_softmax(y)) - mean(x)", "log(sum(exp(x).*exp(y))) - x(2)"),
    *("sum(log(A*exp(x))) - sum(x)", "y'*(exp(x)./(A*exp(x)))", "log((y'*exp(x))^2) - 2*x(2)"),
    "log(sum(exp(x) + exp(x + y))) - x(1)",
]
OF_MATRICES = [
    *("norm2(softmax(M, 1))", "norm2(softmax(M, 2))", "log(tr(softmax(A, 2)))"),
    *("norm2(softmax(A, 2))^3", "sum(sqrt(sum(softmax(A, 2).^2, 2)))", "norm21(softmax(M, 2))"),
    *("(y'*softmax(A, 2)*y)^2", "sumsq(softmax(A, 1)*y)^2"),
    *("sum((softmax(A, 2)*y).^3)", "sum(log(sum(softmax(M, 2).^2, 2)))"),
    *("exp(A(1, 1))/sum(exp(A))", "sum(log(exp(M)*x)) - sum(mean(M, 2))"),
    *(
        "sum(log(y'*exp(A))) - tr(A)",
        "log(x'*exp(A)*y) - mean(A)",
        "sumsq((exp(A)*y)./(exp(A)*x))",
    ),
    *(
        "sum(log(exp(A)*y)) - sum(log(exp(A)*x))",
        "logsumexp(logsumexp(M, 2) + y(1)*ones(m)) - mean(M)",
    ),
]

OF_SUMS_OF_SUMS = [
    ("log(sum(2*exp(x) + exp(x(2)*ones(n) - y))) - mean(x)", "x"),
    ("sum(log(sum(exp(A) + 2*exp(A'), 2))) - tr(A)", "A"),
    ("sum(log(sum(exp(A) + exp(A + y*x'), 1))) - tr(A)", "A"),
]


def _parts(text: str, variable: str) -> list[Any]:
    function = gf.parse(text, shapes=SHAPES)
    return [function, function.gradient(variable), function.hessian(variable)]


def _point(programs: list[Any]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    sizes = {"n": 4, "m": 3}
    found: dict[str, Any] = {}
    for each in sorted({p for program in programs for p in program.task.parameters}, key=str):
        shape = [axis.evaluate(sizes) for axis in each.axes]
        found[each.name] = rng.uniform(0.5, 2, size=shape)
    return found


def _called(program: Any, point: dict[str, Any]) -> Any:
    found = program(**{each.name: point[each.name] for each in program.task.parameters})
    return found.toarray() if hasattr(found, "toarray") else found


def _on_backends(texts: list[str]) -> list[tuple[str, str]]:
    """Native code is made of the same programs: some are enough."""
    return [(text, "numpy") for text in texts] + [(text, "native") for text in texts[::7]]


@pytest.mark.parametrize(("text", "backend"), _on_backends(OF_VECTORS))
def test_functions_of_vectors(text: str, backend: str) -> None:
    _same_where_shifted([part.compile(backend) for part in _parts(text, "x")], "x")


@pytest.mark.parametrize(("text", "variable"), OF_SUMS_OF_SUMS)
def test_values_and_gradients_of_sums_of_sums(text: str, variable: str) -> None:
    """Their Hessians divide after they have added, and overflow."""
    value, gradient, _ = _parts(text, variable)
    _same_where_shifted([value.compile(), gradient.compile()], variable)


@pytest.mark.parametrize("text", OF_VECTORS[::4])
def test_products_and_operators(text: str) -> None:
    function = gf.parse(text, shapes=SHAPES)
    operator = function.hessian("x").compile(dense=False)
    _same_where_shifted([function.hvp("x").compile(), operator], "x")


@pytest.mark.parametrize(("text", "backend"), _on_backends(OF_MATRICES))
def test_functions_of_matrices(text: str, backend: str) -> None:
    variable = "A" if "A" in text else "M"
    _same_where_shifted([part.compile(backend) for part in _parts(text, variable)], variable)


def _same_where_shifted(programs: list[Any], variable: str) -> None:
    point = _point(programs)
    far = point | {variable: point[variable] + 1000}
    for program in programs:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            near, found = _called(program, point), _called(program, far)
        assert np.isfinite(near).all()
        close(found, near, 1e-8, program.source, least=1e-3)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 3), (4, 2)])
def test_all_forms_of_attention_are_in_range(m: int, n: int) -> None:
    """Which form of a Jacobian makes the program depends on sizes and on the other outputs."""
    f = gf.parse("softmax(X*A*X', 2)*X*C + X", shapes={"X": ("m", "n"), **_SQUARE})
    parts: list[Any] = [f, *(f.jacobian(name, check=False) for name in "XAC")]
    rng = np.random.default_rng(0)
    point = {"X": rng.normal(size=(m, n)) * 1000, "A": rng.normal(size=(n, n)) * 1000}
    point["C"] = rng.normal(size=(n, n))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together = _called(gf.compile(*parts), point)
        alone = [_called(part.compile(), point) for part in parts]
    for one, other in zip(together, alone, strict=True):
        assert np.isfinite(one).all()
        close(one, other, 1e-8, str(f), least=1e-3)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("log(sum(exp(x)) + c)", "logsumexp(x)"),
        ("log(sum(exp(x) + ones(n)))", "logsumexp(x)"),
        ("log(1 + mean(exp(x)))", "logsumexp(x)"),
        ("c*log(sum(exp(x)) + c)", "c*logsumexp(x)"),
        ("log(sum(exp(x)) + sum(exp(A*x)) + c)", "log(sum(exp(x)) + sum(exp(A*x)))"),
        ("log(x'*exp(x) + c)", "log(x'*exp(x))"),
        ("sum(log(exp(x*ones(n)')*A*ones(n) + c*ones(n)))", "sum(log(exp(x*ones(n)')*A*ones(n)))"),
    ],
)
@pytest.mark.parametrize("quantity", ["hessian", "hvp"])
def test_nothing_is_divided_by_a_square_beyond_all_numbers(
    text: str, limit: str, quantity: str
) -> None:
    """The sum is a number, its square is none; beside the sum, c and 1 are nothing here. In
    float32 too, where squares end at 10^38."""
    rng = np.random.default_rng(0)
    point: dict[str, Any] = {"A": np.eye(3) - rng.uniform(size=(3, 3)) / 9, "c": 1.5}
    point["v"] = rng.normal(size=3)
    for dtype, place, tolerance in (("float64", 400.0, 1e-8), ("float32", 50.0, 1e-4)):
        point["x"] = place + np.array([0.0, 1.0, -0.5])
        found, expected = (
            _called(
                getattr(gf.parse(each, SHAPES | {"c": ()}), quantity)("x", check=False).compile(
                    dtype=kind
                ),
                point,
            )
            for each, kind in ((text, dtype), (limit, "float64"))
        )
        close(found, expected, tolerance, text, least=1e-3)


def test_numbers_beside_sums_of_sums() -> None:
    """Far out a number adds nothing to the sums of exponentials."""
    point = {"A": np.eye(3) / 2, "x": np.array([1000.0, 1001.0, 999.5])}
    total = "sum(exp(x) + exp(A*x))"
    for quantity in ("gradient", "hessian"):
        found, expected = (
            _called(getattr(gf.parse(f"log({each})", SHAPES), quantity)("x").compile(), point)
            for each in (f"{total} + 2", total)
        )
        close(found, expected, 1e-8, total, least=1e-3)


BESIDE_NUMBERS = [
    *("log(sum(exp(x)) + c)", "log(1 + mean(exp(x)))", "log(c*sum(exp(x)) + sum(exp(2*x)) + 3)"),
    *("sum(log(exp(x) + c*ones(n)))", "sum(x.*exp(x))/(c + c^2*sum(exp(x)))"),
    "log(mean(exp(x)) + c*sum(exp(x + y)))",
]


@pytest.mark.parametrize("text", BESIDE_NUMBERS)
def test_positive_numbers_beside_exponentials(text: str) -> None:
    """That a variable is positive changes the program, and nothing near 0; far out it keeps the
    program in the range of numbers."""
    rng = np.random.default_rng(0)
    near: dict[str, Any] = {"x": rng.normal(size=4), "y": rng.normal(size=4), "c": 1.5}
    known, unknown = (
        _in_x_and_c(gf.parse(text, SHAPES | {"c": ()}, assume=assume))
        for assume in ({"c": "positive"}, {})
    )
    far = near | {"x": near["x"] + 1000}
    for one, other in zip(known, unknown, strict=True):
        close(_called(one, near), _called(other, near), 1e-12, one.source, least=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.isfinite(_called(one, far)).all(), one.source


def _in_x_and_c(f: Any) -> list[Any]:
    parts = [f, f.gradient("x", check=False), f.hessian("x", check=False)]
    if "c" in f.variables:
        parts.append(f.gradient("c", check=False))
    return [part.compile() for part in parts]
