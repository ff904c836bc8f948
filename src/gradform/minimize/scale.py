"""What the length of a gradient is measured against.

Its length at the start is large where the start is far, as e^25 is for exp(x) - x at 25, and
says nothing about the minimum. Where it is less, the change of the gradient along a way as long
as the point, |H| max(1, |x|), is taken: gradients that short are those of points that differ
from a stationary one by that share of x in the steepest directions. Both count as 1 where they
are less, until the value is seen to fall on.
"""

from __future__ import annotations

import numpy as np

from gradform.minimize.arrays import length_of
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array

__all__ = ["scale_of"]

_ROUNDS = 4


def scale_of(problem: Problem, x: Array, scale: float, length: float, near: float) -> float:
    """The scale at a point whose gradient has this length.

    It is the one before, at first that of the start, unless the answer whether ``length`` is at
    most the share ``near`` of it depends on it, and at kinks, where there is no Hessian.
    """
    if not near < length <= near * scale or problem.formulas.kinks:
        return scale
    return max(1.0, min(scale, _curvature(problem, x) * _size(x)))


def _size(x: Array) -> float:
    return max(1.0, length_of(x))


def _curvature(problem: Problem, x: Array) -> float:
    """|H| by some rounds of the power method, with differences of gradients; inf where one of
    them is outside the domain."""
    _, here = problem.value_and_gradient(x)
    step = np.sqrt(np.finfo(float).eps) * _size(x)
    direction = problem.packing.flat(
        list(problem.packing.arrays(np.random.default_rng(0).normal(size=x.size)).values())
    )
    largest = 0.0
    for _ in range(_ROUNDS):
        direction = direction / length_of(direction)
        change = problem.value_and_gradient(x + step * direction)[1] - here
        length = length_of(change) / step
        if not np.isfinite(length):
            return np.inf
        if length == 0:
            break
        largest, direction = max(largest, length), change
    return largest
