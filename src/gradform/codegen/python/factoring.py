"""Functions that generated NumPy source carries for matrices given by their factors.

LAPACK works on columns, NumPy on rows: the transpose of an array is handed over, so that no
copy has to be turned. LAPACK knows no empty matrices.
"""

from __future__ import annotations

__all__ = ["FACTORING"]

FACTORING = {
    "_cholesky": '''\
def _cholesky(matrix, name="a matrix"):
    """The lower factor L of a positive definite matrix, matrix = L L'."""
    if not matrix.size:
        return matrix
    factor, failed = linalg.lapack.dpotrf(matrix.T, lower=1, clean=0)
    if failed and np.isnan(matrix).any():
        return np.full(matrix.shape, np.nan, order="F")
    if failed:
        raise np.linalg.LinAlgError(f"{name} is not positive definite")
    return factor
''',
    "_cholesky_solve": '''\
def _cholesky_solve(factor, right):
    """The solution of L L' x = right."""
    if not right.size:
        return right.copy()
    return linalg.lapack.dpotrs(factor, right, lower=1)[0]
''',
    "_cholesky_inverse": '''\
def _cholesky_inverse(factor, block=64):
    """The inverse of L L'; of a large one only the lower triangle, the other is mirrored."""
    if not factor.size:
        return factor.copy()
    if len(factor) <= 32:
        return linalg.lapack.dpotrs(factor, np.eye(len(factor)), lower=1)[0]
    inverse = linalg.lapack.dpotri(factor, lower=1)[0]
    for start in range(0, len(inverse), block):
        stop = start + block
        square = np.tril(inverse[start:stop, start:stop])
        inverse[start:stop, start:stop] = square + np.tril(square, -1).T
        inverse[start:stop, stop:] = inverse[stop:, start:stop].T
    return inverse
''',
    "_cholesky_logarithm": '''\
def _cholesky_logarithm(factor):
    """log det of L L'."""
    return 2 * np.sum(np.log(np.diagonal(factor)))
''',
    "_cholesky_determinant": '''\
def _cholesky_determinant(factor):
    """det of L L'."""
    return np.prod(np.diagonal(factor)) ** 2
''',
    "_lu": '''\
def _lu(matrix, name="a matrix"):
    """The factors of a matrix (of its transpose, as LAPACK sees it) and its row exchanges."""
    if not matrix.size:
        return matrix, np.arange(0)
    factors, exchanges, failed = linalg.lapack.dgetrf(matrix.T)
    if failed:
        raise np.linalg.LinAlgError(f"{name} is singular")
    return factors, exchanges
''',
    "_lu_solve": '''\
def _lu_solve(factors, right, transposed=False):
    """The solution of a system with a matrix given by its factors, or with its transpose."""
    if not right.size:
        return right.copy()
    return linalg.lapack.dgetrs(*factors, right, trans=0 if transposed else 1)[0]
''',
    "_lu_inverse": '''\
def _lu_inverse(factors):
    """The inverse of a matrix given by its factors."""
    if not factors[0].size:
        return factors[0].copy()
    return linalg.lapack.dgetri(*factors)[0].T
''',
    "_lu_logarithm": '''\
def _lu_logarithm(factors):
    """log|det| of a matrix given by its factors."""
    return np.sum(np.log(np.abs(np.diagonal(factors[0]))))
''',
    "_lu_determinant": '''\
def _lu_determinant(factors):
    """det of a matrix given by its factors; every row exchange changes its sign."""
    exchanged = np.count_nonzero(factors[1] != np.arange(len(factors[1])))
    return (-1) ** exchanged * np.prod(np.diagonal(factors[0]))
''',
}
