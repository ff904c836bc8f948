"""Sums, products and stacks of models."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy import sparse

from gradform.errors import CannotError, ShapeError
from gradform.language import say
from gradform.nonsmooth.space.changes import added, diagonal, mapped
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import ROUNDING, Model, picked, summed

__all__ = [
    "below",
    "broadcast",
    "largest",
    "matrix_product",
    "scaled",
    "side_by_side",
    "times",
    "total_of",
    "transposed",
]


def broadcast(model: Model, shape: tuple[int, int]) -> Model:
    """A scalar repeated over an array."""
    if model.size > 1 or shape == (1, 1):
        return model
    return picked(model, np.zeros(shape[0] * shape[1], dtype=np.int64), shape)


def largest(model: Model) -> float:
    value = model.value
    if sparse.issparse(value):
        return float(abs(value).max()) if value.nnz else 0.0
    return float(np.abs(value).max(initial=0.0))


def total_of(terms: list[Model]) -> Model:
    """A sum; scalars are spread over arrays."""
    shape = next((t.shape for t in terms if t.size > 1), terms[0].shape)
    terms = [broadcast(t, shape) for t in terms]
    if any(t.shape != shape for t in terms):
        raise ShapeError(
            say("The terms of a sum have different shapes."), kind="dimension_mismatch"
        )
    value = terms[0].value
    for term in terms[1:]:
        value = value + term.value

    def exact() -> Exact | None:
        known = [term.exact for term in terms]
        if any(each is None for each in known):
            return None
        result = known[0]
        for each in known[1:]:
            assert result is not None and each is not None
            result = result + each
        return result

    return summed(terms, value, exact)


def scaled(factor: Fraction, model: Model) -> Model:
    """factor·model"""
    number = float(factor)
    change = model.change
    if change is not None:
        change = mapped(_scalar_matrix(number, model.size), change)
    return Model(
        number * model.value,
        abs(number) * (model.error + (0 if abs(factor) == 1 else ROUNDING * largest(model))),
        change,
        lambda: None if model.exact is None else model.exact * Exact.scalar(factor),
        model.ties,
        affine=model.is_affine,
    )


def _scalar_matrix(number: float, size: int) -> Any:
    if size <= 64:
        return number * np.eye(size)
    return number * sparse.eye_array(size, format="csr")


def times(left: Model, right: Model) -> Model:
    """The product entry by entry, scalars spread."""
    if sparse.issparse(left.value) or sparse.issparse(right.value):
        return _scaled_sparse(left, right)
    shape = left.shape if left.size > 1 else right.shape

    def exact() -> Exact | None:
        a, b = left.exact, right.exact
        return None if a is None or b is None else a * b

    value = left.value * right.value
    error = (
        largest(left) * right.error
        + largest(right) * left.error
        + (ROUNDING * largest(left) * largest(right))
    )
    if left.error == right.error == 0.0 and largest(left) * largest(right) < 2**52:
        error = 0.0
    changes = []
    for one, other in ((left, right), (right, left)):
        if one.change is None:
            continue
        factors = np.broadcast_to(other.value, shape).ravel()
        if one.size == factors.size:
            changes.append(mapped(diagonal(factors), one.change))
        else:
            changes.append(mapped(factors.reshape(-1, 1), one.change))
    change = added(changes) if changes else None
    affine = len(changes) < 2 and left.is_affine and right.is_affine
    return Model(value, error, change, exact, left.ties, affine=affine)


def _scaled_sparse(left: Model, right: Model) -> Model:
    if not (left.is_constant and right.is_constant and 1 in (left.size, right.size)):
        raise CannotError(
            say("Sparse matrices are multiplied by vectors and numbers."), kind="unsupported"
        )
    matrix, number = (left, right) if right.size == 1 else (right, left)
    return Model(
        matrix.value * number.number, largest(matrix) * ROUNDING, None, lambda: None, left.ties
    )


def matrix_product(left: Model, right: Model) -> Model:
    """left @ right"""
    if left.shape[1] != right.shape[0]:
        raise ShapeError(
            say(
                "Arrays of shape {left} and {right} have no product.",
                left=left.shape,
                right=right.shape,
            ),
            kind="dimension_mismatch",
        )
    value = left.value @ right.value
    inner = left.shape[1]
    bound = largest(left) * largest(right) * inner
    error = (
        inner * (largest(left) * right.error + largest(right) * left.error) + ROUNDING * bound * 2
    )
    if left.error == right.error == 0.0 and bound < 2**52:
        error = 0.0

    def exact() -> Exact | None:
        if sparse.issparse(left.value):
            return _sparse_exact(left, right)
        a, b = left.exact, right.exact
        return None if a is None or b is None else a @ b

    rows, columns = left.shape[0], right.shape[1]
    changes = []
    if right.change is not None:
        matrix = left.value if columns == 1 else _kron(left.value, np.eye(columns))
        changes.append(mapped(matrix, right.change))
    if left.change is not None:
        transposed_value = np.asarray(right.value).T
        matrix = transposed_value if rows == 1 else _kron(np.eye(rows), transposed_value)
        changes.append(mapped(matrix, left.change))
    change = added(changes) if changes else None
    affine = len(changes) < 2 and left.is_affine and right.is_affine
    return Model(value, error, change, exact, left.ties, affine=affine)


def _sparse_exact(left: Model, right: Model) -> Exact | None:
    """Row by row over the entries that are there."""
    vector = right.exact
    matrix = left.exact
    if vector is None or vector.reals is not None or right.shape[1] != 1 or matrix is None:
        return None
    csr = left.value.tocsr()
    products = matrix.numbers.ravel() * vector.numbers.ravel()[csr.indices]
    sums = np.zeros(left.shape[0], dtype=object)
    full = np.diff(csr.indptr) > 0
    if products.size:
        sums[full] = np.add.reduceat(products, csr.indptr[:-1][full])
    return Exact(sums.reshape(-1, 1), matrix.denominator * vector.denominator)


def _kron(left: Any, right: Any) -> Any:
    if left.size * right.size <= 20_000 and not sparse.issparse(left):
        return np.kron(left, right)
    return sparse.csr_array(sparse.kron(left, right, format="csr"))


def transposed(model: Model) -> Model:
    """model'"""
    rows, columns = model.shape
    if sparse.issparse(model.value):
        return Model(model.value.T.tocsr(), model.error, None, lambda: None, model.ties)
    if rows == 1 or columns == 1:
        return picked(model, np.arange(model.size), (columns, rows))
    order = np.arange(model.size).reshape(rows, columns).T.ravel()
    return picked(model, order, (columns, rows))


