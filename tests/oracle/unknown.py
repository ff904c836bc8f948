"""Entrywise functions the table of the oracle does not know, differentiated by Cauchy's formula.

f⁽ᵏ⁾(x) = k!/(N rᵏ) Σ f(x + r e^{iθ}) e^{-ikθ}: of the record's ``evaluate`` at complex
arguments, so that a new function is checked without an implementation for JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import factorial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from gradform.functions import Function

__all__ = ["differentiable"]

_RADIUS = 0.05
_POINTS = np.exp(2j * np.pi * np.arange(32) / 32)


@cache
def differentiable(record: Function, order: int = 0) -> Callable[[Any], Any]:
    """The order-th derivative of an analytic entrywise function, which JAX can differentiate."""
    assert record.elementwise and record.analytic and record.evaluate is not None, record.name
    assert record.arity == (1, 1), record.name

    def value(x: NDArray[Any]) -> NDArray[Any]:
        return _derivative(record, np.asarray(x), order)

    @jax.custom_jvp
    def function(x: Any) -> Any:
        result = jax.ShapeDtypeStruct(x.shape, x.dtype)  # type: ignore[no-untyped-call]
        return jax.pure_callback(value, result, x, vmap_method="broadcast_all")

    @function.defjvp
    def push(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
        return function(*primals), differentiable(record, order + 1)(*primals) * tangents[0]

    called: Callable[[Any], Any] = function
    return called


def _derivative(record: Function, x: NDArray[Any], order: int) -> NDArray[Any]:
    assert record.evaluate is not None
    if order == 0:
        return np.asarray(record.evaluate(np, x))
    around = x[..., None] + _RADIUS * _POINTS
    values = record.evaluate(np, around)
    total = np.mean(values * _POINTS**-order, -1)
    return np.asarray(factorial(order) / _RADIUS**order * total.real)
