"""Arithmetic on arrays of expressions, in the order in which a NumPy program does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradform.codegen.buffers.pad import Operand, Pad
from gradform.codegen.native.definitions.numbers import number
from gradform.codegen.scalars.graph import Graph
from gradform.codegen.text.names import Names
from gradform.ir.nodes import Coefficient

__all__ = ["EntryPad", "each"]

SQUARE_ROOT, POWER = "math.sqrt({0})", "math.pow({0}, {1})"


def each(function: Callable[..., int], *arrays: Any) -> Any:
    """The function of entries, with broadcasting."""
    shape = arrays[0].shape
    if any(array.shape != shape for array in arrays):
        arrays = np.broadcast_arrays(*arrays)
        shape = arrays[0].shape
    entries = [array.ravel().tolist() for array in arrays]
    return np.array(list(map(function, *entries)), dtype=int).reshape(shape)


class EntryPad(Pad):
    """Instead of statements, expressions are made; nothing is overwritten."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(Names(()), str)
        self.graph = graph
        self.arrays: dict[str, Any] = {}

    def operand(self, array: Any, *, full: bool = False) -> Operand:
        code = self.fresh()
        self.arrays[code] = array
        return Operand(code, full)

    def number(self, value: Coefficient) -> Operand:
        return self.operand(np.array(self.graph.number(number(value))))

    def binary(self, function: str, left: Operand, right: Operand) -> Operand:
        found = each(
            lambda a, b: self.graph.binary(function, a, b),
            self.arrays[left.code],
            self.arrays[right.code],
        )
        return self.operand(found, full=left.full or right.full)

    def unary(self, function: str, argument: Operand) -> Operand:
        graph = self.graph

        def squared(a: int) -> int:
            return graph.binary("multiply", a, a)

        def root(a: int) -> int:
            return graph.call(SQUARE_ROOT, [a])

        made = {"negative": graph.negative, "square": squared}.get(function, root)
        return self.operand(each(made, self.arrays[argument.code]), full=argument.full)

    def raised(self, argument: Operand, exponent: Coefficient) -> Operand:
        power = self.graph.number(number(exponent))
        found = each(lambda a: self.graph.call(POWER, [a, power]), self.arrays[argument.code])
        return self.operand(found, full=argument.full)
