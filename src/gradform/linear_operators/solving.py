"""Systems with sums: diagonal and low rank, and Kronecker sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradform.errors import CannotError
from gradform.language import say
from gradform.linear_operators.arrays import Array, linear_algebra, singular
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.factored import factored
from gradform.linear_operators.kronecker import Kronecker
from gradform.linear_operators.low_rank import LowRank

__all__ = ["sylvester_solved", "woodbury_solved"]


_REFINEMENTS = 3


def woodbury_solved(base: LinearOperator, low: Sequence[LowRank], b: Array) -> Array:
    """(B + U C V')⁻¹ b = y - B⁻¹ U K⁻¹ C V' y, with y = B⁻¹ b and K = I + C V' B⁻¹ U.

    Woodbury's formula without the inverse of C. Where B⁻¹ is much larger than the inverse of
    the sum it loses digits: refinement brings some of them back. Where it does not, or B is
    singular, the sum is solved as an array.
    """
    with np.errstate(all="ignore"):
        solve = _woodbury(base, low)
        found = None if solve is None else _refined(solve, base, low, b)
    if found is not None:
        return found
    whole = base.whole() + sum(term.toarray() for term in low)
    symmetric = base.is_symmetric and all(term.is_symmetric for term in low)
    return factored(whole, symmetric=symmetric).solve(b)


def _refined(
    solve: Callable[[Array], Array], base: LinearOperator, low: Sequence[LowRank], b: Array
) -> Array | None:
    """A solution that leaves no more than rounding, or None."""
    found = solve(b)
    for _ in range(_REFINEMENTS):
        rest, rounding = _rest(base, low, found, b)
        if (_largest(rest) <= rounding).all():
            return found
        found = found + solve(rest)
    return None


def _woodbury(base: LinearOperator, low: Sequence[LowRank]) -> Callable[[Array], Array] | None:
    """Woodbury's formula with what does not depend on b made once; None where it has no digits.

    I + M may cancel: what is left of it has to be larger than the rounding of M. Its sums have
    as many terms as the vectors are long, so that is about ε √n |M|. With a moderate M a
    singular sum is the only reason.
    """
    try:
        spread = base._solved(np.hstack([term.left for term in low]))
    except CannotError:
        return None
    coupling = np.vstack([term.middle(term.right.T @ spread) for term in low])
    if not np.isfinite(coupling).all():
        return None
    capacity = coupling + np.eye(coupling.shape[0], dtype=coupling.dtype)
    eps = np.finfo(capacity.dtype).eps
    size = 1 + np.linalg.norm(coupling, 2)
    if not np.linalg.svd(capacity, compute_uv=False)[-1] > 8 * eps * np.sqrt(base.shape[0]) * size:
        if size < 1 / np.sqrt(eps):
            raise singular(say("sum of matrices"))
        return None
    try:
        inner = factored(capacity, symmetric=False)
    except CannotError:
        return None

    def solve(b: Array) -> Array:
        y = base._solved(b)
        weights = inner.solve(np.vstack([term.middle(term.right.T @ y) for term in low]))
        found: Array = y - spread @ weights
        return found

    return solve


def _rest(base: LinearOperator, low: Sequence[LowRank], x: Array, b: Array) -> tuple[Array, Array]:
    """b - (B + U C V') x, and for each column how much of its terms rounding may leave in it:
    sums as long as x leave about ε √n."""
    terms = [b, -base._times(x), *(-term._times(x) for term in low)]
    size = np.max([_largest(term) for term in terms], axis=0)
    eps = max(np.finfo(each.dtype).eps for each in (base, *low))
    return np.sum(terms, axis=0), 64 * eps * np.sqrt(x.shape[0]) * size


def _largest(columns: Array) -> Array:
    found: Array = np.abs(columns).max(axis=0, initial=0.0)
    return found


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
