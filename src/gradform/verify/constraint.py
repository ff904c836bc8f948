"""The independent parameters of a structured matrix, and the entries each of them fills."""

from __future__ import annotations

import numpy as np

from gradform.errors import StructureError
from gradform.language import say
from gradform.records import record
from gradform.verify.interpreter import Array

__all__ = ["Parameters", "parameters_of"]


@record(eq=False)
class Parameters:
    """``label[i, j]`` is the number of the parameter at (i, j), -1 outside the structure."""

    label: Array

    @property
    def _same(self) -> Array:
        """1 where two entries, counted row by row, are filled by the same parameter."""
        flat = self.label.ravel()
        return np.logical_and(np.equal.outer(flat, flat), flat >= 0)

    @property
    def average(self) -> Array:
        """The map that puts the mean over its parameter in every entry, 0 outside."""
        same = self._same
        average: Array = same / np.maximum(same.sum(axis=1, keepdims=True), 1)
        return average

    @property
    def share(self) -> Array:
        """1 / the number of entries of the parameter at (i, j), 0 outside."""
        count = self._same.sum(axis=1).reshape(self.label.shape)
        return np.where(self.label >= 0, 1 / np.maximum(count, 1), 0.0)

    def structured(self, entries: Array) -> Array:
        """A matrix with the structure, one of the given entries for each parameter."""
        chosen: Array = np.zeros(int(self.label.max()) + 2)  # the last one: 0, for label -1
        inside = self.label >= 0
        chosen[self.label[inside]] = entries[inside]
        structured: Array = chosen[self.label]
        return structured


def parameters_of(structure: str, size: int) -> Parameters:
    """The parameters of an n×n matrix that is ``symmetric``, ``diagonal``, ``toeplitz`` or
    ``symmetric_toeplitz`` (Petersen & Pedersen, The Matrix Cookbook, 2.8).

    StructureError for other structures.
    """
    row, column = np.indices((size, size))
    match structure:
        case "symmetric":
            label = np.maximum(row, column) * size + np.minimum(row, column)
        case "diagonal":
            label = np.where(row == column, row, -1)
        case "toeplitz":
            label = row - column + size - 1
        case "symmetric_toeplitz":
            label = np.abs(row - column)
        case _:
            raise StructureError(
                say(
                    "There is no derivative by the parameters of a matrix that is '{structure}'.",
                    structure=structure,
                ),
                kind="structure",
                hint=say("Constraints: symmetric, diagonal, toeplitz, symmetric_toeplitz."),
            )
    return Parameters(label)
