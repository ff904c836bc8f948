"""SciPy's optimisers, fed with value, gradient, Hessian or its products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

    def told(intermediate_result: Any) -> None:
        x = np.array(intermediate_result.x, dtype=np.float64)
        value, gradient = seen.get(x.tobytes()) or problem.value_and_gradient(x)
        before = last[0]
        last[0] = State(
            x, value, gradient, before.first_gradient, before.iterations + 1, before.memory
        )
        if after(last[0]):
            raise StopIteration

    allowed = tolerance * max(1.0, state.first_gradient)
    options: dict[str, Any] = {"maxiter": most, "gtol": allowed}
    more: dict[str, Any] = {}
    match SCIPY[method]:
        case "product":
            more["hessp"] = problem.product
        case "hessian":
            more["hess"] = problem.dense_hessian
        case None:
            options |= {"ftol": 0.0, "gtol": allowed / np.sqrt(state.x.size), "maxls": 50}
            more["bounds"] = bounds
    optimize = import_module("scipy.optimize")
    found = optimize.minimize(
        evaluate, state.x, jac=True, method=method, callback=told, options=options, **more
    )
    return last[0], None if found.success else str(found.message)