def side_by_side(blocks: list[Model]) -> Model:
    """[a, b, …]"""
    if len(blocks) == 1:
        return blocks[0]
    return transposed(below([transposed(block) for block in blocks]))


def below(blocks: list[Model]) -> Model:
    """[a; b; …]"""
    if len(blocks) == 1:
        return blocks[0]
    value = np.concatenate([np.asarray(b.value) for b in blocks], axis=0)
    sizes = [block.size for block in blocks]
    total = sum(sizes)
    changes, begin = [], 0
    for block, size in zip(blocks, sizes, strict=True):
        if block.change is not None:
            changes.append(mapped(_placed(begin, size, total), block.change))
        begin += size

    def exact() -> Exact | None:
        known = [block.exact for block in blocks]
        if any(each is None for each in known):
            return None
        given = [each for each in known if each is not None]
        if any(each.reals is not None for each in given):
            listed = np.concatenate([each.as_reals() for each in given], axis=0)
            return Exact.of_reals(listed.ravel().tolist(), listed.shape)
        common = int(np.lcm.reduce(np.array([e.denominator for e in given], dtype=object)))
        numbers = [e.numbers * (common // e.denominator) for e in given]
        return Exact(np.concatenate(numbers, axis=0), common)

    return Model(
        value,
        max(block.error for block in blocks),
        added(changes) if changes else None,
        exact,
        blocks[0].ties,
        affine=all(block.is_affine for block in blocks),
    )


def _placed(begin: int, size: int, total: int) -> Any:
    """The map that puts a vector at a place of a longer one."""
    if size * total <= 20_000:
        found = np.zeros((total, size))
        found[begin : begin + size] = np.eye(size)
        return found
    places = (np.arange(begin, begin + size), np.arange(size))
    return sparse.csr_array(sparse.coo_array((np.ones(size), places), shape=(total, size)))
