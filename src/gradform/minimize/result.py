"""What a run found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from gradform.language import phrase, say
from gradform.minimize.arrays import length_of, projected
from gradform.minimize.certificate import Certificate, certified
from gradform.minimize.methods.step import State
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array

__all__ = ["Moment", "Result", "Settings"]


class Moment(NamedTuple):
    """One iterate of the history."""

    iteration: int
    value: float
    gradient_norm: float


class Settings(NamedTuple):
    """How a run was asked for."""

    method: str
    tolerance: float
    bounds: Sequence[tuple[float, float]] | None


_MESSAGES = {
    "converged": say("the gradient is as short as asked for"),
    "iteration limit": say("the gradient is not yet as short as asked for; resume to go on"),
    "interrupted": say("stopped from the keyboard; resume to go on"),
    "stopped": say("stopped by the callback; resume to go on"),
}


class Result:
    """The point of the lowest value found.

    ``status`` is "converged", "iteration limit", "stalled", "interrupted" or "stopped";
    ``certificate`` is made when it is first asked for. Can be pickled and resumed. The data
    are those that were given, not copies; pickling copies them.
    """

    def __init__(
        self,
        problem: Problem,
        settings: Settings,
        state: State,
        status: str,
        reason: str | None,
        history: Sequence[Moment],
        go_on: Callable[..., Result],
        near: float = 0.0,
    ) -> None:
        self.problem = problem
        self.settings = settings
        self.state = state
        self.status = status
        self.message = reason or _MESSAGES.get(status, status)
        self.history = tuple(history)
        self._go_on = go_on
        self._near = near
        self.value, self._gradient = problem.value_and_formula(state.x)

    @property
    def x(self) -> dict[str, Array]:
        """The variables in their own shapes."""
        return self.problem.packing.copies(self.state.x)

    @property
    def method(self) -> str:
        """The method that ran."""
        return self.settings.method

    @property
    def gradient_norm(self) -> float:
        """Length of the gradient; of what points inside the bounds, if there are some."""
        inside = projected(self._gradient, self.state.x, self.settings.bounds)
        return length_of(inside)

    @property
    def iterations(self) -> int:
        """How many steps were made."""
        return self.state.iterations

    @property
    def evaluations(self) -> dict[str, int]:
        """How often value, gradient, Hessian and its products were computed."""
        return dict(self.problem.counts)

    @cached_property
    def certificate(self) -> Certificate:
        """Gradient, convexity, and at kinks whether 0 is a subgradient."""
        return self.certificate_at(self.state.x)

    def certificate_at(self, point: Any) -> Certificate:
        """The certificate for another point: a flat vector, or arrays by variable.

        InputError and ArrayError for what is no point.
        """
        return certified(
            self.problem,
            self.problem.packing.vector(point),
            self.state.scale,
            self.settings.tolerance,
            self.settings.bounds,
            self._near,
        )

    def resume(
        self,
        max_iterations: int = 1000,
        callback: Callable[[dict[str, Array], float], Any] | None = None,
        progress: bool | None = None,
    ) -> Result:
        """The same run, gone on with; methods keep what they have learnt."""
        return self._go_on(self, max_iterations, callback, progress)

    def __getstate__(self) -> dict[str, Any]:
        """All but the certificate, which is made again."""
        return {name: value for name, value in self.__dict__.items() if name != "certificate"}

    def __str__(self) -> str:
        return say(
            "{status} after {iterations} iterations of {method}: {message}\n"
            "value {value:.12g}\n{certificate}",
            status=phrase(self.status),
            iterations=self.iterations,
            method=self.method,
            message=self.message,
            value=self.value,
            certificate=self.certificate.text,
        ).told()

    def _repr_html_(self) -> str:
        html: str = import_module("gradform.minimize.shown").result_html(self)
        return html

    def __repr__(self) -> str:
        length = self.gradient_norm
        gradient = f", gradient {length:.2g}" if np.isfinite(length) else ""  # none at a kink
        return f"<{self.status}: value {self.value:.6g}{gradient}>"
