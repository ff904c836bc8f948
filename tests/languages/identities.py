"""The public identities as tasks for the writers of languages: value and derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

import gradform as gf
from gradform.codegen.task import Output, Task
from gradform.derive.tasks import joint_task
from gradform.errors import CannotError
from gradform.execute.backend import writer
from gradform.execute.options import Options
from tests.golden.points import frozen_points
from tests.golden.rows import ROWS, Array, Row, answer

__all__ = ["Case", "agree", "cases", "function_of", "points", "sources", "task_of"]


class Case(NamedTuple):
    """An identity with the source of its function."""

    row: Row
    task: Task
    source: str


class Point(NamedTuple):
    """Sizes and arrays of a call, and the outputs that are expected."""

    sizes: Mapping[str, int]
    inputs: Mapping[str, Array]
    outputs: tuple[Array, ...]


@cache
def function_of(row: Row) -> gf.Expression:
    return gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)


@cache
def task_of(row: Row, name: str) -> Task:
    """The value and the derivative of a row as one function."""
    parts = [function_of(row).as_part(), answer(row, check=False).as_part()]
    return joint_task(name, parts, "")


@cache
def sources(
    language: str, options: Options, step: int = 1
) -> tuple[tuple[Case, ...], dict[str, CannotError]]:
    """Rows that a language can express, and why it cannot express the others."""
    found: list[Case] = []
    refused: dict[str, CannotError] = {}
    for k, row in enumerate(ROWS[::step]):
        task = task_of(row, f"row{k}")
        try:
            found.append(Case(row, task, writer(language)(task, options)))
        except CannotError as error:
            refused[row.id] = error
    return tuple(found), refused


def cases(language: str, options: Options, step: int = 1) -> tuple[Case, ...]:
    return sources(language, options, step)[0]


def points(case: Case) -> Iterator[Point]:
    """The frozen points; values by NumPy, derivatives as they stand in the data."""
    for sizes, inputs, derivative in frozen_points(case.row):
        needed = {parameter.name: inputs[parameter.name] for parameter in case.task.parameters}
        own = function_of(case.row)
        with np.errstate(all="ignore"):
            value = np.asarray(own(**{name: inputs[name] for name in own.variables}), float)
        outputs = (value, _arranged(derivative, case.task.outputs[1], sizes))
        yield Point(_all_sizes(case.task, sizes, inputs), needed, outputs)


def _arranged(tensor: Array, output: Output, sizes: Mapping[str, int]) -> Array:
    """A neutral tensor in the arrangement of an output."""
    moved = np.transpose(tensor, output.arrangement.axes)
    return moved.reshape([axis.evaluate(sizes) for axis in output.shape])


def _all_sizes(task: Task, sizes: Mapping[str, int], inputs: Mapping[str, Array]) -> dict[str, int]:
    """The sizes by the names that the task gives them."""
    found = dict(sizes)
    for parameter in task.parameters:
        shape = np.shape(inputs[parameter.name])
        if parameter.shape.is_row and len(shape) == 2:
            shape = shape[1:]
        for axis, length in zip(parameter.axes, shape, strict=True):
            if axis.is_name:
                found[str(axis)] = length
    return found


def agree(found: Array, wanted: Array, where: object, tolerance: float = 1e-8) -> None:
    """At most so far apart, relative to the largest entry; a zero may come out as rounding."""
    assert np.shape(found) == np.shape(wanted), where
    if np.size(wanted):
        allowed = max(tolerance * float(np.max(np.abs(wanted))), 1e-14)
        gap = np.max(np.abs(np.asarray(found) - wanted))
        assert gap <= allowed, (where, gap)
