"""The derivative at given numbers by its limit definition alone, entry by entry.

It shares nothing with the formula: the input is read by the second interpreter, and every
entry is a limit along one direction, or one direction for each order.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from gradform.derive.checking import along_of
from gradform.derive.pipeline import Solution, Target
from gradform.functions.shapes import Shape
from gradform.notation.layout import Arrangement
from gradform.syntax.elaborate import Elaborated
from gradform.verify.interpreter import Array, Environment, compile_formula
from gradform.verify.limits import directional_derivative

__all__ = ["difference_at"]


def difference_at(solution: Solution, arrays: Mapping[str, Any]) -> Array:
    """The derivative in the layout's shape; NaN where there is no limit.

    ``arrays`` fit their variables, and hold the sizes that no array tells.
    """
    function = solution.function
    point = {
        name: _two_axes(arrays[name], variable.shape)
        for name, variable in function.variables.items()
        if name in arrays
    }
    sizes = _sizes(function, point, arrays)
    evaluator = compile_formula(function.program, point.keys(), sizes, function.shapes)
    value = evaluator(point)
    choices = [_directions(solution, k, point, sizes) for k in range(len(solution.targets))]
    entries = []
    for chosen in product(*choices):
        limit = directional_derivative(
            evaluator, point, chosen, analytic=evaluator.analytic, value=value
        )
        entries.append(limit.value if limit.exists else np.full(value.shape, np.nan))
    extent = [axis.evaluate(sizes) for axis in solution.arrangement.axes]
    return _arranged(np.stack(entries), extent, solution)


def _two_axes(array: Any, shape: Shape) -> Array:
    found: Array = np.asarray(array, float)
    return found.reshape(-1, 1) if shape.is_scalar or shape.is_column else found


def _sizes(function: Elaborated, point: Environment, arrays: Mapping[str, Any]) -> dict[str, int]:
    """What the arrays tell, and the sizes that were given."""
    sizes = {name: int(given) for name, given in arrays.items() if name not in function.variables}
    for name, array in point.items():
        for axis, length in zip(function.variables[name].shape, array.shape, strict=True):
            if axis.is_name:
                sizes[str(axis)] = length
    return sizes


def _directions(
    solution: Solution, k: int, point: Environment, sizes: Mapping[str, int]
) -> list[dict[str, Array]]:
    """One direction for each entry of a variable, or the one in which is differentiated."""
    name = solution.targets[k].name
    along = along_of(solution, k)
    if along is not None:
        return [{name: along(point, sizes)}]
    shape = point[name].shape
    return [{name: unit.reshape(shape)} for unit in np.eye(point[name].size)]


def _arranged(entries: Array, extent: list[int], solution: Solution) -> Array:
    """From one value for each choice of entries to the layout's shape."""
    lead = len(solution.function.value.shape.axes)
    count = len(entries)
    tensor = np.moveaxis(entries.reshape(count, -1), 0, 1)
    shown = list(extent)
    place = lead
    order = list(range(lead))
    for target in solution.targets:
        own = list(range(place, place + len(_axes(target))))
        order += reversed(own) if target.turned else own
        place += len(own)
    tensor = tensor.reshape([shown[k] for k in order]).transpose(np.argsort(order))
    return _in_layout(tensor, solution.arrangement)


def _axes(target: Target) -> tuple[Any, ...]:
    return target.shape.axes


def _in_layout(tensor: Array, arrangement: Arrangement) -> Array:
    if arrangement.vec:
        return tensor
    shown = tensor.transpose(arrangement.order)
    return shown[np.newaxis] if arrangement.is_row else shown
