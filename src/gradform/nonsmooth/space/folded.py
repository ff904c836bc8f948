"""Sums of absolute values of affine forms: convex exactly when no plane bends downwards.

f(x) = affine + Σ cₖ·|aₖ'x + bₖ| with different planes is convex if and only if all cₖ >= 0:
across a plane with cₖ < 0, away from the others, its slope falls.
"""

from __future__ import annotations

import numpy as np

from gradform.nonsmooth.space.changes import Array, dense
from gradform.records import record

__all__ = ["Folded", "absolute_sum"]

_MOST = 4096
_ZERO = 1e-12


@record(eq=False)
class Folded:
    """Entries affine + weights·|planes|; ``planes`` has rows (a, b), ``linear`` rows (a, b)."""

    linear: Array
    planes: Array
    weights: Array

    @staticmethod
    def affine(matrix: object, offset: Array) -> Folded | None:
        """J·x + c"""
        rows = dense(matrix)
        if rows.size > _MOST:
            return None
        linear = np.hstack([rows, offset.reshape(-1, 1)])
        return Folded(linear, np.zeros((0, linear.shape[1])), np.zeros((len(linear), 0)))

    def scaled(self, factor: float) -> Folded:
        return Folded(factor * self.linear, self.planes, factor * self.weights)

    def mapped(self, matrix: object) -> Folded:
        rows = dense(matrix)
        return Folded(rows @ self.linear, self.planes, rows @ self.weights)

    def plus(self, other: Folded) -> Folded | None:
        if len(self.linear) != len(other.linear) or len(self.planes) + len(other.planes) > 200:
            return None
        return Folded(
            self.linear + other.linear,
            np.vstack([self.planes, other.planes]),
            np.hstack([self.weights, other.weights]),
        )

    def bent(self, places: list[tuple[float, float, float]], slope: float) -> Folded | None:
        """A piecewise linear function of every entry: ``slope`` far left, then the kinks."""
        if len(self.planes) or len(self.linear) * len(places) > 200:
            return None  # kinks of kinks are another form
        size, width = self.linear.shape
        jumps = [right - left for _, left, right in places]
        middle = slope + sum(jumps) / 2
        planes, weights = [], []
        for (place, _, _), jump in zip(places, jumps, strict=True):
            plane = self.linear.copy()
            plane[:, -1] -= place
            planes.append(plane)
            weights.append(jump / 2 * np.eye(size))
        if not planes:
            return Folded(middle * self.linear, np.zeros((0, width)), np.zeros((size, 0)))
        return Folded(middle * self.linear, np.vstack(planes), np.hstack(weights))

    def larger(self, other: Folded) -> Folded | None:
        """max(u, v) = (u + v + |u - v|)/2 of affine ones."""
        if len(self.planes) or len(other.planes) or len(self.linear) != len(other.linear):
            return None
        size = len(self.linear)
        both = (self.linear + other.linear) / 2
        return Folded(both, self.linear - other.linear, np.eye(size) / 2)

    def row(self, place: int) -> Folded:
        return Folded(self.linear[place : place + 1], self.planes, self.weights[place : place + 1])

    def spread(self, size: int) -> Folded:
        """A scalar as all entries of an array."""
        if len(self.linear) == size:
            return self
        return Folded(
            np.repeat(self.linear, size, 0), self.planes, np.repeat(self.weights, size, 0)
        )


def absolute_sum(folded: Folded) -> list[tuple[Array, float]]:
    """The different planes of a scalar with their weights, normals of length 1, zeros left out."""
    found: list[tuple[Array, float]] = []
    for plane, weight in zip(folded.planes, folded.weights[0], strict=True):
        size = float(np.linalg.norm(plane[:-1]))
        if weight == 0 or size == 0:
            continue
        unit = plane / size
        for k, (other, total) in enumerate(found):
            turned = -1.0 if float(unit[:-1] @ other[:-1]) < 0 else 1.0
            if np.abs(turned * unit - other).max() <= _ZERO * max(1.0, abs(float(unit[-1]))):
                found[k] = (other, total + weight * size)
                break
        else:
            found.append((unit, weight * size))
    largest = max((abs(float(w)) for w in folded.weights[0]), default=0.0)
    return [(plane, weight) for plane, weight in found if abs(weight) > _ZERO * largest]
