"""The derivative that is drawn below a function of one number."""

from __future__ import annotations

import math

import numpy as np

from gradform.derive.answer import Derivative
from gradform.derive.plotting.subject import Subject

__all__ = ["Slope"]

_RAISED = (ArithmeticError, ValueError)
_ORDERS = {1: "f′", 2: "f″", 3: "f‴"}
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Slope:
    """A derivative by the number that is plotted."""

    def __init__(self, answer: Derivative, subject: Subject) -> None:
        self.answer, self.subject = answer, subject
        self.order = answer.order

    @property
    def name(self) -> str:
        """``f′(x)``, ``f″(x)``, ``f⁽⁴⁾(x)``."""
        mark = _ORDERS.get(self.order) or f"f⁽{str(self.order).translate(_RAISED_DIGITS)}⁾"
        return f"{mark}{self.subject.name[1:]}"

    @property
    def formula(self) -> str:
        return " ".join(self.answer.unicode.split())

    @property
    def is_plain(self) -> bool:
        """Whether it exists under no condition."""
        return not self.answer.conditions

    @property
    def has_kinks(self) -> bool:
        """Whether it may be missing where the function has values."""
        return bool(self.answer.kinks)

    def value(self, x: float) -> float:
        """By the certified code; NaN where that has no value."""
        try:
            with np.errstate(all="ignore"):
                return float(self.answer(**self.subject.arrays(x)))
        except _RAISED:
            return math.nan
