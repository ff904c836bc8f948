"""The nearest element as a convex combination of extreme elements and rays.

Wolfe's method (Finding the nearest point in a polytope, 1976), extended by rays: it asks
the set only for the extreme element in the direction that is left over, so it serves every
set, ends after finitely many steps on polyhedra, and its answer is a decomposition that
can be checked by hand.
"""

from __future__ import annotations

import numpy as np

from gradform.sets.entries import Array
from gradform.sets.oracle import Oracle
from gradform.sets.witness import Witness, combination

__all__ = ["nearest_by_atoms"]

_SMALLEST_GAIN = 1e-15
_MOST_STEPS = 400


def nearest_by_atoms(s: Oracle, g: Array, steps: int = _MOST_STEPS) -> Witness:
    """Minimise |g - Σ λᵢ pᵢ - Σ μⱼ rⱼ| over λ in the simplex, μ >= 0, atoms added one by one."""
    atoms = _first_atoms(s, g)
    weights = np.array([float(atom.weight > 0) for atom in atoms])
    best, least = weights, np.inf
    kept = atoms
    for _ in range(steps):
        atoms, weights = _reduced(atoms, weights, g)
        left = g - weights @ np.stack([atom.vector for atom in atoms])
        size = float(left @ left)
        if size >= least * (1 - 1e-15):
            break
        kept, best, least = atoms, weights, size
        added = s.extreme(s.supporting(left))
        gain = float(left @ (added.vector - (g - left if added.weight else 0.0)))
        scale = max(1.0, float(g @ g), float(added.vector @ added.vector))
        if gain <= _SMALLEST_GAIN * scale:
            break
        atoms, weights = [*atoms, added], np.append(weights, 0.0)
    return combination(best.tolist(), kept)


def _first_atoms(s: Oracle, g: Array) -> list[Witness]:
    """An extreme element, and the rays met on the way to it."""
    rays: list[Witness] = []
    for direction in (g, np.zeros_like(g)):
        found = s.extreme(direction)
        if found.weight > 0:
            return [found, *rays]
        rays.append(found)
    raise AssertionError("every element is furthest in direction 0")


def _reduced(atoms: list[Witness], weights: Array, g: Array) -> tuple[list[Witness], Array]:
    """Weights of the nearest combination of the atoms, those of weight zero dropped."""
    vectors = np.stack([atom.vector for atom in atoms])
    points = np.array([atom.weight > 0 for atom in atoms])
    while True:
        wanted = _affine_weights(vectors, points, g)
        falling = (wanted < weights) & (wanted <= 0)
        if not falling.any():
            return atoms, np.maximum(wanted, 0.0)
        shares = weights[falling] / (weights[falling] - wanted[falling])
        step = min(1.0, float(shares.min()))
        weights = weights + step * (wanted - weights)
        keep = weights > 1e-14 * max(1.0, float(weights.max()))
        keep[np.flatnonzero(falling)[shares <= step]] = False
        if not (keep & points).any():
            keep[int(np.argmax(np.where(points, weights, -1.0)))] = True
        atoms = [atom for atom, kept in zip(atoms, keep, strict=True) if kept]
        vectors, points, weights = vectors[keep], points[keep], np.maximum(weights[keep], 0.0)
        weights[points] /= weights[points].sum()


def _affine_weights(vectors: Array, points: Array, g: Array) -> Array:
    """The least squares weights, those of points adding up to 1."""
    origin = int(np.argmax(points))
    others = np.arange(len(vectors)) != origin
    columns = vectors[others] - np.where(points[others, None], vectors[origin], 0.0)
    free = np.linalg.lstsq(columns.T, g - vectors[origin], rcond=1e-13)[0]
    weights = np.zeros(len(vectors))
    weights[others] = free
    weights[origin] = 1.0 - float(free[points[others]].sum())
    return weights
