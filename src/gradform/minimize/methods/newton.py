"""Newton's method, its systems solved by the structure of the Hessian."""

from __future__ import annotations

import numpy as np

from gradform.errors import CannotError
from gradform.language import say
from gradform.linear_operators import Dense, Identity, LinearOperator, Symmetric
from gradform.minimize.arrays import length_of
from gradform.minimize.line_search import searched
from gradform.minimize.methods.step import Method
from gradform.minimize.variables import Array

__all__ = ["Newton"]

_MOST_SHIFTS = 20


class Newton(Method):
    """d = -(H + λ I)⁻¹ g with the least λ tried that gives a direction downhill."""

    def step(self) -> str | None:
        state = self.state
        hessian = self._hessian()
        shift = 0.0
        for _ in range(_MOST_SHIFTS):
            direction = self._direction(hessian, shift)
            if direction is not None:
                evaluate = self.problem.value_and_gradient
                found = searched(evaluate, state.x, state.value, state.gradient, direction, 1.0)
                if found is not None:
                    self._move(*found)
                    return None
            shift = max(100 * shift, 1e-10 * _size(hessian))
        return say("no Newton step decreases the value")

    def _hessian(self) -> LinearOperator:
        problem, x = self.problem, self.state.x
        return (
            problem.hessian(x) if problem.keeps_structure else Symmetric(problem.inner_hessian(x))
        )

    def _direction(self, hessian: LinearOperator, shift: float) -> Array | None:
        """The Newton direction, if it goes downhill by enough and the system can be solved."""
        basis = self.problem.packing.directions
        gradient = self.state.gradient if basis is None else basis.T @ self.state.gradient
        try:
            shifted = hessian + Identity(gradient.size, shift) if shift else hessian
            direction = -shifted.solve(gradient)
        except CannotError as error:
            if error.kind != "singular":
                raise
            return None
        if not shifted.is_definite():
            return None
        slope = float(gradient @ direction)
        lengths = length_of(gradient) * length_of(direction)
        if not slope < -1e-12 * lengths:
            return None
        return direction if basis is None else basis @ direction


def _size(hessian: LinearOperator) -> float:
    """How large the entries are."""
    if isinstance(hessian, Dense):
        return float(np.abs(hessian.matrix).max(initial=1e-12))
    return max(float(np.abs(hessian.diagonal()).max(initial=0.0)), 1e-12)
