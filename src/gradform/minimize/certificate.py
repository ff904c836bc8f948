"""What is known about the point that a run ended at."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradform.errors import GradformError
from gradform.language import Message, joined, phrase, say
from gradform.minimize.arrays import length_of, projected
from gradform.minimize.convexity import Convexity, convexity_of
from gradform.minimize.falls import blur, found_fall, negligible
from gradform.minimize.problem import Problem
from gradform.minimize.questions import engine, rows_of, source_of, too_large
from gradform.minimize.scale import scale_of
from gradform.minimize.variables import Array
from gradform.records import record

__all__ = ["WIDER", "Certificate", "certified"]

# Where kinks near by show no minimum, those so many times further are taken as met, too.
WIDER = 10.0
_NARROWINGS = 20


@record(eq=False)
class Certificate:
    """How near to a minimum a point is, and whether it is a global one.

    gradient_norm     length of the gradient (of what points inside the bounds, if there are some)
    relative          the same against the scale
    scale             the length at the start, or what it changes by along a way as long as the
                      point where that is less, or 1 where both are less; less than that where
                      the value goes on falling at gradients so short
    tolerance         what ``relative`` may be
    convexity         whether the problem was proved convex, and how
    optimality        at kinks: 0 as a sum of subgradients, or a direction downhill; else None
    near              how near to a kink counts as at it: ten times as much as the run ended
                      with where that shows a minimum, less where it may hide one
    least_curvature   least eigenvalue of a small Hessian; 0 if below √ε of the largest
    fall              how much lower the value of a convex f is at twice the point, as far
                      down the gradient, or along Newton's step; 0 where that counts as none
    """

    gradient_norm: float
    relative: float
    scale: float
    tolerance: float
    convexity: Convexity
    optimality: Any
    near: float
    least_curvature: float | None
    fall: float

    @property
    def is_stationary(self) -> bool:
        """Whether the gradient is short enough, or 0 is a subgradient."""
        if self.optimality is None:
            return bool(self.relative <= self.tolerance)
        return self.optimality.is_optimal is True and self._is_short(self.optimality.distance)

    def _is_short(self, distance: float) -> bool:
        """Whether what subgradients add up to is as short as a gradient has to be."""
        return distance <= self.tolerance * self.scale

    @property
    def is_global(self) -> bool:
        """Whether the point is a global minimum, up to the tolerance: a convex f and a
        vanishing subgradient. Far out a gradient may be short where the value falls on."""
        return self.convexity.label == "convex" and self.is_stationary and not self.fall

    def __bool__(self) -> bool:
        return self.is_global

    @property
    def gap(self) -> float | None:
        """f(x) - min f is at most this: |g|²/(2 m) for a function that is m-strongly convex.

        None where the function is not known to be.
        """
        strength = self.convexity.strength
        if not strength or self.optimality is not None:
            return None
        return self.gradient_norm * self.gradient_norm / (2 * strength)  # inf, no OverflowError

    @property
    def text(self) -> Message:
        """The verdict and the facts it rests on, a line each."""
        return joined([self._verdict(), *self._facts()], "\n")

    def _verdict(self) -> Message:
        if self.is_global:
            return say("global minimum certified")
        if self.optimality is not None and self.optimality.is_optimal is None:
            return say("not decided whether 0 is a subgradient")
        if not self.is_stationary:
            if self.optimality is None:
                return say("no minimum: the gradient does not vanish")
            return say("no minimum: 0 is no subgradient")
        if self.least_curvature is not None and self.least_curvature < 0:
            return say("no minimum: a stationary point with directions of negative curvature")
        if self.fall:
            return say("no minimum: the gradient is short, but the value goes on falling")
        if self.convexity.label == "not convex":
            return say(
                "stationary point; the function is not convex, so it may be no global minimum"
            )
        return say("stationary point; the function was not proved convex")

    def _facts(self) -> list[Message]:
        lines: list[Message] = []
        if self.optimality is None:
            norm, relative = self.gradient_norm, self.relative
            lines.append(
                say("  gradient {norm:.3g}, relative {relative:.3g}", norm=norm, relative=relative)
            )
        if self.gap is not None:
            lines.append(
                say("  at most {gap:.3g} above the minimum, by strong convexity", gap=self.gap)
            )
        if self.fall and self.is_stationary:
            lines.append(say("  lower by {fall:.3g} at a point as far again", fall=self.fall))
        if self.optimality is not None:
            lines += [say("  {line}", line=line) for line in self.optimality.lines]
            lines.append(say("  kinks nearer than {near:.1g} are taken as met", near=self.near))
        if self.least_curvature is not None:
            lines.append(say("  least curvature {value:.6g}", value=self.least_curvature))
        label = phrase(self.convexity.label)
        lines += [
            say("  {label}: {line}", label=label, line=line) for line in self.convexity.proof[-3:]
        ]
        return lines

    def __str__(self) -> str:
        return str(self.text)


# Every element of a set of this status is a subgradient.
_WITHIN = ("EXACT", "INNER")
# Eigenvalues of a Hessian of this size take a moment.
_SMALL = 300


def certified(
    problem: Problem, x: Array, scale: float, tolerance: float, bounds: Any, near: float
) -> Certificate:
    """The certificate for a point; ``near`` is how near to a kink counts as at it."""
    value, gradient = problem.value_and_formula(x)
    least = negligible(problem, x, value, tolerance)
    optimality = None
    if x.size and problem.formulas.kinks:
        optimality, near = _nearest_optimality(problem, x, near, tolerance * scale, least)
    convexity = convexity_of(problem, x)
    inside = projected(gradient, x, bounds)
    norm = length_of(inside)
    fall = 0.0
    if x.size and convexity.label == "convex":
        fall = found_fall(problem, x, bounds, tolerance)
    scale = scale_of(problem, x, scale, norm, tolerance)
    return Certificate(
        norm,
        norm / scale,
        scale,
        tolerance,
        convexity,
        optimality,
        near,
        _least_curvature(problem, x) if optimality is None else None,
        fall if fall > least else 0.0,
    )


def _nearest_optimality(
    problem: Problem, x: Array, near: float, allowed: float, least: float
) -> tuple[Any, float]:
    """Optimality with the least distance to kinks that shows it. Where a subgradient at a kink is
    only just long enough, minima of rounded kinks come no nearer than μ^⅔. No distance is so
    large that f may be more than ``least`` above its minimum because of it."""
    for _ in range(_NARROWINGS if near else 0):
        if blur(problem, x, near) <= least:
            break
        near /= WIDER
    found = _optimality(problem, x, near, allowed)
    if near and found.is_optimal is not True and blur(problem, x, WIDER * near) <= least:
        wider = _optimality(problem, x, WIDER * near, allowed)
        if wider.is_optimal is True:
            return wider, WIDER * near
    return found, near


@np.errstate(all="ignore")
def _least_curvature(problem: Problem, x: Array) -> float | None:
    """None where the Hessian is large, or not finite."""
    if not 0 < x.size <= _SMALL:
        return None
    try:
        hessian = problem.inner_hessian(x)
        values = np.linalg.eigvalsh(hessian)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(hessian).all():
        return None
    # The point is not exactly stationary, which shows in flat directions.
    near_zero = np.sqrt(np.finfo(float).eps) * np.abs(values).max()
    return float(values[0]) if abs(values[0]) > near_zero else 0.0


@record
class _Undecided:
    """Optimality that was not decided."""

    why: str
    is_optimal: bool | None = None

    @property
    def lines(self) -> tuple[Message, ...]:
        return (say("not decided: {why}", why=self.why),)

    def __str__(self) -> str:
        return str(self.lines[0])


def _optimality(problem: Problem, x: Array, near: float, allowed: float) -> Any:
    """0 in the subdifferential at the point, up to a subgradient as short as ``allowed``; kinks
    within ``near`` taken as met."""
    reason = too_large(problem)
    if reason is not None:
        return _Undecided(reason)
    try:
        question = engine("space.question").space_question(
            source_of(problem),
            problem.packing.names,
            problem.packing.arrays(x),
            problem.data,
            rows_of(problem),
            problem.question.assume,
            near,
        )
        found = engine("space.result").SpaceSubdifferential(question)
        if found.status not in _WITHIN:
            return _Undecided(
                say("the set of subgradients is {status}", status=phrase(found.status.lower()))
            )
        return found.optimality_within(allowed)
    except GradformError as error:
        return _Undecided(error.message)
