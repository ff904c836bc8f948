"""Far out, JAX and PyTorch give the limits: values, gradients, Hessians, and what the library
differentiates further."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradform as gf
from tests.execute.array_libraries import Library, close, each_library
from tests.support.ir_eval import Array

FAR = (-1e300, -1e3, 1e3, 1e300)
SHAPES = {"x": ("n",), "X": ("m", "n"), "w": ("n",), "y": ("m",)}


def _of_scores(name: str) -> tuple[Any, Any, Any]:
    """Formula, and value and derivative of f(x) entry by entry at minus and plus infinity."""
    known: dict[str, tuple[Any, Any, Any]] = {
        "sigmoid": ("sum(sigmoid(x))", lambda x: x > 0, lambda x: 0 * (x > 0)),
        "softplus": ("sum(softplus(x))", lambda x: np.where(x > 0, x, 0), lambda x: x > 0),
        "logistic loss": (
            "sum(log(vector(1) + exp(-x)))",
            lambda x: np.where(x < 0, -x, 0),
            lambda x: -1.0 * (x < 0),
        ),
    }
    return known[name]


@each_library
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "logistic loss"])
def test_entries_far_out(library: Library, name: str) -> None:
    formula, value, slope = _of_scores(name)
    f = gf.parse(formula, shapes=SHAPES)
    x = np.array(FAR)
    given = library.array(x)
    close(f.compile(library.name)(x=given), np.sum(value(x), dtype=float), 1e-12)
    close(f.gradient("x", check=False).compile(library.name)(x=given), slope(x) * 1.0, 1e-12)
    hessian = f.hessian("x", check=False).compile(library.name)(x=given)
    close(hessian, np.zeros((4, 4)), 1e-12)
    program: Any = f.compile(library.name)
    close(library.gradient(program.function, given), slope(x) * 1.0, 1e-12)


@each_library
@pytest.mark.parametrize("scale", [1e3, 1e300])
def test_softmax_and_logsumexp_far_out(library: Library, scale: float) -> None:
    """The largest entry takes all: logsumexp → max, softmax → its indicator, Hessian → 0."""
    x = scale * np.array([-1.0, 1.0, 0.5, -0.5])
    top = np.eye(4)[1]
    given = library.array(x)
    f = gf.parse("logsumexp(x)", shapes=SHAPES)
    close(f.compile(library.name)(x=given), np.max(x), 1e-12)
    close(f.gradient("x", check=False).compile(library.name)(x=given), top, 1e-12)
    close(f.hessian("x", check=False).compile(library.name)(x=given), np.zeros((4, 4)), 1e-12)
    program: Any = f.compile(library.name)
    close(library.gradient(program.function, given), top, 1e-12)
    s = gf.parse("softmax(x)", shapes=SHAPES)
    close(s.compile(library.name)(x=given), top, 1e-12)
    close(s.jacobian("x", check=False).compile(library.name)(x=given), np.zeros((4, 4)), 1e-12)


@each_library
@pytest.mark.parametrize(
    ("text", "hessian"),
    [
        ("log(sum(exp(x)) + c)", lambda x, s: np.diag(s) - np.outer(s, s)),
        ("sum(1./(exp(x) + vector(c)))", lambda x, s: np.diag(np.exp(-x))),
        ("1/(sum(exp(x)) + c)", lambda x, s: (2 * np.outer(s, s) - np.diag(s)) / np.exp(x).sum()),
    ],
)
def test_squares_of_divisors_beyond_all_numbers(library: Library, text: str, hessian: Any) -> None:
    """Compilers may not join the divisions: XLA makes a/(b c) of (a/b)/c."""
    x = np.array([400.0, 401.0, 399.5])
    limit = hessian(x, np.exp(x - 401) / np.exp(x - 401).sum())
    given = {"x": library.array(x), "c": library.array(np.array(1.5))}
    program = gf.parse(text, shapes=SHAPES | {"c": ()}).hessian("x", check=False)
    found = library.numpy(program.compile(library.name)(**given))
    assert np.max(np.abs(found - limit)) <= 1e-12 * np.max(np.abs(limit)), found


@each_library
@pytest.mark.parametrize("scale", [1e3, 1e300])
def test_logistic_regression_far_out(library: Library, scale: float) -> None:
    f = gf.parse("sum(log(vector(1) + exp(-y.*(X*w))))", shapes=SHAPES)
    X = np.array([[scale, 0.0], [-scale, 0.0], [0.0, 1.0]])
    w, y = np.array([1.0, 0.0]), np.array([1.0, 1.0, 1.0])
    arrays: dict[str, Array] = {"X": X, "w": w, "y": y}
    given = {name: library.array(each) for name, each in arrays.items()}
    gradient = f.gradient("w", check=False).compile(library.name)
    close(gradient(**given), np.array([scale, -0.5]), 1e-12)
    hessian: Any = f.hessian("w", check=False).compile(library.name)
    close(hessian(**given), np.diag([0.0, 0.25]), 1e-12)
    if scale == 1e3:  # X³, of which the third derivative is made, is beyond all numbers at 1e300
        order = [parameter.name for parameter in hessian.task.parameters]
        others = [given[name] for name in order if name != "w"]

        def trace(first: Any, *rest: Any) -> Any:
            values = iter(rest)
            return hessian.function(
                *(first if name == "w" else next(values) for name in order)
            ).sum()

        close(library.gradient(trace, given["w"], *others), np.zeros(2), 1e-12)


@each_library
@pytest.mark.parametrize("text", ["norm2(x)", "sqrt(sumsq(x))", "norm2(x)^3", "log(norm2(x))"])
def test_lengths_of_infinite_vectors(library: Library, text: str) -> None:
    given = library.array(np.array([np.inf, 1.0]))
    close(gf.parse(text, shapes=SHAPES).compile(library.name)(x=given), np.inf, 0)


@each_library
@pytest.mark.parametrize("text", ["(y'*softmax(w))^2", "norm2(softmax(w))", "1/sumsq(softmax(w))"])
def test_powers_of_softmax_far_out(library: Library, text: str) -> None:
    """At w + 1000 what they are at w; tests/unit/codegen/test_codegen_shares.py has more."""
    f = gf.parse(text, shapes=SHAPES | {"y": ("n",)})
    w, y = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    for what in (f, f.gradient("w"), f.hessian("w")):
        program: Any = what.compile(library.name)
        near, far = (
            program(
                **{
                    each.name: library.array({"w": at, "y": y}[each.name])
                    for each in program.task.parameters
                }
            )
            for at in (w, w + 1000)
        )
        close(far, near, 1e-9, least=1e-3)
