"""How much lower than at a point the value is found to be, and how much of that counts.

A gradient is short in some units and long in others. How far the value falls along a step of
Newton's is the same in all units of the variables, and is compared with how far it has fallen.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from gradform.minimize.arrays import length_of, projected
from gradform.minimize.problem import Problem
from gradform.minimize.variables import Array

__all__ = ["blur", "found_fall", "negligible"]

# Hessians of this size are decomposed.
_SMALL = 300
# Curvature below this share of the largest counts as that share.
_FLATTEST = 1e-12
_SMOOTHING = 1e-8
_ROUNDS = 20
_STEPS = (1.0, 0.25, 1 / 16, 1 / 256, 4.0)
# Of μ, for the derivative by it.
_NUDGE = 1e-2


@np.errstate(all="ignore")
def negligible(problem: Problem, x: Array, value: float, tolerance: float) -> float:
    """A fall from this value at x that is taken for none.

    That is a share √tolerance of how much higher f is at the start or, where that is far away, at
    0 and twice the point; a share ``tolerance`` of the value; and of what is lost since the start
    a share that no start makes large.
    """
    fallen = _rise(problem.first_value - value)
    around = max(_rise(problem.value_and_formula(each)[0] - value) for each in (0 * x, 2 * x))
    return float(
        np.sqrt(tolerance) * min(fallen, around) + tolerance * abs(value) + tolerance**2.5 * fallen
    )


def _rise(change: float) -> float:
    return change if 0 < change < np.inf else 0.0


@np.errstate(all="ignore")
def found_fall(problem: Problem, x: Array, bounds: Any, tolerance: float) -> float:
    """How much lower a convex f is as far from x as x is from 0, in two directions, and along
    steps of Newton's that are no rounding of x.

    At a minimum it is nowhere lower. -√x at 1e17 has a short gradient, and no minimum.
    """
    value, gradient = problem.value_and_formula(x)
    gradient = projected(gradient, x, bounds)
    length, distance = length_of(gradient), length_of(x)
    ways = [x]
    if 0 < length < np.inf:
        ways.append(-gradient * (distance / length))
    step = _newton_step(problem, x, bounds)
    if step is not None and length_of(step) > tolerance * distance:
        ways += [share * step for share in _STEPS]
    return value - min([value, *(_value(problem, x + way, bounds) for way in ways)])


def _value(problem: Problem, x: Array, bounds: Any) -> float:
    if bounds is not None:
        x = np.clip(x, *np.reshape(bounds, (x.size, 2)).T)
    return problem.value_and_formula(x)[0]


def _newton_step(problem: Problem, x: Array, bounds: Any) -> Array | None:
    """-H⁻¹ g between the entries that bounds leave free, of the rounded function where f has
    kinks; None where H or g is not finite."""
    smooth = problem
    if problem.formulas.kinks:
        smooth = problem.rounded
        smooth.smoothing = smooth.smoothing or _SMOOTHING  # none yet where a result was read back
    gradient = projected(smooth.value_and_formula(x)[1], x, bounds)
    if not (np.isfinite(gradient).all() and gradient.any()):
        return None
    free = gradient != 0
    step = _by_eigenvalues if x.size <= _SMALL else _by_products
    try:
        found = step(smooth, x, gradient, free)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found).all() else None


def _by_eigenvalues(problem: Problem, x: Array, gradient: Array, free: Any) -> Array:
    basis = problem.packing.directions
    slope = gradient if basis is None else basis.T @ gradient
    inside = free if basis is None else np.ones(slope.size, bool)
    hessian = problem.inner_hessian(x)[np.ix_(inside, inside)]
    values, vectors = np.linalg.eigh(hessian)
    values = np.maximum(np.abs(values), _FLATTEST * np.abs(values).max())
    step = np.zeros(slope.size)
    step[inside] = -vectors @ ((vectors.T @ slope[inside]) / values)
    return step if basis is None else basis @ step


def _by_products(problem: Problem, x: Array, gradient: Array, free: Any) -> Array:
    """By conjugate gradients, in units that make the diagonal of H one where it is known."""
    linear = import_module("scipy.sparse.linalg")
    units = np.ones(x.size)
    if problem.keeps_structure:
        diagonal = np.abs(problem.hessian(x).diagonal())
        units = np.where(diagonal > 0, diagonal, 1.0) ** -0.5

    def product(direction: Array) -> Array:
        moved = problem.product(x, np.where(free, units * np.ravel(direction), 0.0))
        return np.where(free, units * moved, 0.0)

    shape = (x.size, x.size)
    operator = linear.LinearOperator(shape, matvec=product, dtype=np.float64)
    found, _ = linear.cg(operator, -units * gradient, rtol=1e-6, maxiter=_ROUNDS)
    return np.where(free, units * found, 0.0)


@np.errstate(all="ignore")
def blur(problem: Problem, x: Array, near: float) -> float:
    """How far above its minimum f may be where a sum of subgradients at kinks nearer than
    ``near`` is 0: what those subgradients say too much at x.

    For kinks w|t|, rounded to φ(μ) = Σ w √(t² + μ²), that is at most 2 w|t| each; and
    f - φ + μ φ' = Σ w (|t| - t²/√(t² + μ²)) is at least 0.29 w|t| each for |t| <= μ.
    """
    rounded = problem.rounded
    before = rounded.smoothing

    def value(mu: float) -> float:
        rounded.smoothing = mu
        return rounded.value_and_formula(x)[0]

    try:
        middle = value(near)
        slope = (value((1 + _NUDGE) * near) - value((1 - _NUDGE) * near)) / (2 * _NUDGE)
    finally:
        rounded.smoothing = before
    return 7 * max(0.0, problem.value_and_formula(x)[0] - middle + slope)
