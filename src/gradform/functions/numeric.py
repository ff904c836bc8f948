"""SciPy for reference values.

SciPy takes longer to import than all of gradform, and few answers need it. The modules
are therefore looked up when a value is computed, never when records are defined.
"""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import Any

__all__ = [
    "frechet",
    "frechet_tensor",
    "greater",
    "lesser",
    "linalg",
    "logarithm",
    "scalar",
    "special",
    "square_root",
    "sylvester",
    "symmetric_part",
]


def special() -> Any:
    return import_module("scipy.special")


def linalg() -> Any:
    return import_module("scipy.linalg")


def scalar(np: Any, value: Any) -> Any:
    """A number as the 1×1 array that reference values are made of."""
    return np.reshape(value, (1, 1))


def greater(np: Any, x: Any, y: Any) -> Any:
    """The entry with the greater real part; not a number where one of the two is none."""
    return np.where((np.real(x) > np.real(y)) | np.isnan(x), x, y)


def lesser(np: Any, x: Any, y: Any) -> Any:
    return np.where((np.real(x) < np.real(y)) | np.isnan(x), x, y)


def symmetric_part(a: Any) -> Any:
    return (a + a.T) / 2


def square_root(np: Any, x: Any) -> Any:
    """The principal square root by Denman & Beavers' iteration (Higham, eq. 6.28).

    Inverses only, so it is analytic and exact on the block matrices of :func:`frechet`;
    a Schur form is neither. Two steps after the value has settled, its derivatives have.
    """
    root, inverse = x, np.eye(len(x))
    settled = 0
    for _ in range(60):
        change = (np.linalg.inv(inverse) - root) / 2
        inverse = (inverse + np.linalg.inv(root)) / 2
        root = root + change
        settled += bool(np.linalg.norm(change) <= 1e-9 * np.linalg.norm(root))
        if settled > 3:
            return root
    return np.full_like(root, np.nan)


def logarithm(np: Any, x: Any) -> Any:
    """The principal logarithm by inverse scaling and squaring (Higham, 11.5).

    Near the identity log(I + E) = ∫₀¹ E (I + tE)⁻¹ dt, by Gauss-Legendre quadrature.
    """
    unit = np.eye(len(x))
    doublings = 0
    while np.linalg.norm(x - unit) > 0.25 and doublings < 40:
        x = square_root(np, x)
        doublings += 1
    nodes, weights = np.polynomial.legendre.leggauss(10)
    small = x - unit
    parts = (
        w / 2 * np.linalg.solve(unit + (t + 1) / 2 * small, small)
        for t, w in zip(nodes, weights, strict=True)
    )
    return 2**doublings * sum(parts)


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
    return f(np, blocks)[:n, -n:]


def frechet_tensor(np: Any, f: Any, x: Any, order: int) -> Any:
    """All partial derivatives of that order, with axes (i, j, k1, l1, …)."""
    n = len(x)
    basis = np.eye(n * n).reshape(n, n, n, n)
    result = np.empty((n,) * (2 + 2 * order), dtype=np.result_type(x, float))
    for places in product(range(n), repeat=2 * order):
        directions = (basis[places[k : k + 2]] for k in range(0, 2 * order, 2))
        result[(slice(None), slice(None), *places)] = frechet(np, f, x, *directions)
    return result


def sylvester(np: Any, a: Any, b: Any, c: Any) -> Any:
    """The Y with A Y + Y B = C, from the linear system of its entries row by row."""
    system = np.kron(a, np.eye(len(b))) + np.kron(np.eye(len(a)), b.T)
    return np.linalg.solve(system, c.reshape(-1, 1)).reshape(c.shape)
