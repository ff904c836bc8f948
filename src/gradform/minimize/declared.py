"""Whether data have the structures that they were declared with, on which proofs rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradform.errors import ArrayError
from gradform.language import phrase, say
from gradform.minimize.arrays import Array, is_definite

__all__ = ["require_structure"]

# What rounding leaves of equations between entries.
_ROUNDING = 1e-6


def _near(one: Array, other: Array) -> bool:
    return bool(np.allclose(one, other, rtol=0.0, atol=_ROUNDING * np.abs(one).max(initial=0.0)))


def _toeplitz(matrix: Array) -> bool:
    return _near(matrix[1:, 1:], matrix[:-1, :-1])


def _symmetric(matrix: Array) -> bool:
    return _near(matrix, matrix.T)


# What holds for positive numbers holds for 0, by continuity.
_KEPT: Mapping[str, Callable[[Array], bool]] = {
    "positive": lambda x: bool((x >= 0).all()),
    "unit": lambda x: bool(((x >= 0) & (x <= 1)).all()),
    "pm1": lambda x: bool((np.abs(x) == 1).all()),
    "binary": lambda x: bool(((x == 0) | (x == 1)).all()),
    "onehot": lambda x: bool(((x == 0) | (x == 1)).all() and x.sum() == 1),
    "simplex": lambda x: bool((x >= 0).all() and abs(x.sum() - 1) <= _ROUNDING),
    "symmetric": _symmetric,
    "spd": lambda x: _symmetric(x) and is_definite(x),
    "diagonal": lambda x: _near(x, np.diag(np.diag(x))),
    "toeplitz": _toeplitz,
    "symmetric_toeplitz": lambda x: _toeplitz(x) and _symmetric(x),
    "orthogonal": lambda x: _near(np.eye(len(x)), x.T @ x),
    "lower_positive": lambda x: _near(x, np.tril(x)) and bool((np.diag(x) > 0).all()),
}


def require_structure(name: str, value: object, structure: frozenset[str]) -> None:
    """Raises ArrayError for NumPy's arrays and numbers that break a declaration."""
    if not isinstance(value, np.ndarray | float | int):
        return
    array = np.asarray(value, dtype=np.float64)
    for word in sorted(structure & _KEPT.keys()):
        if np.isfinite(array).all() and not _KEPT[word](array):
            raise ArrayError(
                say(
                    "'{name}' is declared {structure}, but the given value is not.",
                    name=name,
                    structure=phrase(word),
                ),
                kind="array",
                hint=say("give another value, or declare '{name}' without it", name=name),
            )
