"""Shapes as users give and read them: ``()``, ``("n",)``, ``(1, "n")``, ``("m", "n")``."""

from __future__ import annotations

from collections.abc import Sequence

from gradform.functions.shapes import Shape
from gradform.ir.dims import Dim
from gradform.syntax.elaborate import Elaborated

__all__ = ["WrittenShape", "named_shapes", "written_axes", "written_shape"]

WrittenShape = tuple[str | int, ...]


def written_axes(axes: Sequence[Dim]) -> WrittenShape:
    """Integers where sizes are known, text where they are symbolic."""
    return tuple(str(axis) if axis.value is None else axis.value for axis in axes)


def written_shape(shape: Shape) -> WrittenShape:
    """() scalar, (n,) column, (1, n) row, (m, n) matrix."""
    if shape.is_scalar:
        return ()
    return written_axes((shape.rows,) if shape.is_column else shape)


def named_shapes(function: Elaborated) -> dict[str, WrittenShape]:
    """The shapes of all names of a function: variables and intermediates."""
    shapes = {name: variable.shape for name, variable in function.variables.items()}
    shapes |= {name: part.shape for name, part in function.definitions.items()}
    return {name: written_shape(shape) for name, shape in shapes.items()}
