"""Eigenvalues and singular values: groups of equal ones, decided exactly where they can be.

The multiplicity of an eigenvalue of a rational matrix is that of the irreducible factor of
its characteristic polynomial which has it as a root.
"""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import numpy.typing as npt

from gradform.errors import InputError
from gradform.exact import Real, polynomial_roots
from gradform.functions import Function
from gradform.language import say
from gradform.nonsmooth.space.changes import Array, mapped
from gradform.nonsmooth.space.composite import PsdBall
from gradform.nonsmooth.space.entries import Context
from gradform.nonsmooth.space.exactly import Exact
from gradform.nonsmooth.space.model import Model
from gradform.records import record
from gradform.sets import (
    Ball,
    ConvexSet,
    Fantope,
    MatrixBall,
    Sandwich,
    Spectraplex,
)

__all__ = [
    "distance_to_psd",
    "eigenvalue_groups",
    "largest_eigenvalue",
    "largest_eigenvalues",
    "largest_exact",
    "logdet",
    "minus_smallest_eigenvalue",
    "nuclear",
    "smallest_exact",
    "spectral",
    "spectral_exact",
]

_LARGEST = 16
_NEAR = 1e-9


@record(eq=False)
class Groups:
    """Values downwards, their vectors, the number of the group of each, and which are 0."""

    values: Array
    vectors: Array
    group: npt.NDArray[np.int64]
    zero: npt.NDArray[np.bool_]

    def tied_with(self, place: int) -> npt.NDArray[np.bool_]:
        return np.asarray(self.group == self.group[place])


def eigenvalue_groups(x: Model) -> Groups:
    """Of the symmetric part."""
    matrix = np.asarray(x.value, dtype=np.float64)
    matrix = (matrix + matrix.T) / 2
    values, vectors = _eigh(matrix)
    counts = _multiplicities(x)
    return Groups(values, vectors, *_grouped(x, values, counts))


