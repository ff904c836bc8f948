"""Systems with sums: diagonal and low rank, and Kronecker sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradform.errors import CannotError
from gradform.language import say
from gradform.linear_operators.arrays import Array, linear_algebra, singular
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.factored import factored
from gradform.linear_operators.kronecker import Kronecker
from gradform.linear_operators.low_rank import LowRank

__all__ = ["sylvester_solved", "woodbury_solved"]


def woodbury_solved(base: LinearOperator, low: Sequence[LowRank], b: Array) -> Array:
    """(B + U C V')⁻¹ b = y - B⁻¹ U K⁻¹ C V' y, with y = B⁻¹ b and K = I + C V' B⁻¹ U.

    Woodbury's formula without the inverse of C. Where B itself is singular the sum is
    solved as an array.
    """
    left = np.hstack([term.left for term in low])
    try:
        solved = base._solved(np.hstack([b, left]))
    except CannotError:
        whole = base.whole() + sum(term.toarray() for term in low)
        symmetric = base.is_symmetric and all(term.is_symmetric for term in low)
        return factored(whole, symmetric=symmetric).solve(b)
    y, spread = solved[:, : b.shape[1]], solved[:, b.shape[1] :]
    coupling = np.vstack([term.middle(term.right.T @ spread) for term in low])
    capacity = coupling + np.eye(coupling.shape[0], dtype=coupling.dtype)
    _require_regular(capacity, coupling, b.shape[0])
    inner = np.vstack([term.middle(term.right.T @ y) for term in low])
    found: Array = y - spread @ factored(capacity, symmetric=False).solve(inner)
    return found


def _require_regular(capacity: Array, coupling: Array, length: int) -> None:
    """I + M may cancel: what is left of it has to be larger than the rounding of M.

    The sums in M have as many terms as the vectors are long, so its rounding is about
    ε √n |M|.
    """
    rounding = 8 * np.finfo(capacity.dtype).eps * np.sqrt(length)
    least = np.linalg.svd(capacity, compute_uv=False)[-1]
    if not least > rounding * (1 + np.linalg.norm(coupling, 2)):
        raise singular(say("sum of matrices"))


def sylvester_solved(first: Kronecker, second: Kronecker, b: Array) -> Array | None:
    """X with A X B' + C X D' = F, for (A ⊗ B + C ⊗ D) vec X = vec F; None where not so.

    With C and B regular it is a Sylvester equation: C⁻¹A X + X (B⁻¹D)' = C⁻¹ F B⁻ᵀ.
    """
    plain = first.row_order == first.column_order == second.row_order == second.column_order
    if not plain or any(len(each.factors) != 2 for each in (first, second)):
        return None
    outer, inner = first.factors
    outer2, inner2 = second.factors
    shapes = {outer.shape, outer2.shape}, {inner.shape, inner2.shape}
    if any(len(each) != 1 or len(set(*each)) != 1 for each in shapes):
        return None
    if list(first.row_order) != sorted(first.row_order):
        return None
    m, n = outer.shape[0], inner.shape[0]
    try:
        slow = outer2._solved(outer.toarray())
        fast = inner._solved(inner2.toarray())
        columns = []
        for k in range(b.shape[1]):
            right = inner._solved(outer2._solved(b[:, k].reshape(m, n)).T).T
            columns.append(linear_algebra().solve_sylvester(slow, fast.T, right).reshape(-1))
    except (CannotError, np.linalg.LinAlgError):
        return None
    found = np.stack(columns, axis=1)
    residual = np.abs(first._times(found) + second._times(found) - b).max(initial=0.0)
    return found if residual <= 1e-8 * np.abs(b).max(initial=0.0) else None
