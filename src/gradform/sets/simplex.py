"""Projections onto sets of weights, the core of those onto balls and spectral sets."""

from __future__ import annotations

import numpy as np

from gradform.sets.entries import Array

__all__ = ["onto_capped_simplex", "onto_l1_ball", "onto_simplex"]


def onto_simplex(g: Array, total: float) -> Array:
    """Nearest w >= 0 with Σw = total: w = (g - τ)₊ (Held, Wolfe & Crowder 1974)."""
    descending = np.sort(g)[::-1]
    thresholds = (np.cumsum(descending) - total) / np.arange(1, g.size + 1)
    last = max(int(np.count_nonzero(descending > thresholds)), 1) - 1
    return np.asarray(np.maximum(g - thresholds[last], 0.0))


def onto_l1_ball(g: Array, radius: float) -> Array:
    """Nearest vector with Σ|w| <= radius: soft thresholding."""
    if float(np.abs(g).sum()) <= radius:
        return g.copy()
    return np.asarray(np.sign(g) * onto_simplex(np.abs(g), radius))


def onto_capped_simplex(g: Array, total: float) -> Array:
    """Nearest 0 <= w <= 1 with Σw = total: w = clip(g - τ, 0, 1), Σ falling in τ piecewise."""
    breaks = np.unique(np.concatenate([g, g - 1.0]))
    sums = np.array([float(np.clip(g - tau, 0.0, 1.0).sum()) for tau in breaks])
    after = int(np.searchsorted(-sums, -total))
    if after == 0:
        return np.asarray(np.clip(g - breaks[0], 0.0, 1.0))
    if after == breaks.size:
        return np.asarray(np.clip(g - breaks[-1], 0.0, 1.0))
    share = (sums[after - 1] - total) / (sums[after - 1] - sums[after])
    tau = breaks[after - 1] + share * (breaks[after] - breaks[after - 1])
    return np.asarray(np.clip(g - tau, 0.0, 1.0))
