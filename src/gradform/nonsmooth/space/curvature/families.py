"""Families of functions that rules know by name."""

from __future__ import annotations

__all__ = [
    "ALSO_CONVEX",
    "EXTREMES",
    "FILLED",
    "INCREASING_ON_NONNEGATIVE",
    "LINEAR",
    "LINEAR_PIECES",
]

INCREASING_ON_NONNEGATIVE = frozenset(
    {"norm1", "norm2", "norminf", "norm21", "sumsq", "quad_over_lin", "normspec"}
)
ALSO_CONVEX = frozenset({"dist_affine", "ind_affine", "ind_box", "mse"})
LINEAR_PIECES = frozenset(
    {"norm1", "norminf", "max", "min", "maximum", "minimum", "sum", "mean", "sum_largest",
     "median", "tr", "clip"}
)  # fmt: skip
LINEAR = frozenset({"dot", "outer", "kron", "vec", "diag", "cumsum"})
"""Linear in each argument."""
FILLED = frozenset({"vector", "matrix"})
"""All entries are the argument."""
EXTREMES = {"max": 1, "maximum": 1, "min": -1, "minimum": -1}
"""1: the largest, -1: the smallest."""
