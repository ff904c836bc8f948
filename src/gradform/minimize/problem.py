"""A problem with its data: value, gradient, Hessian and products at flat vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gradform.derive.compiling import compile_parts
from gradform.derive.pipeline import Question
from gradform.derive.products import typed
from gradform.errors import ArrayError
from gradform.execute.backend import Compiled, makes_operators
from gradform.language import Message, joined, say
from gradform.linear_operators import LinearOperator, Symmetric
from gradform.minimize.arrays import Array, real_array, sizes_of, start_arrays
from gradform.minimize.declared import require_structure
from gradform.minimize.formulas import SMOOTHING, Formulas
from gradform.minimize.variables import Packing

__all__ = ["Problem"]


class _Program(NamedTuple):
    """A program and what it is called with, by name: finding that out takes longer than a small
    program does."""

    run: Compiled
    names: frozenset[str]


def _named(program: Compiled) -> _Program:
    task = program.task
    return _Program(program, frozenset([*task.sizes, *(each.name for each in task.parameters)]))


class Problem:
    """min f(x) over the variables of ``start``, with ``data`` for all others.

    Points are flat vectors. Outside the domain of f its value is inf.
    """

    def __init__(
        self,
        question: Question,
        start: Mapping[str, Any],
        data: Mapping[str, Any],
        *,
        backend: str = "numpy",
        check: bool = True,
        smooth: bool = False,
    ) -> None:
        function = typed(question)
        self.start = start_arrays(start, function.variables)
        self._made_of = (question, self.start, dict(data), backend, check, smooth)
        self.formulas = Formulas(question, list(self.start), check=check, smooth=smooth)
        chosen = [function.variables[name] for name in self.start]
        self.packing = Packing(chosen, self.start)
        self.backend = backend
        self.data = _data(self.formulas, self.packing, data)
        self.sizes = sizes_of(function.variables, {**self.data, **self.start})
        self.counts: Counter[str] = Counter()
        self.smoothing = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (*self._made_of, dict(self.counts), self.smoothing)

    @property
    def question(self) -> Question:
        return self.formulas.question

    @cached_property
    def rounded(self) -> Problem:
        """The same problem with its kinks rounded off."""
        question, start, data, backend, check, _ = self._made_of
        problem = Problem(question, start, data, backend=backend, check=check, smooth=True)
        problem.counts = self.counts
        return problem

    # ------------------------------------------------------------ values

    @cached_property
    def _first_order(self) -> _Program:
        formulas = self.formulas
        return _named(compile_parts([formulas.value(), *formulas.gradients()], self.backend))

    @cached_property
    def _products(self) -> _Program:
        return _named(compile_parts(self.formulas.products(), self.backend))

    @cached_property
    def _hessian(self) -> _Program:
        return _named(compile_parts([self.formulas.hessian()], self.backend, dense=False))

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """f and its gradient; inf where one of them is not finite, as outside the domain."""
        value, gradient = self.value_and_formula(x)
        return (value if np.isfinite(gradient).all() else np.inf), gradient

    def value_and_formula(self, x: Array) -> tuple[float, Array]:
        """f, and what the formula of the gradient gives, which is NaN at some kinks."""
        self.counts["value"] += 1
        self.counts["gradient"] += 1
        nowhere = np.inf, np.full(x.size, np.nan)
        if not (np.isfinite(x).all() and self.packing.contains(x)):
            return nowhere
        try:
            value, *gradients = self._run(self._first_order, self.packing.arrays(x))
        except np.linalg.LinAlgError:  # a factorisation that exists inside the domain only
            return nowhere
        number = float(np.asarray(value))
        return (number, self.packing.flat(gradients)) if np.isfinite(number) else nowhere

    def product(self, x: Array, direction: Array) -> Array:
        """The Hessian at x times a direction."""
        self.counts["product"] += 1
        named = self.packing.arrays(direction)
        moved = {self.formulas.direction(name): part for name, part in named.items()}
        found = self._run(self._products, {**self.packing.arrays(x), **moved})
        parts = found if isinstance(found, tuple) else (found,)
        return self.packing.flat(parts)

    def hessian(self, x: Array) -> LinearOperator:
        """The Hessian by the only variable, with its structure."""
        self.counts["hessian"] += 1
        found = self._run(self._hessian, self.packing.arrays(x))
        if not isinstance(found, LinearOperator):  # of a number
            return Symmetric(np.reshape(found, (1, 1)))
        return found.reshaped((x.size,), (x.size,))

    def stored(self, x: Array) -> int | None:
        """How many numbers the Hessian has because of its structure; None without one."""
        if not self.keeps_structure:
            return None
        program: Any = self._hessian.run
        (count,) = program.stored(**self._given(self._hessian, self.packing.arrays(x))).values()
        return None if count is None else int(count)

    @property
    def keeps_structure(self) -> bool:
        """Whether the Hessian is known with its structure: by one variable, all of it free."""
        plain = len(self.packing.names) == 1 and self.packing.directions is None
        return plain and makes_operators(self.backend)

    def dense_hessian(self, x: Array) -> Array:
        """The Hessian by all variables as an array."""
        if self.keeps_structure:
            return np.asarray(self.hessian(x).toarray(), np.float64)
        return self._between(x, np.eye(x.size))

    def inner_hessian(self, x: Array) -> Array:
        """The Hessian between the directions that keep the structure of the variables."""
        basis = self.packing.directions
        return self.dense_hessian(x) if basis is None else self._between(x, basis)

    def _between(self, x: Array, basis: Array) -> Array:
        found = basis.T @ np.stack([self.product(x, each) for each in basis.T], axis=1)
        return (found + found.T) / 2

    def _given(self, program: _Program, arrays: Mapping[str, Array]) -> dict[str, Any]:
        """What a program is called with."""
        given = {**self.data, **arrays}
        if self.formulas.smooth:
            given[SMOOTHING] = self.smoothing
        return {name: value for name, value in given.items() if name in program.names}

    def _run(self, program: _Program, arrays: Mapping[str, Array]) -> Any:
        with np.errstate(all="ignore"):
            return program.run(**self._given(program, arrays))

    # ------------------------------------------------------------ the start

    @cached_property
    def first_value(self) -> float:
        """f at the start that was given."""
        return self.value_and_formula(self.flat_start())[0]

    def flat_start(self) -> Array:
        return self.packing.flat([self.start[name] for name in self.packing.names])

    def checked(self, x: Array, smoothing: float = 0.0) -> tuple[float, Array]:
        """Value and gradient at a start; where kinks are rounded off by ``smoothing``, and f has
        no gradient, that of the rounded function. Raises ArrayError where f has none."""
        value, gradient = self.value_and_formula(x)
        if smoothing and np.isfinite(value) and not np.isfinite(gradient).all():
            self.rounded.smoothing = smoothing
            _, gradient = self.rounded.value_and_gradient(x)
        with np.errstate(over="ignore"):
            length = np.linalg.norm(gradient)
        if not (np.isfinite(value) and np.isfinite(length)):
            names = joined(f"'{name}'" for name in self.packing.names)
            raise ArrayError(
                say(
                    "The function has no finite value and gradient at the start of {names}.",
                    names=names,
                ),
                kind="point",
                hint=_reason(self, x),
            )
        return value, gradient


def _reason(problem: Problem, x: Array) -> Message:
    bad = [
        name
        for name, value in problem.data.items()
        if isinstance(value, np.ndarray) and not np.isfinite(value).all()
    ]
    if bad:
        return say("'{name}' has entries that are no finite numbers", name=bad[0])
    needed = joined(each.text for each in problem.formulas.function.conditions)
    if needed:
        return say("start inside the domain; it needs {conditions}", conditions=needed)
    return say("start inside the domain")


def _data(formulas: Formulas, packing: Packing, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all variables that are not minimised over."""
    variables = formulas.function.variables
    for name in data:
        if name in packing.names:
            raise ArrayError(say("'{name}' has a start and a value.", name=name), kind="array")
    missing = formulas.needed.difference(data, packing.names)
    if missing:
        raise ArrayError(
            say("No value was given for '{name}'.", name=min(missing)),
            kind="array",
            hint=say("give {name}=…, or a start for it to minimise over it", name=min(missing)),
        )
    sizes = {str(axis) for v in variables.values() for axis in v.shape.axes if axis.is_name}
    for name in data:
        if name not in variables and name not in sizes:
            raise ArrayError(
                say("There is no variable '{name}'.", name=name),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(variables)),
            )
    found = {
        name: _real(name, value) if name in variables else value for name, value in data.items()
    }
    for name in found.keys() & variables.keys():
        require_structure(name, found[name], variables[name].structure)
    return found


def _real(name: str, value: Any) -> Any:
    """The value itself where a program takes it as it is: arrays of other libraries, and large
    arrays, are not copied. Raises ArrayError for what holds no real numbers."""
    kind = str(getattr(value, "dtype", "object"))
    if hasattr(value, "shape") and any(each in kind for each in ("float", "int", "bool")):
        return value
    return real_array(name, value, say("given value"))


def _restored(*parts: Any) -> Problem:
    question, start, data, backend, check, smooth, counts, smoothing = parts
    problem = Problem(question, start, data, backend=backend, check=check, smooth=smooth)
    problem.counts.update(counts)
    problem.smoothing = smoothing
    return problem
