"""Two operators as one of the same structure, where there is such a one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradform.linear_operators.arrays import Array
from gradform.linear_operators.banded import Banded
from gradform.linear_operators.base import LinearOperator
from gradform.linear_operators.block_diagonal import BlockDiagonal
from gradform.linear_operators.dense import Dense, Symmetric
from gradform.linear_operators.diagonal import Diagonal, Identity
from gradform.linear_operators.kronecker import Kronecker

__all__ = ["joined"]


def joined(left: LinearOperator, right: LinearOperator) -> LinearOperator | None:
    """left + right as one operator that stores no more, or None."""
    found = _one_way(left, right) or _one_way(right, left)
    return None if found is None else found.reshaped(left.rows, left.columns)


def _one_way(left: LinearOperator, right: LinearOperator) -> LinearOperator | None:
    """The cases with the richer structure on the left."""
    if type(left) in (Dense, Symmetric):
        return _dense(left, right)
    join = _JOINS.get((type(left), type(right)))
    return None if join is None else join(left, right)


def _identity(left: Identity, right: Identity) -> LinearOperator:
    return Identity(left.rows, left.factor + right.factor, dtype=left.dtype)


def _diagonal(left: Diagonal, right: Diagonal | Identity) -> LinearOperator:
    return Diagonal(left.entries + right.diagonal(), name=_sum(left.name, right))


def _sum(name: str, right: LinearOperator) -> str:
    """The name of a diagonal plus another one."""
    if isinstance(right, Identity):
        return f"{name} + {right.factor:g}"
    other = right.name if isinstance(right, Diagonal) else right.structure
    return f"{name} - {other[1:]}" if other.startswith("-") else f"{name} + {other}"


def _dense(left: Any, right: LinearOperator) -> LinearOperator:
    name = f"{left.structure} + {right.structure}" if left.name != "dense" else "dense"
    matrix = left.matrix + right.toarray()
    kind = Symmetric if left.is_symmetric and right.is_symmetric else Dense
    return kind(matrix, left.rows, left.columns, name)


def _banded(left: Banded, right: LinearOperator) -> LinearOperator:
    others = right.bands if isinstance(right, Banded) else {0: right.diagonal()}
    bands: dict[int, Array] = dict(left.bands)
    for offset, band in others.items():
        bands[offset] = bands[offset] + band if offset in bands else band
    return Banded(bands, left.rows, left.columns)


def _block_diagonal(left: BlockDiagonal, right: LinearOperator) -> LinearOperator | None:
    count, height, width = left.blocks.shape
    if height != width:
        return None
    symmetric = left.is_symmetric and right.is_symmetric
    if isinstance(right, BlockDiagonal):
        if right.blocks.shape != left.blocks.shape:
            return None
        blocks = left.blocks + right.blocks
    else:
        blocks = left.blocks.copy()
        place = range(height)
        blocks[:, place, place] += right.diagonal().reshape(count, height)
    return BlockDiagonal(blocks, left.rows, left.columns, symmetric)


def _kronecker(left: Kronecker, right: Kronecker) -> LinearOperator | None:
    """A ⊗ B + A ⊗ C = A ⊗ (B + C): all factors but one are equal."""
    orders = (left.row_order, left.column_order) == (right.row_order, right.column_order)
    if not orders or len(left.factors) != len(right.factors):
        return None
    pairs = list(zip(left.factors, right.factors, strict=True))
    if any((a.rows, a.columns) != (b.rows, b.columns) for a, b in pairs):
        return None
    different = [k for k, (a, b) in enumerate(pairs) if not _are_equal(a, b)]
    if len(different) > 1:
        return None
    (k,) = different or [0]
    factors = list(left.factors)
    factors[k] = factors[k] + right.factors[k]
    return Kronecker(factors, left.row_order, left.column_order)


def _kronecker_and_identity(left: Kronecker, right: Identity) -> LinearOperator | None:
    """I ⊗ B + c·I = I ⊗ (B + c·I), in any order of the axes that rows and columns share."""
    if left.row_order != left.column_order:
        return None
    if any(factor.rows != factor.columns for factor in left.factors):
        return None
    whole = [k for k, factor in enumerate(left.factors) if not isinstance(factor, Identity)]
    if len(whole) != 1:
        return None
    (k,) = whole
    scale = 1.0
    for factor in left.factors:
        scale *= factor.factor if isinstance(factor, Identity) else 1.0
    own = left.factors[k]
    factors: list[LinearOperator] = [
        Identity(factor.rows, dtype=own.dtype) for factor in left.factors
    ]
    factors[k] = scale * own + Identity(own.rows, right.factor, dtype=own.dtype)
    return Kronecker(factors, left.row_order, left.column_order)


def _are_equal(left: LinearOperator, right: LinearOperator) -> bool:
    """Whether two factors are seen to be the same."""
    match left, right:
        case Identity(), Identity():
            return left.factor == right.factor
        case Dense(), Dense():
            a, b = left.matrix, right.matrix
            place = "__array_interface__"
            return a is b or getattr(a, place) == getattr(b, place)
    return False


# By classes, since a sum of two asks for every pair of its terms. Where none stands, the terms
# stay apart; a dense matrix takes all.
_JOINS: Mapping[tuple[type, type], Callable[[Any, Any], LinearOperator | None]] = {
    (Identity, Identity): _identity,
    **{(Diagonal, other): _diagonal for other in (Diagonal, Identity)},
    **{(Banded, other): _banded for other in (Banded, Diagonal, Identity)},
    **{(BlockDiagonal, other): _block_diagonal for other in (BlockDiagonal, Diagonal, Identity)},
    (Kronecker, Kronecker): _kronecker,
    (Kronecker, Identity): _kronecker_and_identity,
}
