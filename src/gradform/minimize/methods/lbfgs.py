"""L-BFGS: the Hessian is learnt from the last changes of the gradient."""

from __future__ import annotations

from gradform.language import say
from gradform.minimize.arrays import length_of
from gradform.minimize.line_search import searched
from gradform.minimize.methods.step import Method
from gradform.minimize.variables import Array

__all__ = ["LBFGS"]

_KEPT = 15


class LBFGS(Method):
    """Nocedal & Wright, Numerical Optimization, algorithm 7.5, with a Wolfe line search."""

    def step(self) -> str | None:
        state = self.state
        pairs: list[tuple[Array, Array]] = state.memory.get("pairs", [])
        direction = _direction(state.gradient, pairs)
        if not direction @ state.gradient < 0:
            pairs, direction = [], -state.gradient
        first = 1.0 if pairs else min(1.0, 1.0 / max(state.gradient_norm, 1e-300))
        evaluate = self.problem.value_and_gradient
        found = searched(evaluate, state.x, state.value, state.gradient, direction, first)
        if found is None:
            if not pairs:
                return say("no step along the gradient decreases the value")
            state.memory["pairs"] = []
            return None
        moved, turned = found[0] - state.x, found[2] - state.gradient
        if moved @ turned > 1e-12 * length_of(moved) * length_of(turned):
            pairs = [*pairs, (moved, turned)][-_KEPT:]
        state.memory["pairs"] = pairs
        self._move(*found)
        return None


def _direction(gradient: Array, pairs: list[tuple[Array, Array]]) -> Array:
    """-H g by the two-loop recursion."""
    direction = -gradient
    weights = []
    for moved, turned in reversed(pairs):
        weight = (moved @ direction) / (moved @ turned)
        direction = direction - weight * turned
        weights.append(weight)
    if pairs:
        moved, turned = pairs[-1]
        direction = direction * ((moved @ turned) / (turned @ turned))
    for (moved, turned), weight in zip(pairs, reversed(weights), strict=True):
        direction = direction + (weight - (turned @ direction) / (moved @ turned)) * moved
    return direction
