"""Functions with kinks: a path of smooth problems whose kinks get sharper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradform.errors import CannotError
from gradform.linear_operators import Symmetric
from gradform.minimize.arrays import length_of
from gradform.minimize.falls import negligible
from gradform.minimize.methods.newton import Newton
from gradform.minimize.methods.step import Method, State
from gradform.minimize.methods.trust import NewtonCG
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array

__all__ = ["FIRST", "LAST", "Smoothing"]

FIRST = 1e-1
_FACTOR = 0.2
LAST = 1e-8
# Where the units of kinks are small, μ shrinks on to this.
_LEAST = 1e-24
# Rounding makes less than this share of what counts as a fall of the value.
_COARSE = 1e-2
_SHARE = 1e-8
# Systems of this size are solved; larger ones by conjugate gradients.
_SOLVED = 2000
_LAST_STEPS = 5


class Smoothing(Method):
    """Each step is one of Newton's on the problem with |t| as sqrt(t² + μ²).

    μ shrinks when the gradient is short for it. The value and gradient of the state are those
    of the smooth problem, whose minimum is at most a multiple of μ above that of f.
    """

    def __init__(self, problem: Problem, state: State) -> None:
        self._smooth = problem if problem.formulas.smooth else problem.rounded
        self._smooth.smoothing = state.memory.setdefault("smoothing", FIRST)
        value, gradient = self._smooth.value_and_gradient(state.x)
        super().__init__(
            problem,
            State(state.x, value, gradient, state.scale, state.iterations, state.memory),
        )

    def settled(self, near: float) -> Array:
        """The point with entries nearer to 0 than ``near`` at 0, the others moved to where f is
        least for them; the point itself if f is larger there."""
        x = self.state.x
        free = np.abs(x) > near
        if free.all() or x.size > _SOLVED or self.problem.packing.directions is not None:
            return x
        moved = self._moved(np.where(free, x, 0.0), free)
        here, there = (self.problem.value_and_formula(each)[0] for each in (x, moved))
        return moved if there <= here else x

    def _moved(self, x: Array, free: NDArray[np.bool_]) -> Array:
        """Newton's steps for some entries, as long as their gradient gets shorter."""
        gradient = self.problem.value_and_formula(x)[1][free]
        for _ in range(_LAST_STEPS if free.any() else 0):
            hessian = self._smooth.dense_hessian(x)[np.ix_(free, free)]
            try:
                step = Symmetric(hessian).solve(gradient)
            except CannotError:
                break
            point = x.copy()
            point[free] -= step
            there = self.problem.value_and_formula(point)[1][free]
            if not length_of(there) < length_of(gradient):
                break
            x, gradient = point, there
        return x

    def is_done(self, tolerance: float) -> bool:
        return bool(self._is_last and self.state.relative_gradient <= tolerance)

    @property
    def _is_last(self) -> bool:
        """Whether μ is small beside the arguments of the kinks, whatever their units."""
        mu, state = self._smooth.smoothing, self.state
        if mu > LAST:
            return False
        value = self.problem.value_and_formula(state.x)[0]
        rounding = state.value - value
        return mu <= _LEAST or not rounding > _COARSE * negligible(
            self.problem, state.x, value, _SHARE
        )

    def step(self) -> str | None:
        smooth = self._smooth
        solver = Newton if smooth.packing.size <= _SOLVED else NewtonCG
        inner = solver(smooth, self.state)
        reason = inner.step()
        self.state = inner.state
        wanted = max(1e-10, min(1e-2, smooth.smoothing)) * self.state.scale
        if not self._is_last and (reason or self.state.gradient_norm <= wanted):
            smooth.smoothing = _sharper(smooth.smoothing)
            self._sharpened()
            return None
        return reason

    def _sharpened(self) -> None:
        """The state for the next μ."""
        state = self.state
        memory = {**state.memory, "smoothing": self._smooth.smoothing}
        value, gradient = self._smooth.value_and_gradient(state.x)
        self.state = State(state.x, value, gradient, state.scale, state.iterations, memory)


def _sharper(mu: float) -> float:
    """The next μ; ``LAST`` is one of them."""
    return max(LAST, _FACTOR * mu) if mu > LAST else _FACTOR * mu
