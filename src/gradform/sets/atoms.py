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

__all__ = ["nearest_by_atoms", "nearest_in_part"]

_SMALLEST_GAIN = 1e-15
_FAINT = 1e-9
_MOST_STEPS = 400
_MOST_COLLAPSES = 5


def nearest_by_atoms(s: Oracle, g: Array, start: Witness | None = None) -> Witness:
    """Minimise |g - Σ λᵢ pᵢ - Σ μⱼ rⱼ| over λ in the simplex, μ >= 0.

    Atoms are added one by one, from an extreme element or from ``start``.
    """
    atoms = _first_atoms(s, g) if start is None else [start]
    weights = np.array([float(atom.weight > 0) for atom in atoms])
    best, least, collapses = combination(weights.tolist(), atoms), np.inf, 0
    for _ in range(_MOST_STEPS):
        atoms, weights = _reduced(atoms, weights, g)
        left = g - weights @ np.stack([atom.vector for atom in atoms])
        size = float(left @ left)
        if size < least:
            best, least = combination(weights.tolist(), atoms), size
        elif collapses < _MOST_COLLAPSES:  # atoms too alike: go on from their combination
            collapses += 1
            atoms, weights, left = [best], np.ones(1), g - best.vector
        else:
            break
        added = _improving(s, g, left)
        if added is None:
            break
        atoms, weights = [*atoms, added], np.append(weights, 0.0)
    return best


def _improving(s: Oracle, g: Array, left: Array) -> Witness | None:
    """An atom that brings a combination nearer to g, by more than rounding."""
    length = float(np.linalg.norm(left))
    if length == 0.0:
        return None
    added = s.extreme(left)
    if added.weight == 0 and left @ added.vector <= _FAINT * length:
        added = s.extreme(s.supporting(left))
    gain = float(left / length @ (added.vector - (g - left if added.weight else 0.0)))
    scale = max(1.0, float(np.abs(g).max()), float(np.abs(added.vector).max()))
    return added if gain > _SMALLEST_GAIN * scale else None


def nearest_in_part(s: Oracle, g: Array) -> Witness:
    """By formula where there is one, by atoms where not."""
    found = s.closest(g)
    return nearest_by_atoms(s, g) if found is None else found


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
        keep = ~falling | (weights > 0)
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
