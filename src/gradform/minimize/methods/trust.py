"""Newton's method in a trust region, with products of the Hessian and vectors only."""

from __future__ import annotations

import numpy as np

from gradform.language import say
from gradform.minimize.arrays import length_of
from gradform.minimize.methods.step import Method
from gradform.minimize.variables import Array

__all__ = ["NewtonCG"]

_SHORTEST = 1e-14
_ENOUGH = 1e-4


class NewtonCG(Method):
    """Steihaug's truncated conjugate gradients (Nocedal & Wright, algorithms 4.1 and 7.2)."""

    def step(self) -> str | None:
        state, problem = self.state, self.problem
        radius = state.memory.get("radius", max(1.0, length_of(state.x)))
        while radius > _SHORTEST * max(1.0, length_of(state.x)):
            step, predicted = self._inside(radius)
            value, gradient = problem.value_and_gradient(state.x + step)
            change = state.value - value
            rounding = 10 * np.finfo(float).eps * abs(state.value)
            ratio = (change + rounding) / (predicted + rounding) if np.isfinite(value) else -1.0
            length = length_of(step)
            if ratio < 0.25:
                radius = length / 4
            elif ratio > 0.75 and length > 0.99 * radius:
                radius = 2 * radius
            state.memory["radius"] = radius
            if ratio > _ENOUGH:
                self._move(state.x + step, value, gradient)
                return None
        state.memory["radius"] = 1.0
        return say("no step in the smallest trust region decreases the value")

    def _inside(self, radius: float) -> tuple[Array, float]:
        """A step within the radius, and by how much the quadratic model decreases."""
        gradient = self.state.gradient
        norm = self.state.gradient_norm
        wanted = min(0.5, np.sqrt(norm)) * norm
        step = np.zeros_like(gradient)
        bent = np.zeros_like(gradient)  # H · step
        left, direction = gradient.copy(), -gradient
        for _ in range(2 * gradient.size + 10):
            turned = self.problem.product(self.state.x, direction)
            curvature = float(direction @ turned)
            length = float(left @ left) / curvature if curvature > 0 else np.inf
            border = _to_border(step, direction, radius)
            if not length < border:
                length = border
                step, bent = step + length * direction, bent + length * turned
                break
            step, bent = step + length * direction, bent + length * turned
            before = float(left @ left)
            left = left + length * turned
            if length_of(left) <= wanted:
                break
            direction = -left + (float(left @ left) / before) * direction
        return step, -float(gradient @ step + step @ bent / 2)


def _to_border(step: Array, direction: Array, radius: float) -> float:
    """t >= 0 with |step + t·direction| = radius."""
    a, b = float(direction @ direction), float(step @ direction)
    c = float(step @ step) - radius * radius
    root = np.sqrt(max(b * b - a * c, 0.0))
    return float(-c / (b + root)) if b > 0 else float((root - b) / a)
