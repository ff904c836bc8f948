"""Random questions at random points, read by gradform: what the laws are tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any, TypeAlias, overload

import numpy as np
import pytest
from numpy.typing import NDArray

from gradform.derive.answer import Derivative
from gradform.derive.pipeline import Question as Asked
from gradform.derive.pipeline import Solution, solve
from gradform.errors import GradformError
from gradform.ir.nodes import Node
from gradform.syntax.elaborate import Elaborated
from tests.oracle.check import point_of, target_name
from tests.oracle.generate import Question, question
from tests.support.ir_eval import evaluate_node

__all__ = ["Array", "Case", "Cases", "agree"]

Array: TypeAlias = NDArray[Any]
Environment: TypeAlias = dict[str, Array]

TOLERANCE = 1e-8
_NOISE = 1e-13
# Expressions of questions are nested so deeply.
_DEEPEST = 5


@dataclass(frozen=True)
class Case:
    """A question that has an answer, and an admissible point with a small derivative."""

    question: Question
    function: Elaborated
    solution: Solution
    sizes: dict[str, int]
    tables: Environment  # as rows and columns
    env: Environment  # with the axes of tensors

    @property
    def names(self) -> list[str]:
        """The variables of differentiation."""
        return [target_name(text) for text in self.question.wrt]

    def natural(self, name: str) -> Array:
        """The value of a variable as users give it: vectors 1-D, rows (1, n)."""
        shape = self.function.variables[name].shape
        return self.env[name].reshape(1, -1) if shape.is_row else self.env[name]

    def arguments(self, found: Derivative) -> dict[str, Array | int]:
        """What an answer is called with: all variables, and sizes that no array shows."""
        arrays = {name: self.natural(name) for name in self.function.variables}
        return {**arrays, **{name: self.sizes[name] for name in found._code.sizes}}

    def value(self, node: Node, env: Environment | None = None) -> Array:
        with np.errstate(all="ignore"):
            return evaluate_node(node, env or self.env, self.sizes)

    def same(self, left: Node, right: Node) -> bool:
        """Whether two expressions have the same value at the point."""
        return agree(partial(self.value, left), partial(self.value, right), self.env)

    def __str__(self) -> str:
        return f"question {self.question.seed}"


class Cases(Sequence[Case]):
    """The first ``count`` usable questions from a number on.

    They are made when the first of them is looked at: tests are collected by every process, and
    run by one.
    """

    def __init__(self, count: int, first: int) -> None:
        self._count = count
        self._first = first

    @cached_property
    def _made(self) -> tuple[Case, ...]:
        return tuple(islice(_usable(self._first), self._count))

    @overload
    def __getitem__(self, place: int) -> Case: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Case]: ...

    def __getitem__(self, place: int | slice) -> Case | Sequence[Case]:
        return self._made[place]

    def __len__(self) -> int:
        return self._count

    @property
    def each(self) -> pytest.MarkDecorator:
        """A test of this is run for each case."""
        places = [(self, place) for place in range(self._count)]
        return pytest.mark.parametrize("case", places, indirect=True, ids=range(self._count))


def _usable(first: int) -> Iterator[Case]:
    seed = first
    while True:
        asked = question(seed, deepest=_DEEPEST)
        seed += 1
        try:
            solution = solve(
                Asked(asked.source, asked.wrt, asked.declared, asked.layout, asked.assumed)
            )
        except GradformError:
            continue
        function = solution.function
        point = point_of(asked, np.random.default_rng(seed))
        if point is None:
            continue
        sizes, tables = point
        natural = {
            name: table.reshape([axis.evaluate(sizes) for axis in each.symbol.axes])
            for (name, each), table in (
                (item, tables[item[0]]) for item in function.variables.items()
            )
        }
        if _entries(function, asked, sizes) < 3000:
            yield Case(asked, function, solution, sizes, tables, natural)


def _entries(function: Elaborated, asked: Question, sizes: dict[str, int]) -> int:
    names = [target_name(text) for text in asked.wrt]
    nodes = [function.value.node, *(function.variables[name].symbol for name in names)]
    return int(np.prod([axis.evaluate(sizes) for node in nodes for axis in node.axes], dtype=int))


def agree(
    left: Callable[[Environment], Array], right: Callable[[Environment], Array], env: Environment
) -> bool:
    """Equal up to 1e-8 of their size, or up to what rounding of the point does to them."""
    one, other = left(env), right(env)
    if one.shape != other.shape:
        return False
    if not one.size:
        return True
    error = _distance(one, other)
    if error <= TOLERANCE * float(np.max(np.abs(other))):
        return True
    rng = np.random.default_rng(0)
    noise = 0.0
    for _ in range(3):
        moved = {
            name: array * (1 + _NOISE * rng.standard_normal(array.shape))
            for name, array in env.items()
        }
        noise = max(noise, _distance(left(moved), one), _distance(right(moved), other))
    return error <= 30 * noise


def _distance(one: Array, other: Array) -> float:
    with np.errstate(all="ignore"):
        error = float(np.max(np.abs(one - other)))
    return error if np.isfinite(error) else float("inf")
