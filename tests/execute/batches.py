"""Batches of points, and the loop over points that a batched program has to agree with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.codegen.program.straight_line import Arrangement
from gradform.codegen.task import Output, Parameter, Task
from gradform.execute.backend import Compiled
from gradform.functions import Shape
from gradform.ir.dims import ONE
from gradform.ir.nodes import Node, Symbol, topological

__all__ = ["agree", "looped", "moved_points", "stacked", "task_of"]

Array = NDArray[Any]


def task_of(*nodes: Node) -> Task:
    """A function of all variables of some expressions, by name."""
    found = {node for root in nodes for node in topological(root) if isinstance(node, Symbol)}
    outputs = tuple(
        Output(f"out{k}", node, Arrangement.neutral(node.rank)) for k, node in enumerate(nodes)
    )
    parameters = tuple(
        Parameter(node.name, Shape(*(*node.axes, ONE, ONE)[:2]))
        for node in sorted(found, key=lambda node: node.name)
    )
    return Task("f", outputs, parameters)


def moved_points(
    inputs: Mapping[str, Array], count: int = 3, exact: bool = False
) -> list[dict[str, Array]]:
    """The point itself and points near it on its ray, where the same structures hold.

    ``exact`` ones are copies: a constraint that is not a cone would not hold nearby.
    """
    scales = [1.0 if exact else 1 + 0.01 * k for k in range(count)]
    return [{name: array * scale for name, array in inputs.items()} for scale in scales]


def stacked(points: Sequence[Mapping[str, Array]], names: Collection[str]) -> dict[str, Array]:
    """The batch: the arrays called ``names`` with a leading axis, the others of the first."""
    first = points[0]
    return {
        name: np.stack([point[name] for point in points]) if name in names else first[name]
        for name in first
    }


def looped(
    single: Compiled, arrays: Mapping[str, Any], names: Collection[str], count: int
) -> Iterator[tuple[Array, ...]]:
    """The outputs at each index of the batch."""
    for k in range(count):
        given = {name: each[k] if name in names else each for name, each in arrays.items()}
        found = single(**given)
        yield found if isinstance(found, tuple) else (found,)


def agree(
    single: Compiled,
    batched: Compiled,
    arrays: Mapping[str, Any],
    count: int = 3,
    tolerance: float = 1e-10,
) -> None:
    """Each output has the leading axis, and at each index what the single program gives."""
    found = batched(**arrays)
    results = found if isinstance(found, tuple) else (found,)
    for k, wanted in enumerate(looped(single, arrays, batched.options.batch, count)):
        for result, want in zip(results, wanted, strict=True):
            want = np.asarray(want)
            assert np.shape(result) == (count, *want.shape)
            scale = float(np.max(np.abs(want), initial=0.0))
            np.testing.assert_allclose(
                result[k], want, rtol=tolerance, atol=tolerance * scale, err_msg=batched.source
            )
