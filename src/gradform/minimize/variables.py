"""The variables of a problem as one flat vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from gradform.errors import ArrayError, CannotError
from gradform.language import joined, say
from gradform.minimize.arrays import SYMMETRIC, Array, is_definite, point_arrays, real_array
from gradform.syntax.elaborate import Variable

__all__ = ["Array", "Packing"]

# Structures that say which points are allowed, and of which a straight line keeps enough.
_KEPT = frozenset({"symmetric", "spd", "positive", "large"})


class Packing:
    """Variables one after the other, matrices row by row."""

    def __init__(self, variables: Sequence[Variable], start: Mapping[str, Array]) -> None:
        self._variables = list(variables)
        self.names = [variable.name for variable in variables]
        self.shapes = [start[name].shape for name in self.names]
        self._structures = [variable.structure for variable in variables]
        for variable in variables:
            other = variable.structure - _KEPT
            if other:
                raise CannotError(
                    say(
                        "'{name}' is declared {other}; minimising over such arrays is not offered.",
                        name=variable.name,
                        other=min(other),
                    ),
                    kind="unsupported",
                    hint=say("minimise over its free parameters instead"),
                )
        sizes = [int(np.prod(shape, dtype=int)) for shape in self.shapes]
        ends = np.cumsum(sizes)
        self._places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.size = int(sum(sizes))

    def flat(self, arrays: Sequence[Any]) -> Array:
        """One vector of arrays in the order of the variables.

        What is perpendicular to the symmetric matrices is left out where the variable is one.
        """
        parts = []
        for array, structure in zip(arrays, self._structures, strict=True):
            part = np.asarray(array, dtype=np.float64)
            if structure & SYMMETRIC:
                part = (part + part.T) / 2
            parts.append(part.reshape(-1))
        return np.concatenate(parts) if parts else np.zeros(0)

    def vector(self, point: Any) -> Array:
        """A point given by variable, or as a vector of all. Raises InputError for what is none."""
        if isinstance(point, Mapping):
            return self.flat(point_arrays(point, self._variables, self.shapes))
        vector = real_array(joined(self.names), point, say("point"))
        if vector.shape != (self.size,):
            raise ArrayError(
                say(
                    "The point has shape {given}, not {shape}.",
                    given=vector.shape,
                    shape=(self.size,),
                ),
                kind="array",
                hint=say('give arrays by variable, such as {{"{name}": …}}', name=self.names[0]),
            )
        return vector

    def copies(self, x: Array) -> dict[str, Array]:
        """The variables in their own shapes, to be handed out."""
        return {name: part.copy() for name, part in self.arrays(x).items()}

    def arrays(self, x: Array) -> dict[str, Array]:
        """The variables in their own shapes, as views where they are parts of the vector."""
        found = {}
        for name, shape, place, structure in zip(
            self.names, self.shapes, self._places, self._structures, strict=True
        ):
            part = x[place].reshape(shape)
            found[name] = (part + part.T) / 2 if structure & SYMMETRIC else part
        return found

    def contains(self, x: Array) -> bool:
        """Whether the point has the declared structures: positive entries, definite matrices."""
        for structure, shape, place in zip(
            self._structures, self.shapes, self._places, strict=True
        ):
            part = x[place].reshape(shape)
            if "positive" in structure and not (part > 0).all():
                return False
            if "spd" in structure and not is_definite(part):
                return False
        return True

    @cached_property
    def directions(self) -> Array | None:
        """An orthonormal basis, in its columns, of the directions that keep symmetric matrices
        symmetric; None where all do."""
        if not any(structure & SYMMETRIC for structure in self._structures):
            return None
        columns = []
        for structure, shape, place in zip(
            self._structures, self.shapes, self._places, strict=True
        ):
            units = np.eye(place.stop - place.start)
            if structure & SYMMETRIC:
                units = _symmetric_basis(shape[0])
            block = np.zeros((self.size, units.shape[1]))
            block[place] = units
            columns.append(block)
        return np.hstack(columns)


def _symmetric_basis(n: int) -> Array:
    """e_i e_i', and (e_i e_j' + e_j e_i')/√2, row by row in columns."""
    pairs = [(i, j) for i in range(n) for j in range(i, n)]
    basis = np.zeros((n, n, len(pairs)))
    for k, (i, j) in enumerate(pairs):
        basis[i, j, k] = basis[j, i, k] = 1.0 if i == j else np.sqrt(0.5)
    return basis.reshape(n * n, len(pairs))
