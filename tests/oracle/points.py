"""Random sizes and points with the declared structures, apart from gradform's own sampler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tests.oracle.generate import Declared

__all__ = ["Array", "Point", "attempts", "draw"]

Array: TypeAlias = NDArray[np.float64]
Point: TypeAlias = tuple[dict[str, int], dict[str, Array]]

_SCALES = (1.0, 1.0, 0.5, 0.7, 0.3, 1.5, 0.2, 1.0, 0.5, 2.0, 0.1, 0.4)


def attempts(variables: Mapping[str, Declared], rng: Generator) -> Iterator[Point]:
    """Points at sizes 2, 3, 4 in some order, of several scales."""
    for scale in _SCALES:
        sizes = dict(zip("mnp", map(int, rng.permutation([2, 3, 4])), strict=True))
        yield sizes, {name: draw(each, sizes, rng, scale) for name, each in variables.items()}


def draw(variable: Declared, sizes: Mapping[str, int], rng: Generator, scale: float) -> Array:
    """An array of the variable's structure."""
    rows, cols = (size.evaluate(sizes) for size in variable.shape)
    normal = scale * rng.standard_normal((rows, cols))
    match variable.structure:
        case "":
            return normal
        case "positive":
            return scale * rng.uniform(0.3, 2.0, (rows, cols))
        case "unit":
            return rng.uniform(0.1, 0.9, (rows, cols))
        case "large":
            return rng.uniform(4.1, 6.0, (rows, cols))
        case "pm1":
            return rng.choice([-1.0, 1.0], (rows, cols))
        case "binary":
            return rng.choice([0.0, 1.0], (rows, cols))
        case "onehot":
            return rng.permutation(np.eye(rows * cols)[0]).reshape(rows, cols)
        case "simplex":
            return rng.dirichlet(np.ones(rows * cols)).reshape(rows, cols)
    return _matrix(variable.structure, normal, rng)


def _matrix(structure: str, normal: Array, rng: Generator) -> Array:
    """A square matrix of the structure."""
    n = len(normal)
    match structure:
        case "symmetric":
            return normal + normal.T
        case "spd":
            return normal @ normal.T + 0.5 * np.eye(n)
        case "diagonal":
            return normal * np.eye(n)
        case "lower_positive":
            return np.tril(normal, -1) + np.diag(rng.uniform(0.4, 1.5, n))
        case "orthogonal":
            return np.asarray(np.linalg.qr(normal)[0])
    entries = rng.standard_normal(2 * n - 1)
    offsets = np.arange(n)[:, None] - np.arange(n)[None, :]
    if structure == "toeplitz":
        return np.asarray(entries[offsets + n - 1])
    assert structure == "symmetric_toeplitz", structure
    return np.asarray(entries[np.abs(offsets)])
