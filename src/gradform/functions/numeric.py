"""SciPy for reference values.

SciPy takes longer to import than all of gradform, and few answers need it. The modules
are therefore looked up when a value is computed, never when records are defined.
"""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import Any

__all__ = ["frechet", "frechet_tensor", "linalg", "scalar", "special", "symmetric_part"]


def special() -> Any:
    return import_module("scipy.special")


def linalg() -> Any:
    return import_module("scipy.linalg")


def scalar(np: Any, value: Any) -> Any:
    """A number as the 1×1 array that reference values are made of."""
    return np.reshape(value, (1, 1))


def symmetric_part(a: Any) -> Any:
    return (a + a.T) / 2


def frechet(np: Any, f: Any, x: Any, *directions: Any) -> Any:
    """The Fréchet derivative of a matrix function in the given directions, one per order.

    f([[X, E], [0, X]]) has the derivative of f at X along E in its upper right corner, and
    so on for higher orders (Higham, Functions of Matrices, 3.16; Higham & Relton 2014).
    """
    n = len(x)
    blocks = x
    for k, direction in enumerate(directions):
        corner = np.kron(np.eye(2**k), direction)
        blocks = np.block([[blocks, corner], [np.zeros_like(blocks), blocks]])
    return f(blocks)[:n, -n:]


def frechet_tensor(np: Any, f: Any, x: Any, order: int) -> Any:
    """All partial derivatives of that order, with axes (i, j, k1, l1, …)."""
    n = len(x)
    basis = np.eye(n * n).reshape(n, n, n, n)
    result = np.empty((n,) * (2 + 2 * order), dtype=np.result_type(x, float))
    for places in product(range(n), repeat=2 * order):
        directions = (basis[places[k : k + 2]] for k in range(0, 2 * order, 2))
        result[(slice(None), slice(None), *places)] = frechet(np, f, x, *directions)
    return result
