"""What every method is: a state, and one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from gradform.minimize.arrays import length_of
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array
from gradform.records import record

__all__ = ["Method", "State"]


@record(frozen=False, eq=False)
class State:
    """All that a run needs to go on: it can be pickled.

    ``scale`` is what the length of the gradient is measured against, ``memory`` what the method
    keeps from step to step.
    """

    x: Array
    value: float
    gradient: Array
    scale: float
    iterations: int
    memory: dict[str, Any]

    @property
    def gradient_norm(self) -> float:
        return length_of(self.gradient)

    @property
    def relative_gradient(self) -> float:
        """The length of the gradient against its scale."""
        return self.gradient_norm / self.scale

    def is_ahead_of(self, other: State) -> bool:
        """Whether the value or the length of the gradient is less by more than rounding."""
        less = self.value < other.value - 1e-14 * abs(other.value)
        return less or self.gradient_norm < 0.9 * other.gradient_norm


class Method(ABC):
    """One way to go downhill."""

    def __init__(self, problem: Problem, state: State) -> None:
        self.problem = problem
        self.state = state

    @abstractmethod
    def step(self) -> str | None:
        """Move the state on; the reason when it cannot be."""

    def is_done(self, tolerance: float) -> bool:
        """Whether the gradient is short enough."""
        return self.state.relative_gradient <= tolerance

    def _move(self, point: Array, value: float, gradient: Array) -> None:
        """The next iterate, all at once, so that an interrupt leaves a whole state."""
        state = self.state
        self.state = State(point, value, gradient, state.scale, state.iterations + 1, state.memory)
