"""Soft maximum and its gradient, of all entries of a vector or along an axis."""

from __future__ import annotations

from typing import Any

from gradform.functions.elementwise import exp, log
from gradform.functions.operators import along, summed
from gradform.functions.record import Function, Typed, composite
from gradform.functions.shapes import needs_axis, reduction
from gradform.ir.expr import Expr


def log_sum_exp(x: Typed, axis: int | None = None) -> Expr:
    return log(summed(exp(x.e), x, axis))


def _numpy_axis(axis: int | None) -> int | None:
    return None if axis is None else axis - 1


def _log_sum_exp(np: Any, x: Any, axis: int | None = None) -> Any:
    # Subtracting the largest entry first keeps exp from overflowing.
    at = _numpy_axis(axis)
    top = np.max(np.real(x), at, keepdims=True)
    return top + np.log(np.sum(np.exp(x - top), at, keepdims=True))


logsumexp: Function = composite(
    "logsumexp",
    parameters=("expr", "axis?"),
    along_axis=True,
    formula="log Σ exp(x_i); its gradient is softmax(x)",
    shape=reduction,
    build=log_sum_exp,
    evaluate=_log_sum_exp,
    arguments=("x", "X", "X, 1", "X, 2", "x, 1", "x, 2", "a"),
    curvature="convex",
    monotone=("increasing",),
    known_from="Boyd & Vandenberghe, Convex Optimization, 3.1.5",
)

softmax: Function = composite(
    "softmax",
    sign="positive",
    parameters=("expr", "axis?"),
    along_axis=True,
    formula="exp(x_i)/Σ exp(x_j); along axis 1 columns sum to 1, along axis 2 rows",
    shape=needs_axis,
    build=lambda x, axis=None: exp(x.e) / along(summed(exp(x.e), x, axis), x, axis),
    evaluate=lambda np, x, axis=None: np.exp(x - _log_sum_exp(np, x, axis)),
    arguments=("x", "X, 1", "X, 2", "x, 1", "a"),
)

log_softmax: Function = composite(
    "log_softmax",
    parameters=("expr", "axis?"),
    along_axis=True,
    formula="log softmax(x) = x - logsumexp(x)",
    shape=needs_axis,
    build=lambda x, axis=None: x.e - along(log_sum_exp(x, axis), x, axis),
    evaluate=lambda np, x, axis=None: x - _log_sum_exp(np, x, axis),
    arguments=("x", "X, 1", "X, 2", "a"),
)
