"""Functions with roots of sums of squares, with a second way to compute each: mpmath's numbers,
whose exponents have no end, and differences of values with 60 digits.

Each is homogeneous: scaled arguments give the same value and derivatives, times a power of the
scale. So what is computed at 1 holds at 1e300 and at 1e-300.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np

import gradform as gf
from tests.support.ir_eval import Array

__all__ = [
    "CASES",
    "DERIVATIVES",
    "SIZES",
    "RootCase",
    "close_at",
    "quantity",
    "reference",
    "scaled",
]

SHAPES: dict[str, Any] = {
    **dict.fromkeys("xyw", ("n",)),
    **{"X": ("m", 3), "A": ("m", "n"), "B": ("n", "m"), "b": ("m",), "p": (), "q": ()},
}
SIZES = {"n": 3, "m": 4}
DERIVATIVES = ("value", "gradient", "hessian")
Point = Mapping[str, Any]


class RootCase(NamedTuple):
    """``text`` by ``wrt``; the variables ``grown`` are scaled, the value as that to ``degree``."""

    text: str
    wrt: str
    grown: str
    degree: int
    value: Callable[..., Any]

    def __str__(self) -> str:
        return self.text


def _norm(x: Any) -> Any:
    return mpmath.sqrt(np.sum(x * x))


def _norms(x: Any) -> Any:
    return sum(_norm(row) for row in x)


CASES = [
    RootCase("norm2(x)", "x", "x", 1, lambda x: _norm(x)),
    RootCase("norm2(X)", "X", "X", 1, lambda X: _norm(X)),
    RootCase("norm2(x - y)", "x", "xy", 1, lambda x, y: _norm(x - y)),
    RootCase("norm2(A*x)", "x", "x", 1, lambda A, x: _norm(A @ x)),
    RootCase("norm2(A*x - b)", "x", "xb", 1, lambda A, b, x: _norm(A @ x - b)),
    RootCase("norm2(B*X)", "X", "X", 1, lambda B, X: _norm(B @ X)),
    RootCase("sum(sqrt((X.^2)*ones(3)))", "X", "X", 1, lambda X: _norms(X)),
    RootCase("sum(sqrt(x.^2 + y.^2))", "x", "xy", 1, lambda x, y: _norms(np.stack([x, y], 1))),
    RootCase("sqrt(x'*x + y'*y)", "x", "xy", 1, lambda x, y: _norm(np.concatenate([x, y]))),
    RootCase(
        *("sqrt(2*x'*x + 3*y'*y)", "x", "xy", 1),
        lambda x, y: mpmath.sqrt(2 * np.sum(x * x) + 3 * np.sum(y * y)),
    ),
    RootCase("sqrt(p^2 + q^2)", "p", "pq", 1, lambda p, q: mpmath.sqrt(p * p + q * q)),
    RootCase(
        *("sqrt((p - q)^2 + (p + q)^2)", "p", "pq", 1),
        lambda p, q: mpmath.sqrt((p - q) ** 2 + (p + q) ** 2),
    ),
    RootCase("sqrt(x(1)^2 + x(2)^2)", "x", "x", 1, lambda x: _norm(x[:2])),
    RootCase("norm2(x(2:n) - x(1:n-1))", "x", "x", 1, lambda x: _norm(x[1:] - x[:-1])),
    RootCase("sqrt(sum(w.*x.^2))", "x", "x", 1, lambda w, x: mpmath.sqrt(np.sum(w * x * x))),
    RootCase("x'*y/(norm2(x)*norm2(y))", "x", "xy", 0, lambda x, y: x @ y / _norm(x) / _norm(y)),
    RootCase("y'*x/norm2(x)", "x", "x", 0, lambda x, y: x @ y / _norm(x)),
    RootCase("x'*y/(x'*x)", "x", "xy", 0, lambda x, y: x @ y / (x @ x)),
    RootCase("1/norm2(x)", "x", "x", -1, lambda x: 1 / _norm(x)),
]


@cache
def _point(case: RootCase) -> dict[str, Array]:
    rng = np.random.default_rng(len(case.text))
    names = [each.name for each in quantity(case, "hessian").compile().task.parameters]
    names += [each.name for each in quantity(case, "value").compile().task.parameters]
    point: dict[str, Array] = {}
    for name in sorted(set(names)):
        shape = tuple(SIZES.get(axis, axis) for axis in SHAPES[name])
        sign = 1.0 if name in "wAB" else rng.choice([-1.0, 1.0], shape)
        point[name] = np.asarray(rng.uniform(0.5, 1.5, shape) * sign)
    return point


@cache
def quantity(case: RootCase, what: str) -> Any:
    """The function or a derivative of it."""
    f = gf.parse(case.text, shapes=SHAPES, assume={"w": "positive"})
    if what == "value":
        return f
    return f.gradient(case.wrt) if what == "gradient" else f.hessian(case.wrt)


def scaled(case: RootCase, scale: float) -> dict[str, Array]:
    """The point of a case, with what grows times a power of two."""
    point = _point(case)
    return {name: each * scale if name in case.grown else each for name, each in point.items()}


@cache
def reference(case: RootCase, what: str) -> Array:
    """By differences of values with 60 digits."""
    point = {name: _exact(each) for name, each in _point(case).items()}
    names = case.value.__code__.co_varnames[: case.value.__code__.co_argcount]
    start = point[case.wrt]

    def value(*entries: Any) -> Any:
        moved = np.array(entries, dtype=object).reshape(start.shape)
        given = {**point, case.wrt: moved if start.shape else entries[0]}
        return case.value(**{name: given[name] for name in names})

    with mpmath.workdps(60):
        at = tuple(start.ravel())
        orders = list(_orders(len(at), DERIVATIVES.index(what)))
        found = [mpmath.diff(value, at, order) if any(order) else value(*at) for order in orders]
        return np.array([float(each) for each in found])


def _exact(array: Array) -> Any:
    found = np.array([mpmath.mpf(float(each)) for each in array.ravel()], dtype=object)
    return found.reshape(array.shape)


def _orders(count: int, order: int) -> Iterator[tuple[int, ...]]:
    """Which derivatives by which entries, the last index fastest."""
    for place in np.ndindex(*[count] * order):
        yield tuple(place.count(k) for k in range(count))


def close_at(found: Any, known: Array, tolerance: float, note: str) -> None:
    """Equal up to ``tolerance`` of the largest entry."""
    array = np.ravel(np.asarray(found, dtype=float))
    assert array.shape == known.shape, note
    error = float(np.max(np.abs(array - known)) / np.max(np.abs(known)))
    assert error <= tolerance, f"{note}: {error}"
