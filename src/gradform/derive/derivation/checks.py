"""Every line of a derivation, compared with the function itself at random points.

Derivatives are compared with limits, equal forms with each other. The points are points of
the variables; the values of the steps follow from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from gradform.derive.checking import as_certified, formula_as_tensor, room_for_elements
from gradform.derive.derivation.chain import Chain
from gradform.derive.pipeline import Solution
from gradform.errors import UnconfirmedError
from gradform.formula.tree import Formula, Program
from gradform.functions.shapes import Shape
from gradform.language import say
from gradform.records import record
from gradform.verify.comparison import Comparison, Declared, Question
from gradform.verify.interpreter import Array, Environment, Evaluator, compile_formula
from gradform.verify.limits import directional_derivative, largest_intermediate
from gradform.verify.sampling import Sampler, index_conditions
from gradform.verify.sizes import Assignment, parse_condition

__all__ = ["Checks"]

_ASSIGNMENTS = 2
_TOLERANCE = 1e-8
_SLACK = 1e3  # how many roundings a result may carry
_ROUNDOFF = float(np.finfo(float).eps)


@record
class _Free:
    """A cotangent or tangent: any array of its shape."""

    shape: Shape
    structure: frozenset[str] = frozenset()


class _Points(Sampler):
    """Points of the variables, with the values of all definitions and steps."""

    def __init__(self, chain: Chain, free: Mapping[str, Shape], conditions: Sequence[str]) -> None:
        function, found = chain.function, chain.found
        variables = function.variables
        needed = [parse_condition(condition) for condition in conditions]
        needed += index_conditions(found.program, variables, found.shapes)
        needed += index_conditions(function.program, variables, function.shapes)
        sizes = [
            size for shape in (*found.shapes.values(), *function.shapes.values()) for size in shape
        ]
        extra = {name: _Free(shape) for name, shape in free.items()}
        super().__init__({**variables, **extra}, needed, sizes)
        self.chain = chain
        self._compiled: dict[tuple[int, ...], list[tuple[str, Evaluator]]] = {}

    def attempts(
        self, sizes: Mapping[str, int], rng: np.random.Generator
    ) -> Iterator[dict[str, Array]]:
        """Points at which every step has a finite value."""
        for point in super().attempts(sizes, rng):
            try:
                whole = self.completed(point, sizes)
            except (ArithmeticError, ValueError):
                continue
            if all(np.isfinite(array).all() for array in whole.values()):
                yield whole

    def completed(self, point: Environment, sizes: Mapping[str, int]) -> dict[str, Array]:
        """The point with the values of definitions and steps."""
        whole = dict(point)
        for name, evaluator in self._evaluators(sizes):
            whole[name] = evaluator(whole)
        return whole

    def _evaluators(self, sizes: Mapping[str, int]) -> list[tuple[str, Evaluator]]:
        key = tuple(sizes.values())
        if key not in self._compiled:
            found = self.chain.found
            known = set(self.variables)
            evaluators: list[tuple[str, Evaluator]] = []
            values = {each.name: each.value for each in found.program.definitions}
            for name, value in [*values.items(), (self.chain.output, found.program.body)]:
                if name in known:
                    continue
                evaluators.append((name, compile_formula(value, known, sizes, found.shapes)))
                known.add(name)
            self._compiled[key] = evaluators
        return self._compiled[key]


class _UnsuitableError(ValueError):
    """There is nothing to compare at a point."""


class Checks:
    """Confirms lines about one chain, or raises UnconfirmedError.

    ``free`` are the names of tangents and cotangents with their shapes. ``errors`` collects
    the relative errors that were seen.
    """

    def __init__(
        self, chain: Chain, solution: Solution, free: Mapping[str, Shape] | None = None
    ) -> None:
        conditions = [*solution.question.conditions, *room_for_elements(solution)]
        self._points = _Points(chain, free or {}, conditions)
        self._rng = np.random.default_rng(0)
        self._assignments = self._points.size_assignments(_ASSIGNMENTS)
        self.errors: list[float] = []

    # ------------------------------------------------------------ derivatives

    @np.errstate(all="ignore")
    def derivative(self, solution: Solution, formula: Program) -> None:
        """A derivative as it is shown, against its limit definition."""
        function = solution.function
        declared = {
            name: Declared(variable.shape, frozenset(variable.structure))
            for name, variable in function.variables.items()
        }
        question = Question(
            function.program,
            function.shapes,
            declared,
            [target.name for target in solution.targets],
            {"formula": as_certified(formula_as_tensor(solution, formula), solution)},
            None,
            [None] * len(solution.targets),
        )
        for sizes in self._assignments:
            agreement = Comparison(question, sizes, self._rng).run(self._points, 1)
            self.errors.append(agreement.error)

    def tangent(self, value: Formula, moved: Mapping[str, str | None], formula: Program) -> None:
        """The tangent of ``value`` when each of ``moved`` moves along the tangent it maps to;
        None is the tangent 1 of a number."""

        def compare(sizes: Assignment, point: Environment) -> None:
            evaluator = compile_formula(value, point.keys(), sizes, self._shapes)
            direction = {
                child: np.ones((1, 1)) if name is None else point[name]
                for child, name in moved.items()
            }
            analytic = evaluator.analytic
            limit = directional_derivative(evaluator, point, [direction], analytic=analytic)
            if not limit.exists:
                raise _UnsuitableError
            found = compile_formula(formula, point.keys(), sizes)(point)
            scale = largest_intermediate(evaluator.trace, point, direction, analytic=analytic)
            self._judge(limit.value, found, scale, limit.error)

        self._everywhere(compare)

    # ------------------------------------------------------------ equal forms

    def equal(self, left: Formula | Program, right: Formula | Program) -> None:
        """Two forms of one value, in steps, variables, tangents and cotangents."""

        def compare(sizes: Assignment, point: Environment) -> None:
            one, other = (self._compiled(form, point, sizes) for form in (left, right))
            values = [one(point), other(point)]
            if not all(np.isfinite(value).all() for value in values):
                raise _UnsuitableError
            traces = (*one.trace(point), *other.trace(point))
            largest = max((_largest(value) for value in traces if value.size), default=1.0)
            self._judge(values[0], values[1], largest, 0.0)

        self._everywhere(compare)

    def _compiled(
        self, form: Formula | Program, point: Environment, sizes: Assignment
    ) -> Evaluator:
        """The form, whose own definitions go before values of the point."""
        own = {each.name for each in form.definitions} if isinstance(form, Program) else set()
        return compile_formula(form, point.keys() - own, sizes, self._shapes)

    @property
    def _shapes(self) -> Mapping[int, Shape]:
        return self._points.chain.found.shapes

    @np.errstate(all="ignore")
    def _everywhere(self, compare: Callable[[Assignment, Environment], None]) -> None:
        """Compare at one point for each assignment of sizes, where there are values."""
        for sizes in self._assignments:
            for point in self._points.attempts(sizes, self._rng):
                try:
                    compare(sizes, point)
                except (ArithmeticError, ValueError):
                    continue  # LinAlgError too: the next point may be better
                break
            else:
                raise UnconfirmedError(
                    say("No point was found at which the steps of the derivation can be checked."),
                    kind="unconfirmed",
                )

    def _judge(self, expected: Array, found: Array, largest: float, error: float) -> None:
        if found.shape != expected.shape:
            raise _refused()
        difference = _largest(found - expected)
        scale = max(_largest(expected), _SLACK * _ROUNDOFF * largest / _TOLERANCE)
        relative = difference / scale if scale else difference
        if not relative <= max(_TOLERANCE, 10 * error / scale):
            raise _refused()
        self.errors.append(relative)


def _refused() -> UnconfirmedError:
    return UnconfirmedError(
        say("A step of the derivation is not confirmed, so the derivation is not shown."),
        kind="unconfirmed",
        hint=say("This is a defect of gradform, not of the input; please report the formula."),
    )


def _largest(array: Array) -> float:
    return float(np.abs(array).max()) if array.size else 0.0
