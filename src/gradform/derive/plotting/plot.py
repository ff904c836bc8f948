"""From a derivative or a function to its plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradform.derive.answer import Derivative, answer
from gradform.derive.pipeline import Question, Solution
from gradform.derive.plotting.line import LinePlot
from gradform.derive.plotting.plane import Gradient, PlanePlot
from gradform.derive.plotting.slopes import Slope
from gradform.derive.plotting.subject import Subject, check_plottable, free_variables
from gradform.derive.products import ProductQuestion
from gradform.errors import CannotError, InputError
from gradform.language import say
from gradform.pictures.document import Picture
from gradform.records import replaced
from gradform.syntax.elaborate import Elaborated

__all__ = ["plot_derivative", "plot_function"]

_RAISED = (ArithmeticError, ValueError)


def plot_function(
    question: Question,
    function: Elaborated,
    values: Mapping[str, Any],
    at: object,
    over: object,
) -> Picture:
    """The plot of a function of one or two numbers with its first derivative.

    InputError for what cannot be plotted.
    """
    return _Request(question, function, values, at, over).plot(None)


def plot_derivative(
    derivative: Derivative,
    solution: Solution,
    values: Mapping[str, Any],
    at: object,
    over: object,
) -> Picture:
    """The plot of the function that was differentiated, with the derivative that was asked for
    where that is one of a number by a number. InputError for what cannot be plotted."""
    question = solution.question
    if isinstance(question, ProductQuestion):
        raise InputError(
            say("The product of a derivative with a vector has no plot."),
            kind="plot",
            hint=say("Plot the function."),
        )
    targets = {target.name for target in solution.targets if target.selector is None}
    shown = derivative if len(targets) == 1 and question.constraint is None else None
    request = _Request(question, solution.function, values, at, over)
    return request.plot(shown, solution.targets[0].name)


class _Request:
    """A function, values for some of its variables, and which part of it to look at."""

    def __init__(
        self,
        question: Question,
        function: Elaborated,
        values: Mapping[str, Any],
        at: object,
        over: object,
    ) -> None:
        self.question, self.function, self.values = question, function, values
        self.at, self.over = at, over

    def plot(self, shown: Derivative | None, wrt: str | None = None) -> Picture:
        """The plot of what has no value; ``wrt`` is plotted whether it occurs or not."""
        free = free_variables(self.function, self.values)
        if wrt is not None and wrt in self.values:
            raise InputError(
                say("{name} is what is plotted, so it has no value.", name=wrt),
                kind="plot",
                hint=say("For a point to look at: plot(at=…)."),
            )
        if wrt is not None and wrt not in free:
            free = [wrt, *free]
        check_plottable(self.function, free)
        is_number = self.function.variables[free[0]].shape.is_scalar
        return self._line(free[0], shown) if len(free) == 1 and is_number else self._plane(free)

    def _line(self, name: str, shown: Derivative | None) -> LinePlot:
        subject = Subject(self.function, (name,), self.values)
        first = shown if shown is not None and shown.order == 1 else self._derivative(name)
        slope = None if first is None else Slope(first, subject)
        below = slope if shown is None else Slope(shown, subject)
        return LinePlot(subject, slope, below, self.at, self.over)

    def _plane(self, names: Sequence[str]) -> PlanePlot:
        subject = Subject(self.function, tuple(names), self.values)
        found = [each for name in names if (each := self._derivative(name)) is not None]
        if len(found) < len(names):
            return PlanePlot(subject, None, "", self.at, self.over)
        told = ", ".join(each.unicode for each in found)
        formula = f"∇f = {told if len(found) == 1 else f'({told})'}"
        return PlanePlot(subject, _gradient(subject, found), formula, self.at, self.over)

    def _derivative(self, name: str) -> Derivative | None:
        """The certified first derivative; None where there is none."""
        asked = replaced(self.question, wrt=(name,), layout="ml", constraint=None)
        try:
            return answer(asked)
        except CannotError:
            return None


def _gradient(subject: Subject, derivatives: Sequence[Callable[..., Any]]) -> Gradient:
    """Both entries, of one derivative or of two; NaN where there is none."""

    def gradient(x: float, y: float) -> tuple[float, float]:
        arrays = subject.arrays(x, y)
        try:
            with np.errstate(all="ignore"):
                parts = [np.ravel(derivative(**arrays)) for derivative in derivatives]
        except _RAISED:
            return math.nan, math.nan
        first, second = np.concatenate(parts)
        return float(first), float(second)

    return gradient
