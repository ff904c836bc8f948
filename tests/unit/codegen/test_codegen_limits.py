"""Losses and their derivatives at ±1e3 and ±1e300: the limits, no NaN, no warning.

Expected values are computed in long arithmetic by :mod:`tests.unit.codegen.jets`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import gradform as gf
from tests.unit.codegen.jets import Jet, exp, log, total, variables

Entry = Callable[[Any], Any]
Whole = Callable[[list[Any]], Any]

Y = [1.0, -1.0, 0.5]
V = [1.0, 2.0, -3.0]
POINTS = {
    "moderate": [0.5, -1.0, 2.0],
    "thousand": [1000.0, -1000.0, 3.0],
    "close": [-1000.0, -1001.0, -999.0],
    "equal": [1000.0, 1000.0, 1000.0],
    "both scales": [40.0, -40.0, 700.0],
    "huge": [1e300, -1e300, 1.0],
    "all huge": [1e300, 1e300, 1e300],
    "all negative": [-1e300, -1000.0, -1e300],
}


def sigmoid(t: Any) -> Any:
    return 1 / (1 + exp(-t))


def softplus(t: Any) -> Any:
    return log(1 + exp(t))


def tanh(t: Any) -> Any:
    return (exp(t) - exp(-t)) / (exp(t) + exp(-t))


# Spellings of functions of an entry, with ``1`` for a vector of ones.
ENTRIES: dict[str, Entry] = {
    "softplus(x)": softplus,
    "log(1+exp(x))": softplus,
    "log1p(exp(x))": softplus,
    "log(1+exp(-x))": lambda t: softplus(-t),
    "-log(sigmoid(x))": lambda t: softplus(-t),
    "log(1-sigmoid(x))": lambda t: -softplus(t),
    "log(1./(1+exp(-x)))": lambda t: -softplus(-t),
    "log(exp(x)./(1+exp(x)))": lambda t: -softplus(-t),
    "logsigmoid(x)": lambda t: -softplus(-t),
    "log(2*sigmoid(x))": lambda t: np.log(2) - softplus(-t),
    "sigmoid(x)": sigmoid,
    "1-sigmoid(x)": lambda t: sigmoid(-t),
    "1./(1+exp(-x))": sigmoid,
    "exp(x)./(1+exp(x))": sigmoid,
    "exp(-x)./(1+exp(-x)).^2": lambda t: sigmoid(t) * sigmoid(-t),
    "sigmoid(x).*(1-sigmoid(x))": lambda t: sigmoid(t) * sigmoid(-t),
    "x.*sigmoid(x)": lambda t: t * sigmoid(t),
    "x./(1+exp(-x))": lambda t: t * sigmoid(t),
    "silu(x)": lambda t: t * sigmoid(t),
    "x.*sigmoid(1.702*x)": lambda t: t * sigmoid(1.702 * t),
    "x.*tanh(softplus(x))": lambda t: t * tanh(softplus(t)),
    "softplus(x)-x": lambda t: softplus(-t),
    "tanh(x)": tanh,
    "(1+tanh(x/2))/2": sigmoid,
    "(exp(x)-exp(-x))./(exp(x)+exp(-x))": tanh,
    "log(exp(x)+exp(-x))": lambda t: log(exp(t) + exp(-t)),
    "log(cosh(x))": lambda t: log((exp(t) + exp(-t)) / 2),
    "log(1-tanh(x))": lambda t: log(2 / (1 + exp(2 * t))),
    "log(1+tanh(x))": lambda t: log(2 / (1 + exp(-2 * t))),
    "log(1-tanh(x).^2)": lambda t: -2 * log((exp(t) + exp(-t)) / 2),
    "1./(2+exp(x))": lambda t: 1 / (2 + exp(t)),
    "1./(exp(x)+exp(-x))": lambda t: 1 / (exp(t) + exp(-t)),
    "log(2+exp(x))": lambda t: log(2 + exp(t)),
}


def softmax(x: list[Any]) -> list[Any]:
    below = total([exp(t) for t in x])
    return [exp(t) / below for t in x]


def logsumexp(x: list[Any]) -> Any:
    return log(total([exp(t) for t in x]))


def weighted(x: list[Any]) -> Any:
    return total([y * t for y, t in zip(Y, x, strict=True)])


VECTORS: dict[str, Whole] = {
    "sum(softplus(-y.*x))": lambda x: total([softplus(-y * t) for y, t in zip(Y, x, strict=True)]),
    "sum(log(vector(1)+exp(-y.*x)))": lambda x: total(
        [softplus(-y * t) for y, t in zip(Y, x, strict=True)]
    ),
    "sum(log1p(exp(-y.*x)))": lambda x: total(
        [softplus(-y * t) for y, t in zip(Y, x, strict=True)]
    ),
    "-sum(log(sigmoid(y.*x)))": lambda x: total(
        [softplus(-y * t) for y, t in zip(Y, x, strict=True)]
    ),
    "logsumexp(x)": logsumexp,
    "log(sum(exp(x)))": logsumexp,
    "log(mean(exp(x)))": lambda x: logsumexp(x) - np.log(3),
    "log(1+sum(exp(x)))": lambda x: log(1 + total([exp(t) for t in x])),
    "log1p(sum(exp(x)))": lambda x: log(1 + total([exp(t) for t in x])),
    "logsumexp(2*x)/2": lambda x: logsumexp([2 * t for t in x]) / 2,
    "logsumexp(x)-x(1)": lambda x: logsumexp(x) - x[0],
    "-log(exp(x(1))/sum(exp(x)))": lambda x: logsumexp(x) - x[0],
    "y'*softmax(x)": lambda x: weighted(softmax(x)),
    "y'*exp(x)/sum(exp(x))": lambda x: weighted(softmax(x)),
    "y'*(exp(x)/(1+sum(exp(x))))": lambda x: weighted(
        [exp(t) / (1 + total([exp(s) for s in x])) for t in x]
    ),
    "-y'*log(softmax(x))": lambda x: sum(Y) * logsumexp(x) - weighted(x),
    "-sum(y.*log(exp(x)/sum(exp(x))))": lambda x: sum(Y) * logsumexp(x) - weighted(x),
    "sum(softmax(x).^2)": lambda x: total([p * p for p in softmax(x)]),
}


def over_entries(entry: Entry) -> Whole:
    return lambda x: total([entry(t) for t in x])


CASES: dict[str, Whole] = VECTORS | {
    f"sum({text})": over_entries(entry) for text, entry in ENTRIES.items()
}


def spelled(text: str) -> str:
    """Ones that are added to vectors, as vectors."""
    if text in VECTORS:
        return text
    for sign in ("(", "+", "-"):
        for number in ("1", "2"):
            for after in ("+", "-", "./"):
                text = text.replace(f"{sign}{number}{after}", f"{sign}vector({number}){after}")
    return text


@cache
def programs(text: str) -> list[Any]:
    """Value, gradient, Hessian, Hessian times vector; then all in one program."""
    f = gf.parse(spelled(text), shapes={"x": ["n"], "y": ["n"]})
    options: Any = {"check": False}
    parts = [f, f.gradient("x", **options), f.hessian("x", **options), f.hvp("x", "v", **options)]
    return [*(gf.compile(part) for part in parts), gf.compile(*parts)]


def called(program: Any, point: list[float]) -> list[Any]:
    given = {"x": np.array(point), "y": np.array(Y), "v": np.array(V)}
    named = {each.name: given[each.name] for each in program.task.parameters}
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        result = program(**named)
    return list(result) if isinstance(result, tuple) else [result]


def numbers(values: Any) -> Any:
    return np.vectorize(float, otypes=[float])(values)


def expected(jet: Jet) -> list[Any]:
    along = jet.bends @ np.array(V)
    return [numbers(each) for each in (jet.value, jet.slopes, jet.bends, along)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("text", CASES)
def test_limits(text: str, point: str) -> None:
    """Alone and together. Derivatives that vanish are zero to rounding of numbers near one;
    a value is right to rounding of its argument, as logsumexp(x) - x(1)."""
    wanted = expected(CASES[text](variables(POINTS[point])))
    *alone, together = (called(program, POINTS[point]) for program in programs(text))
    for found in ([each for (each,) in alone], together):
        for one, other in zip(found, wanted, strict=True):
            scale = float(np.max(np.abs(other)))
            near = 1e-14 if np.ndim(one) else 1e-15 * max(map(abs, POINTS[point]))
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10 * scale + near)
