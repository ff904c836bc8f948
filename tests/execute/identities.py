"""The public identities as tasks, with the reference answers of the data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

import gradform as gf
from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Task
from gradform.derive.tasks import joint_task
from gradform.records import replaced
from tests.golden.points import frozen_points
from tests.golden.rows import Array, Row, answer

__all__ = ["Point", "neutral_task", "points", "within"]


class Point(NamedTuple):
    """Sizes, arrays, and what value and derivative are there."""

    sizes: dict[str, int]
    inputs: dict[str, Array]
    value: Array
    derivative: Array


@cache
def neutral_task(row: Row) -> Task:
    """Value and derivative together, as neutral tensors."""
    value = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
    task = joint_task("evaluate", [value.as_part(), answer(row, check=False).as_part()])
    outputs = tuple(
        each._replace(arrangement=Arrangement.neutral(each.node.rank)) for each in task.outputs
    )
    return replaced(task, outputs=outputs)


def points(row: Row) -> Iterator[Point]:
    """The frozen points of a row."""
    for record, (sizes, inputs, derivative) in zip(row.points, frozen_points(row), strict=True):
        yield Point(sizes, inputs, np.asarray(record["value"], float), derivative)


def within(found: Array, wanted: Array, tolerance: float, where: str) -> None:
    """Equal shapes; apart by at most ``tolerance`` of the largest entry.

    The reference of an identity that is zero holds rounding instead: 1e-7 is the least that
    counts as the largest entry, so that a difference of 1e-15 is none.
    """
    result = np.asarray(found, float)
    if wanted.ndim == result.ndim + 1 and 1 in wanted.shape:
        result = result.reshape(wanted.shape)  # the value of a row vector has two axes
    assert result.shape == wanted.shape, where
    allowed = tolerance * max(float(np.max(np.abs(wanted), initial=0.0)), 1e-7)
    gap = float(np.max(np.abs(result - wanted), initial=0.0))
    assert gap <= allowed, f"{where}: {gap:.1e} apart, allowed {allowed:.1e}"
