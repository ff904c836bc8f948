"""SciPy's optimisers, fed with value, gradient, Hessian or its products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from gradform.minimize.methods.step import State
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array

__all__ = ["SCIPY", "run_scipy"]

# What each takes besides value and gradient.
SCIPY: Mapping[str, str | None] = {
    "l-bfgs-b": None,
    "trust-ncg": "product",
    "trust-krylov": "product",
    "trust-exact": "hessian",
}

Bounds: TypeAlias = Sequence[tuple[float, float]]


def run_scipy(
    problem: Problem,
    method: str,
    state: State,
    *,
    tolerance: float,
    most: int,
    bounds: Bounds | None,
    after: Callable[[State], bool],
) -> tuple[State, str | None]:
    """At most ``most`` iterations from a state; the reason when SciPy could not go on.

    ``after`` is told every iterate and says whether to stop.
    """
    last = [state]
    seen: dict[bytes, tuple[float, Array]] = {}

    def evaluate(x: Array) -> tuple[float, Array]:
        found = problem.value_and_gradient(x)
        seen.clear()
        seen[x.tobytes()] = found
        return found

    def searched(x: Array) -> tuple[float, Array]:
        value, gradient = evaluate(x)
        return (value, gradient) if np.isfinite(value) else _wall(last[0], x)

    def told(intermediate_result: Any) -> None:
        x = np.array(intermediate_result.x, dtype=np.float64)
        value, gradient = seen.get(x.tobytes()) or problem.value_and_gradient(x)
        before = last[0]
        last[0] = State(x, value, gradient, before.scale, before.iterations + 1, before.memory)
        if after(last[0]):
            raise StopIteration

    allowed = tolerance * state.scale
    options: dict[str, Any] = {"maxiter": most, "gtol": allowed}
    more: dict[str, Any] = {}
    evaluated = evaluate
    match SCIPY[method]:
        case "product":
            more["hessp"] = partial(_product, problem)
        case "hessian":
            more["hess"] = partial(_hessian, problem)
        case None:
            evaluated = searched
            options |= {"ftol": 0.0, "gtol": allowed / np.sqrt(state.x.size), "maxls": 50}
            more["bounds"] = bounds
    optimize = import_module("scipy.optimize")
    found = optimize.minimize(
        evaluated, state.x, jac=True, method=method, callback=told, options=options, **more
    )
    return last[0], None if found.success else str(found.message)


def _wall(state: State, x: Array) -> tuple[float, Array]:
    """Value and gradient of the parabola f + M t² along the step, for a point x at t = 1 outside
    the domain: the line search of L-BFGS-B, which takes no infinite values, steps back from it.

    M is the decrease that the slope at t = 0 promised, so the next trial is nearer by a few
    times; as M > 0, x is never taken.
    """
    step = x - state.x
    rise = abs(float(state.gradient @ step)) + 1e-8 * abs(state.value) + 1e-300
    return state.value + rise, step * (2 * rise / float(step @ step))


def _hessian(problem: Problem, x: Array) -> Array:
    """The Hessian; the identity where there is none, as outside the domain. SciPy asks at trial
    points before it knows their value; a trust region may use any bounded matrix."""
    try:
        found = problem.dense_hessian(x)
    except np.linalg.LinAlgError:
        return np.eye(x.size)
    return found if np.isfinite(found).all() else np.eye(x.size)


def _product(problem: Problem, x: Array, direction: Array) -> Array:
    """The same matrix times a direction."""
    try:
        found = problem.product(x, direction)
    except np.linalg.LinAlgError:
        return direction
    return found if np.isfinite(found).all() else direction