def _eigh(matrix: Array) -> tuple[Array, Array]:
    """Downwards; unit vectors where the matrix is diagonal."""
    if not (matrix - np.diag(np.diagonal(matrix))).any():
        order = np.argsort(-np.diagonal(matrix), kind="stable")
        return np.diagonal(matrix)[order].copy(), np.eye(len(matrix))[:, order]
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _grouped(
    x: Model, values: Array, exact: list[tuple[Real, int]] | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Group numbers of values in falling order, and which are zero."""
    if exact is not None and not x.ties.tolerance:
        group, zero = [], []
        for number, (value, count) in enumerate(exact):
            group += [number] * count
            zero += [value.sign(numerical=True) == 0] * count
        return np.array(group), np.array(zero)
    near = max(x.ties.tolerance, _NEAR) * max(1.0, float(np.abs(values).max(initial=0.0)))
    x.ties.assume(near, say("differences of eigenvalues or singular values"))
    steps = np.concatenate([[0], (values[:-1] - values[1:] > near).astype(int)])
    return np.cumsum(steps), np.abs(values) <= near


def _multiplicities(x: Model, squared: bool = False) -> list[tuple[Real, int]] | None:
    """Exact eigenvalues downwards of a rational symmetric matrix (or of X'X), multiplicities."""
    known = x.exact
    rows, columns = x.shape
    if known is None or known.reals is not None or min(rows, columns) > _LARGEST:
        return None
    numbers = known.numbers
    if squared:
        numbers = numbers.T @ numbers if columns <= rows else numbers @ numbers.T
    elif rows == columns:
        numbers = numbers + numbers.T
    if max((abs(int(n)).bit_length() for n in numbers.ravel()), default=0) > 200:
        return None
    polynomial = flint.fmpz_mat(numbers.tolist()).charpoly()
    _, factors = polynomial.factor()
    scale = Fraction(1, known.denominator ** (2 if squared else 1) * (1 if squared else 2))
    found: list[tuple[Real, int]] = []
    for factor, count in factors:
        coefficients = [int(c) for c in factor.coeffs()]
        if len(coefficients) > 5:
            return None
        for root, _ in polynomial_roots(coefficients):
            found.append((root * scale, int(count)))
    return sorted(found, key=lambda pair: pair[0], reverse=True)


def _block(basis: Array, inner: ConvexSet, other: Array, offset: Array | None = None) -> ConvexSet:
    """basis·S·other' + offset; S itself between identities."""
    rows = np.array_equal(basis, np.eye(*basis.shape)) and basis.shape[0] == basis.shape[1]
    columns = np.array_equal(other, np.eye(*other.shape)) and other.shape[0] == other.shape[1]
    if rows and columns and offset is None:
        return inner
    return Sandwich(basis, inner, other.T, offset)


def largest_eigenvalue(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """{V·S·V' : S psd, tr S = 1}, V the eigenvectors of the largest (Overton 1988)."""
    return _of_largest(eigenvalue_groups(x), 1)


def minus_smallest_eigenvalue(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """-λ_min: minus the set of the eigenvectors of the smallest."""
    groups = eigenvalue_groups(x)
    tied = groups.tied_with(-1)
    basis = groups.vectors[:, tied]
    count = int(tied.sum())
    if count == 1:
        return -np.outer(basis[:, 0], basis[:, 0]).ravel()
    return Sandwich(-basis, Spectraplex(count, 1), basis.T)


def largest_eigenvalues(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """V₁V₁' + {V₂·S·V₂' : 0 ≼ S ≼ I, tr S = k - r} (Overton & Womersley 1993)."""
    return _of_largest(eigenvalue_groups(x), numbers[0])


def _of_largest(groups: Groups, k: int) -> ConvexSet | Array:
    tied = groups.tied_with(k - 1)
    above = np.arange(groups.values.size) < np.flatnonzero(tied)[0]
    left, count = k - int(above.sum()), int(tied.sum())
    whole, basis = groups.vectors[:, above], groups.vectors[:, tied]
    fixed = whole @ whole.T
    if left == count:
        return np.asarray((fixed + basis @ basis.T).ravel())
    if count == 1:
        return np.asarray((fixed + np.outer(basis[:, 0], basis[:, 0])).ravel())
    inner: ConvexSet = Spectraplex(count, 1) if left == 1 else Fantope(count, left)
    if count == groups.values.size:
        return inner
    return _block(basis, inner, basis, fixed if above.any() else None)


def largest_exact(x: Model, numbers: list[int]) -> Exact | None:
    found = _multiplicities(x)
    return None if found is None else Exact.scalar(found[0][0])


def smallest_exact(x: Model, numbers: list[int]) -> Exact | None:
    found = _multiplicities(x)
    return None if found is None else Exact.scalar(found[-1][0])


def distance_to_psd(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """Normals of length <= 1 on the border: {-V·S·V' : S psd, |S| <= 1}, V the null space."""
    groups = eigenvalue_groups(x)
    n = x.shape[0]
    values = np.where(groups.zero, 0.0, groups.values)
    if values[-1] < 0:
        below = (groups.vectors * np.minimum(values, 0.0)) @ groups.vectors.T
        return np.asarray((below / np.linalg.norm(below)).ravel())
    basis = groups.vectors[:, groups.zero]
    if not groups.zero.any():
        return np.zeros(n * n)
    return Sandwich(-basis, PsdBall(basis.shape[1]), basis.T)


# ---------------------------------------------------------------- singular values


def _svd(x: Model) -> tuple[Array, Array, Array, npt.NDArray[np.int64], int]:
    """Full bases, singular values, the groups of equal ones and the rank."""
    matrix = np.asarray(x.value, dtype=np.float64)
    left, values, right = np.linalg.svd(matrix)
    exact = _multiplicities(x, squared=True)
    group, zero = _grouped(x, values, exact)
    return left, values, right, group, int((~zero).sum())


def nuclear(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """U₁V₁' + {U₂·W·V₂' : ‖W‖ <= 1} (Watson 1992)."""
    left, _, right, _, rank = _svd(x)
    rows, columns = x.shape
    if 1 in (rows, columns):
        return _of_vector(x, rank)
    if rank == 0:
        return MatrixBall("spectral", (rows, columns), [[0] * columns] * rows, 1)
    fixed = left[:, :rank] @ right[:rank]
    if rank == min(rows, columns):
        return np.asarray(fixed.ravel())
    ball = MatrixBall(
        "spectral", (rows - rank, columns - rank), [[0] * (columns - rank)] * (rows - rank), 1
    )
    return Sandwich(left[:, rank:], ball, right[rank:], _tidy(fixed))


def spectral(x: Model, numbers: list[int]) -> ConvexSet | Array:
    """{U·S·V' : S psd, tr S = 1} with the singular vectors of the largest (Watson 1992)."""
    left, _, right, group, rank = _svd(x)
    rows, columns = x.shape
    if 1 in (rows, columns):
        return _of_vector(x, rank)
    if rank == 0:
        return MatrixBall("nuclear", (rows, columns), [[0] * columns] * rows, 1)
    count = int((group == group[0]).sum())
    if count == 1:
        return np.outer(left[:, 0], right[0]).ravel()
    return _block(_tidy(left[:, :count]), Spectraplex(count, 1), _tidy(right[:count].T))


def _of_vector(x: Model, rank: int) -> ConvexSet | Array:
    if rank == 0:
        return Ball("l2", [0] * x.size, 1)
    return np.asarray(x.flat / np.linalg.norm(x.flat))


def _tidy(matrix: Array) -> Array:
    """Entries within rounding of whole numbers are those numbers."""
    near = np.rint(matrix)
    return np.where(np.abs(matrix - near) < 1e-15, near, matrix) + 0.0


def spectral_exact(x: Model, numbers: list[int]) -> Exact | None:
    found = _multiplicities(x, squared=True)
    return None if found is None else Exact.scalar(found[0][0] ** Fraction(1, 2))


# ---------------------------------------------------------------- determinants


def logdet(context: Context, record: Function, models: list[Model], numbers: list[int]) -> Model:
    """log det X, of gradient X⁻¹ on symmetric matrices."""
    (x,) = models
    matrix = np.asarray(x.value, dtype=np.float64)
    if not np.array_equal(matrix, matrix.T) or np.linalg.eigvalsh(matrix)[0] <= 0:
        raise InputError(say("logdet needs a positive definite matrix here."), kind="undefined")
    _, size = np.linalg.slogdet(matrix)
    change = None
    if x.change is not None:
        change = mapped(np.linalg.inv(matrix).T.reshape(1, -1), x.change)
    error = 1e-13 * max(1.0, abs(float(size))) + x.error * float(
        np.abs(np.linalg.inv(matrix)).sum()
    )
    return Model(np.array([[float(size)]]), error, change, lambda: None, x.ties)
