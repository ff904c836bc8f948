"""Single operations on NumPy, between the stages of a native program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from gradform.codegen.program.operations import Call, Input, Operation
from gradform.codegen.program.straight_line import Instruction, Program
from gradform.codegen.python.module import write_program
from gradform.codegen.python.numpy import NUMPY
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Parameter
from gradform.functions.shapes import Shape
from gradform.ir.dims import ONE, Dim, dim

__all__ = ["foreign"]


def foreign(
    instruction: Instruction, shapes: Sequence[tuple[int, ...]], sizes: Mapping[str, int]
) -> Callable[..., Any]:
    """The operation as a function of its arguments, which have these shapes."""
    result = tuple(axis.evaluate(sizes) for axis in instruction.axes)
    operation = instruction.operation
    if isinstance(operation, Call) and operation.function.elementwise and len(result) > 2:
        flat = (prod(result),)
        run = _function(operation, [flat for _ in shapes], flat)
        return lambda *arrays: run(
            *(np.ravel(np.broadcast_to(array, result)) for array in arrays)
        ).reshape(result)
    return _function(operation, shapes, result)


def _function(
    operation: Operation, shapes: Sequence[tuple[int, ...]], result: tuple[int, ...]
) -> Callable[..., Any]:
    """The generated function of arrays of these shapes, with at most two axes each."""
    program = Program()
    variables: list[Parameter] = []
    for k, shape in enumerate(shapes):
        axes = _axes(shape)
        rows, columns = (*axes, ONE, ONE)[:2]
        variables.append(Parameter(f"x{k}", Shape(rows, columns)))
        program.emit(Input(f"x{k}"), (), axes)
    axes = _axes(result) if any(1 in shape for shape in shapes) else tuple(map(dim, result))
    value = program.emit(operation, range(len(shapes)), axes)
    source = write_program(NUMPY, "operation", program, [("y", value)], variables, docstring="")
    return compile_source(source, "operation")


def _axes(shape: Sequence[int]) -> tuple[Dim, ...]:
    """Lengths as sizes; one has a name, as a matrix of one row is not a row."""
    return tuple(dim("one" if length == 1 else length) for length in shape)
