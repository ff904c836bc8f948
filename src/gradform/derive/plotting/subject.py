"""What is plotted: a function of one or two numbers, once all other variables have values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from gradform.codegen.task import Parameter
from gradform.derive.tasks import joint_task, value_part
from gradform.derive.written import written_shape
from gradform.errors import ArrayError, InputError
from gradform.execute.arguments import Arguments, Bound
from gradform.formula.tree import Call, Formula, Name, children
from gradform.functions.shapes import Shape, describe
from gradform.language import listed, say
from gradform.notation.spelled import spell_unicode
from gradform.notation.unicode import to_unicode
from gradform.records import replaced
from gradform.syntax.elaborate import Elaborated
from gradform.syntax.parser import parse_formula
from gradform.verify.interpreter import Array, Evaluator, compile_formula

__all__ = ["Subject", "check_plottable", "free_variables"]

_RAISED = (ArithmeticError, ValueError, IndexError)  # where a function has no value
_LOWERED = ("₁", "₂")


class Subject:
    """A function whose value is a number, of the numbers that are plotted.

    ``plotted`` are its variables on the axes: one scalar, two scalars, or one vector of two
    entries. InputError for values that do not fit.
    """

    def __init__(
        self, function: Elaborated, plotted: tuple[str, ...], values: Mapping[str, Any]
    ) -> None:
        self.function, self.plotted = function, plotted
        self._seen: dict[tuple[float, ...], float] = {}
        self.values = {name: _array(name, value) for name, value in values.items()}

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The names of the numbers."""
        names = tuple(to_unicode(parse_formula(name)) for name in self.plotted)
        return tuple(f"{names[0]}{mark}" for mark in _LOWERED) if self._is_vector else names

    @property
    def name(self) -> str:
        """The function of its variables: ``f(x)``, ``f(x, y)``."""
        return f"f({', '.join(to_unicode(parse_formula(name)) for name in self.plotted)})"

    @cached_property
    def formula(self) -> str:
        """The function in one line."""
        function = self.function
        shapes = {name: written_shape(v.shape) for name, v in function.variables.items()}
        text = to_unicode(function.program, spell=spell_unicode, shapes=shapes)
        return "; ".join(part.strip() for part in text.splitlines())

    # ------------------------------------------------------------ values

    def value(self, *numbers: float) -> float:
        """NaN where the function has no value, as the second interpreter of formulas sees it."""
        if numbers not in self._seen:
            self._seen[numbers] = self._evaluated(numbers)
        return self._seen[numbers]

    def _evaluated(self, numbers: tuple[float, ...]) -> float:
        if self._is_vector:
            shape = (1, 2) if self._shape(self.plotted[0]).is_row else (2, 1)
            placed = {self.plotted[0]: np.array(numbers).reshape(shape)}
        else:
            placed = {n: np.array([[x]]) for n, x in zip(self.plotted, numbers, strict=True)}
        try:
            with np.errstate(all="ignore"):
                return float(self._evaluator({**self._bound_arrays, **placed})[0, 0])
        except _RAISED:
            return math.nan

    def arrays(self, *numbers: float) -> dict[str, Any]:
        """All variables, as they are given to compiled answers."""
        return {**self.values, **self._on_axes(numbers)}

    def _on_axes(self, numbers: tuple[float, ...]) -> dict[str, Array]:
        if self._is_vector:
            pair = np.array(numbers)
            name = self.plotted[0]
            return {name: pair.reshape(1, 2) if self._shape(name).is_row else pair}
        return {name: np.array(n) for name, n in zip(self.plotted, numbers, strict=True)}

    @cached_property
    def _is_vector(self) -> bool:
        return not self._shape(self.plotted[0]).is_scalar

    def _shape(self, name: str) -> Shape:
        return self.function.variables[name].shape

    @cached_property
    def _evaluator(self) -> Evaluator:
        function = self.function
        names = _occurring(function)
        return compile_formula(function.program, names, self._bound.sizes, function.shapes)

    @cached_property
    def _bound_arrays(self) -> dict[str, Array]:
        names = _occurring(self.function)
        pairs = zip(names, self._bound.arrays, strict=True)
        return {name: _two_axes(array, self._shape(name)) for name, array in pairs}

    @cached_property
    def _bound(self) -> Bound:
        """All arrays and sizes, with zeros for what is plotted."""
        zeros = (0.0,) * (2 if self._is_vector else len(self.plotted))
        names = _occurring(self.function)
        variables = [self.function.variables[name] for name in names]
        task = replaced(
            joint_task("value", [value_part(self.function, "")]),
            parameters=tuple(Parameter(v.name, v.shape, v.structure) for v in variables),
            unused=(),
        )
        try:
            return Arguments(task).bind((), {**self.values, **self._on_axes(zeros)})
        except ArrayError as error:
            if self._is_vector:
                error.hint = say("{name} is plotted with two entries.", name=self.plotted[0])
            raise


def free_variables(function: Elaborated, values: Mapping[str, Any]) -> list[str]:
    """The variables that occur and have no value, in order."""
    return [name for name in _occurring(function) if name not in values]


def check_plottable(function: Elaborated, names: list[str]) -> None:
    """InputError unless it is a number that depends on one number, two numbers or a pair."""
    if not function.value.shape.is_scalar:
        raise InputError(
            say(
                "Only a function whose value is a number can be plotted; this one is {shape}.",
                shape=describe(function.value.shape),
            ),
            kind="plot",
            hint=say("Plot one of its entries, or its norm."),
        )
    if not names:
        raise InputError(
            say("Nothing is left to plot: no variable is without a value."),
            kind="plot",
            hint=say("Give values to all variables but one or two."),
        )
    shapes = [function.variables[name].shape for name in names]
    if len(names) == 1 and (shapes[0].is_scalar or _is_pair(shapes[0])):
        return
    if len(names) == 2 and all(shape.is_scalar for shape in shapes):
        return
    raise InputError(
        say(
            "A plot shows a function of one number, of two numbers, or of a vector of two entries; "
            "here {names} have no value.",
            names=listed(names),
        ),
        kind="plot",
        hint=say("Give values: plot({values}).", values=", ".join(f"{name}=…" for name in names)),
    )


def _is_pair(shape: Shape) -> bool:
    """Whether it is a vector that may have two entries."""
    return (shape.is_column or shape.is_row) and shape.axes[0].value in (None, 2)


def _occurring(function: Elaborated) -> list[str]:
    """The variables that the formula mentions, in its order."""
    found = dict.fromkeys(_names(function))
    return [name for name in found if name in function.variables]


def _names(function: Elaborated) -> Iterator[str]:
    program = function.program
    pending: list[Formula] = [program.body, *(d.value for d in reversed(program.definitions))]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Name | Call):
            yield node.name
        pending.extend(reversed(children(node)))


def _array(name: str, value: Any) -> Array:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            say("The value of {name} is no array of numbers.", name=name),
            kind="plot",
            hint=say("Give a number, or numbers in lists: {name}=[1, 2].", name=name),
        ) from None


def _two_axes(array: Array, shape: Shape) -> Array:
    """As the interpreter of formulas takes it: rows and columns."""
    if shape.is_scalar:
        return array.reshape(1, 1)
    if shape.is_column:
        return array.reshape(-1, 1)
    return array.reshape(1, -1) if shape.is_row else array
