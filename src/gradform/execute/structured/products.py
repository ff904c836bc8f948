"""Products of a linear map with a vector, as programs: the matrix is never made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output, Parameter, Task
from gradform.execute.backend import Compiled
from gradform.execute.options import Options
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.dims import ONE
from gradform.ir.nodes import Node, symbol
from gradform.linear_operators.arrays import Array

__all__ = ["Products"]

_Apply: TypeAlias = Callable[[Array], Array]


class Products:
    """x ↦ Σ_c M[r, c] x[c] and y ↦ Σ_r y[r] M[r, c], compiled when first called."""

    def __init__(
        self,
        node: Node,
        split: int,
        task: Task,
        options: Options,
        make: Callable[[Task, Options], Compiled],
    ) -> None:
        self._node, self._split = node, split
        self._task, self._options, self._make = task, options, make
        taken = {parameter.name for parameter in task.parameters}
        self._direction = "direction"
        while self._direction in taken:
            self._direction += "_"

    def bound(self, given: Mapping[str, Any], symmetric: bool) -> tuple[_Apply, _Apply]:
        """The two products for the arrays of one call."""
        forward = partial(self._run, False, given)
        return forward, forward if symmetric else partial(self._run, True, given)

    def _run(self, transposed: bool, given: Mapping[str, Any], vector: Array) -> Array:
        program = self._backward if transposed else self._forward
        needed = {*program.task.sizes, *(each.name for each in program.task.parameters)}
        arrays = {name: value for name, value in given.items() if name in needed}
        return np.asarray(program(**arrays, **{self._direction: vector}))

    @cached_property
    def _forward(self) -> Compiled:
        return self._compiled(range(self._split), range(self._split, self._node.rank))

    @cached_property
    def _backward(self) -> Compiled:
        return self._compiled(range(self._split, self._node.rank), range(self._split))

    def _compiled(self, kept: range, summed: range) -> Compiled:
        axes = tuple(self._node.axes[k] for k in summed)
        direction = symbol(self._direction, axes)
        labels = range(self._node.rank)
        product = build.contract(1, [(self._node, labels, 1), (direction, summed, 1)], kept)
        output = Output("product", product, Arrangement.neutral(len(kept)))
        parameter = Parameter(self._direction, Shape(*(*axes, ONE)[:2]))
        task = Task("product", (output,), (*self._task.parameters, parameter))
        return self._make(task, self._options)
