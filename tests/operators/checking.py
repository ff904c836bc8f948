"""What every operator must do, compared with the matrix it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.errors import CannotError
from gradform.linear_operators import LinearOperator, MatrixFree

Array = NDArray[Any]


def agrees(operator: LinearOperator, matrix: Array, tolerance: float = 1e-10) -> None:
    """Products, transposes, diagonals, traces and solutions are those of the matrix."""
    m, n = operator.shape
    assert matrix.shape == (m, n)
    scale = tolerance * max(1e-4, float(np.abs(matrix).max(initial=0.0)))

    def close(found: Any, expected: Any, what: str, allowed: float = scale) -> None:
        message = f"{what} of {operator!r}"
        assert np.shape(found) == np.shape(expected), message
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=allowed, err_msg=message)

    rng = np.random.default_rng(m * 1000 + n)
    x, several, y = rng.normal(size=n), rng.normal(size=(n, 3)), rng.normal(size=m)
    length = scale * max(m, n)
    close(operator.toarray(), matrix, "array")
    flat = operator.rows if operator.columns == (n,) else (m,)
    close(operator @ x, (matrix @ x).reshape(flat), "product", length)
    close(operator @ several, matrix @ several, "product with several", length)
    shaped = (matrix @ x).reshape(operator.rows)
    close(operator @ x.reshape(operator.columns), shaped, "product in its shape", length)
    close(operator.matvec(x), matrix @ x, "matvec", length)
    close(operator.rmatvec(y), matrix.T @ y, "rmatvec", length)
    flat = operator.columns if operator.rows == (m,) else (n,)
    close(y @ operator, (y @ matrix).reshape(flat), "product from the left", length)
    close(operator.T.toarray(), matrix.T, "transpose")
    close(operator.T.T.toarray(), matrix, "transpose of the transpose")
    close(operator.diagonal(), np.diagonal(matrix), "diagonal")
    close((2 * operator).toarray(), 2 * matrix, "multiple", 2 * scale)
    close((operator / 4).toarray(), matrix / 4, "quotient")
    for turned in (operator.transpose(), operator.adjoint(), operator.H):
        close(turned @ y, operator.T @ y, "adjoint")
    assert (operator.T.rows, operator.T.columns) == (operator.columns, operator.rows)
    if operator.is_symmetric:
        close(matrix, matrix.T, "symmetry")
    if m == n and np.array_equal(matrix, matrix.T):
        values = np.linalg.eigvalsh(matrix)
        if abs(values[0]) > 1e-8 * np.abs(values).max():
            assert operator.is_definite() == bool(values[0] > 0), repr(operator)
    if m == n:
        close(operator.trace(), np.trace(matrix), "trace", length)
        _solves(operator, matrix, y)


def _solves(operator: LinearOperator, matrix: Array, y: Array) -> None:
    """A regular system is solved; one far from regular is refused or solved as well."""
    condition = np.linalg.cond(matrix) if np.isfinite(matrix).all() else np.inf
    if condition > 1e12:
        return
    if isinstance(operator, MatrixFree):
        return
    try:
        x = operator.solve(y).reshape(-1)
    except CannotError as error:
        raise AssertionError(f"{operator!r} of condition {condition:.1e}: {error}") from None
    size = np.abs(matrix).max() * np.abs(x).max() + np.abs(y).max()
    assert np.abs(matrix @ x - y).max() <= 1e-14 * len(y) * condition * size + 1e-10 * size
    expected = np.linalg.slogdet(matrix)[1]
    np.testing.assert_allclose(operator.logdet(), expected, rtol=1e-8, atol=1e-8)
