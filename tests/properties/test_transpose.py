"""⟨push v, w⟩ = ⟨v, pull w⟩: both modes are one linear map and its transpose."""

from __future__ import annotations

import numpy as np

from gradform.calculus import derivative, pull, push
from gradform.ir.nodes import symbol
from tests.properties.cases import Array, Case, Cases, agree

CASES = Cases(150, first=200_000)


def _direction(case: Case, axes: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal(axes)


@CASES.each
def test_push_and_pull_are_transposes(case: Case) -> None:
    root = case.function.value.node
    variable = case.function.variables[case.names[0]].symbol
    v, w = symbol("direction_v", variable.axes), symbol("direction_w", root.axes)
    pushed, pulled = push(root, {variable: v}), pull(root, w, variable)
    env = dict(case.env)
    env["direction_v"] = _direction(case, env[variable.name].shape, 1)
    env["direction_w"] = _direction(case, case.value(root).shape, 2)
    assert agree(
        lambda at: np.asarray(np.sum(case.value(pushed, at) * at["direction_w"])),
        lambda at: np.asarray(np.sum(at["direction_v"] * case.value(pulled, at))),
        env,
    )


@CASES.each
def test_the_derivative_is_the_pushed_identity(case: Case) -> None:
    """Σ ∂y/∂x v = push v."""
    root = case.function.value.node
    variable = case.function.variables[case.names[0]].symbol
    tensor = derivative(root, variable)
    v = symbol("direction_v", variable.axes)
    pushed = push(root, {variable: v})
    env = dict(case.env)
    env["direction_v"] = _direction(case, env[variable.name].shape, 3)
    rank = variable.rank
    assert agree(
        lambda at: np.tensordot(case.value(tensor, at), at["direction_v"], rank),
        lambda at: case.value(pushed, at),
        env,
    )
