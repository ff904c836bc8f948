"""What programs hold: no array larger than inputs and outputs together, and few at a time.

Arrays that the function itself needs are allowed: log det (X'PX) has to have X'PX.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import pytest

import gradform as gf
from gradform.codegen.lowering.tasks import program_of
from gradform.codegen.passes.plain import EXTRA
from gradform.codegen.program.cost import cost
from gradform.codegen.program.operations import (
    Broadcast,
    Constant,
    Input,
    Number,
    Reshape,
    Size,
    Take,
    View,
)
from gradform.codegen.program.straight_line import Program, Value, live_values
from gradform.codegen.task import Task
from gradform.derive.tasks import joint_task, value_part
from gradform.ir.dims import Dim
from tests.golden.rows import ROWS, Row, answer

_VIEWS = (Broadcast, Reshape, Take, View)
_GIVEN = (Constant, Input, Number, Size)
# Arrays of the size of the largest input or output that may be held besides these.
_HELD = 4
_PRIMES = (7, 11, 5, 13, 9, 6)


def entries(axes: tuple[Dim, ...], sizes: Mapping[str, int]) -> int:
    return prod(axis.evaluate(sizes) for axis in axes)


class Memory:
    """Entries of a program's arrays: the largest one, and the most that are held at once."""

    def __init__(self, task: Task, sizes: Mapping[str, int]) -> None:
        self.program, outputs = program_of(task, sizes, EXTRA)
        self.sizes = sizes
        self.live = live_values(self.program, outputs)
        self.owner: dict[Value, Value] = {}
        for value in self.live:
            arguments = self.program.instructions[value].arguments
            is_view = isinstance(self.program.operation(value), _VIEWS) and arguments
            self.owner[value] = self.owner[arguments[0]] if is_view else value
        self.given = [entries(parameter.axes, sizes) for parameter in task.parameters]
        self.given += [entries(output.shape, sizes) for output in task.outputs]
        self.largest, self.peak = self._measured(set(map(self.owner.__getitem__, outputs)))

    def _measured(self, kept: set[Value]) -> tuple[int, int]:
        last = {
            self.owner[argument]: value
            for value in self.live
            for argument in self.program.instructions[value].arguments
        }
        held: dict[Value, int] = {}
        largest = peak = 0
        for value in self.live:
            if self.owner[value] == value and not isinstance(self.program.operation(value), _GIVEN):
                held[value] = entries(self.program.axes(value), self.sizes)
                largest = max(largest, held[value])
            peak = max(peak, sum(held.values()))
            for other in list(held):
                if other not in kept and last.get(other, value) <= value:
                    del held[other]
        return largest, peak


def sizes_of(tasks: Sequence[Task], shift: int) -> dict[str, int]:
    axes = [axis for task in tasks for each in task.parameters for axis in each.axes]
    names = {name for axis in axes for name in axis.names}
    ordered = sorted(names.union(*(task.sizes for task in tasks)))
    return {name: _PRIMES[(k * (shift + 1) + shift) % 6] for k, name in enumerate(ordered)}


@pytest.mark.parametrize("block", range(10))
def test_golden_data(block: int) -> None:
    for row in ROWS[block::10]:
        check_row(row)


def check_row(row: Row) -> None:
    derivative = answer(row)
    task = joint_task("f", [derivative.as_part()])
    function = joint_task("f", [value_part(derivative._solution.function, "f")])
    for shift in range(2):
        sizes = sizes_of((task, function), shift)
        found, value = Memory(task, sizes), Memory(function, sizes)
        fair = max(sum(found.given), value.largest)
        assert found.largest <= fair, row.id
        assert found.peak <= fair + _HELD * max(*found.given, value.largest), row.id


# ---------------------------------------------------------------- families, far from square

SHAPES: dict[str, list[Any]] = {"X": ["m", "n"], "W": ["n", "k"], "Y": ["m", "k"], "w": ["n"]}
FAMILIES: dict[str, tuple[str, dict[str, list[Any]], str, str]] = {
    "least squares": ("sum((X*w-y).^2)", {"y": ["m"]}, "w", "hessian"),
    "logistic": ("sum(log(vector(1)+exp(-y.*(X*w))))", {"y": ["m"]}, "w", "hessian"),
    "logistic along": ("sum(log(vector(1)+exp(-y.*(X*w))))", {"y": ["m"]}, "w", "hvp"),
    "softmax": ("sum(logsumexp(X*W,2)) - sum(Y.*(X*W))", {}, "W", "gradient"),
    "softmax along": ("sum(logsumexp(X*W,2)) - sum(Y.*(X*W))", {}, "W", "hvp"),
    "factors": (
        "sum((U*V'-Z).^2)",
        {"U": ["n", "k"], "V": ["m", "k"], "Z": ["n", "m"]},
        "U",
        "hvp",
    ),
    "Gauss": ("logdet(S)+w'*inv(S)*w", {"S": ["n", "n"]}, "S", "gradient"),
    "attention": (
        "sum(G.*(softmax(Q*K'/sqrt(d),2)*V))",
        {"Q": ["m", "k"], "K": ["n", "k"], "V": ["n", "p"], "G": ["m", "p"], "d": []},
        "K",
        "gradient",
    ),
    "diagonal": ("sum(exp(w).*w)", {}, "w", "hessian"),
}
FAR = ({"m": 500, "n": 7, "k": 3, "p": 5}, {"m": 11, "n": 300, "k": 5, "p": 40})


@pytest.mark.parametrize("sizes", FAR, ids=["tall", "wide"])
@pytest.mark.parametrize("name", FAMILIES)
def test_families(name: str, sizes: dict[str, int]) -> None:
    text, more, by, kind = FAMILIES[name]
    f = gf.parse(text, shapes={**SHAPES, **more})
    options: Any = {"check": False}
    part = f.hvp(by, "D", **options) if kind == "hvp" else getattr(f, kind)(by, **options)
    found = Memory(joint_task("f", [part.as_part()]), sizes)
    value = Memory(joint_task("f", [f.as_part()]), sizes)
    fair = max(sum(found.given), value.largest)
    assert found.largest <= fair
    assert found.peak <= fair + _HELD * max(*found.given, value.largest)


# ---------------------------------------------------------------- depth


def network(depth: int) -> Task:
    """The Hessian times a vector of a network with so many layers, by its first weights."""
    layers = "X"
    for k in range(depth):
        layers = f"tanh({layers}*W{k})"
    shapes = {f"W{k}": ["n", "n"] for k in range(depth)}
    f = gf.parse(f"sum({layers}.^2)", shapes={"X": ["m", "n"], **shapes})
    return joint_task("f", [f.hvp("W0", "D", check=False).as_part()])


def work(program: Program, live: list[Value], sizes: Mapping[str, int]) -> int:
    return sum(cost(program, value, sizes) for value in live)


def test_depth_costs_in_proportion() -> None:
    """Work and memory of a Hessian times a vector grow with the depth, not with its square."""
    sizes = {"m": 40, "n": 30}
    shallow, deep = (Memory(network(depth), sizes) for depth in (4, 12))
    ratio = work(deep.program, deep.live, sizes) / work(shallow.program, shallow.live, sizes)
    assert ratio <= 3.6
    assert deep.peak <= 3.6 * shallow.peak
    assert deep.largest <= 40 * 30
