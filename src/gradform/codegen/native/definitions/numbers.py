"""Numbers as C writes them."""

from __future__ import annotations

from math import inf, isinf, isnan

from gradform.ir.nodes import Coefficient

__all__ = ["literal", "number"]


def number(value: Coefficient) -> float:
    """The nearest float; infinite beyond the range of floats."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def literal(value: float) -> str:
    """A constant expression of the type that is computed with."""
    if isnan(value):
        return "(R)NAN"
    if isinf(value):
        return "(R)INFINITY" if value > 0 else "(-(R)INFINITY)"
    text = repr(float(value))
    return f"(R){text}" if value >= 0 else f"(-(R){text[1:]})"
