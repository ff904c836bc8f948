"""Comparing derivative tensors with limits, at random points for one assignment of sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TypeAlias

import numpy as np

from gradform.errors import CannotError, GradformError, UnconfirmedError
from gradform.formula.tree import Program
from gradform.functions.shapes import SCALAR, Shape
from gradform.language import phrase, say
from gradform.records import record
from gradform.verify.constraint import Parameters, parameters_of
from gradform.verify.interpreter import Array, Environment, compile_formula
from gradform.verify.limits import Limit, directional_derivative, largest_intermediate
from gradform.verify.sampling import Sampler
from gradform.verify.sizes import Assignment, listed

__all__ = ["DIRECTIONS", "Agreement", "Along", "Candidate", "Comparison", "Declared", "Question"]

Candidate: TypeAlias = Callable[[Environment, Mapping[str, int]], object]
Along: TypeAlias = Callable[[Environment, Mapping[str, int]], Array]
"""The direction of a directional derivative, an array of the variable's shape."""

DIRECTIONS = 2
"""Random directions for each point."""

_TOLERANCE = 1e-8
_CREDIBLE = 5e-8  # relative error up to which a limit may serve as reference
_SLACK = 1e3  # how many roundings a result may carry
_NUDGE = 1e-10
_JITTER = 1e-14
_MOST_FAILURES = 3
_ROUNDOFF = float(np.finfo(float).eps)
_MOST_ENTRIES = 10_000_000
_FEW_VALUES = frozenset({"binary", "onehot", "pm1"})  # at such points an answer may be 0/0


@record
class Declared:
    """A variable as the check sees it."""

    shape: Shape
    structure: frozenset[str]

    def tied_by(self, constraint: str | None) -> Declared:
        """A matrix whose points have the structure too; others stay as they are."""
        if constraint is None or not self.shape.is_matrix:
            return self
        return Declared(self.shape, self.structure | {constraint})


@record
class Question:
    """Which derivatives of which formula are to be confirmed; see ``certify``."""

    function: Program
    shapes: Mapping[int, Shape]
    variables: Mapping[str, Declared]
    wrt: Sequence[str]
    candidates: Mapping[str, Candidate]
    constraint: str | None
    along: Sequence[Along | None]


@record
class Agreement:
    """The worst of some comparisons: the largest error, and what was allowed.

    ``passed_over`` says for each point that a candidate was excused from, why.
    """

    error: float = 0.0
    tolerance: float = _TOLERANCE
    methods: frozenset[str] = frozenset()
    passed_over: tuple[str, ...] = ()

    def __or__(self, other: Agreement) -> Agreement:
        return Agreement(
            max(self.error, other.error),
            max(self.tolerance, other.tolerance),
            self.methods | other.methods,
            self.passed_over + other.passed_over,
        )


@record
class _Reference:
    """A limit, its directions, and the directions as weights of the tensor's entries."""

    limit: Limit
    directions: list[dict[str, Array]]
    weights: list[Array]


class _Unsuitable(Exception):
    """The point is not admissible; the text says why."""


class _Excused(_Unsuitable):
    """The derivative exists at the point, but a candidate has no accurate value there."""


class Comparison:
    """The candidates of a question against limits, for one assignment of sizes."""

    def __init__(self, question: Question, sizes: Assignment, rng: np.random.Generator) -> None:
        self.question = question
        self.sizes = sizes
        self.rng = rng
        value_shape = question.shapes[id(question.function.body)]
        wrt_shapes = [
            question.variables[name].shape if along is None else SCALAR
            for name, along in zip(question.wrt, question.along, strict=True)
        ]
        self.value_extent = self._extent(value_shape)
        self.wrt_counts = [prod(self._extent(shape)) for shape in wrt_shapes]
        self.tensor_extent = tuple(
            axis.evaluate(sizes) for shape in (value_shape, *wrt_shapes) for axis in shape.axes
        )
        if prod(self.tensor_extent) > _MOST_ENTRIES:
            raise CannotError(
                say(
                    "The derivative has {count:,} entries{where}; the check goes up to {most:,}.",
                    count=prod(self.tensor_extent),
                    where=self._where(),
                    most=_MOST_ENTRIES,
                ),
                kind="unconfirmed",
            )
        self.parameters = [self._parameters(shape) for shape in wrt_shapes]
        self.evaluator = compile_formula(
            question.function, question.variables.keys(), sizes, question.shapes
        )
        self.failures = 0
        self.few_values = any(v.structure & _FEW_VALUES for v in question.variables.values())

    def run(self, sampler: Sampler, points: int) -> Agreement:
        """Compare at that many admissible points.

        Raises UnconfirmedError when a candidate is refused or no such points are found.
        """
        worst = Agreement()
        reason = ""
        for point in sampler.attempts(self.sizes, self.rng):
            try:
                worst |= self._at(point)
                points -= 1
            except _Unsuitable as unsuitable:
                reason = unsuitable.args[0]
                if isinstance(unsuitable, _Excused):
                    worst |= Agreement(passed_over=(reason,))
            if not points:
                return worst
        raise UnconfirmedError(
            say(
                "No admissible point was found{where}: {reason}.",
                where=self._where(),
                reason=reason,
            ),
            kind="unconfirmed",
            hint=say(
                "Declare what the variables satisfy, such as positive, unit or spd, or what the"
                " sizes do, such as m > n."
            ),
        )

    def _at(self, point: Environment) -> Agreement:
        references = self._references(point)
        worst = Agreement(methods=frozenset(each.limit.method for each in references))
        for name, candidate in self.question.candidates.items():
            worst |= self._compare(name, candidate, point, references)
        return worst

    def _parameters(self, shape: Shape) -> Parameters | None:
        if self.question.constraint is None or not shape.is_matrix:
            return None
        return parameters_of(self.question.constraint, self._extent(shape)[0])

    def _extent(self, shape: Shape) -> tuple[int, int]:
        return shape.rows.evaluate(self.sizes), shape.cols.evaluate(self.sizes)

    def _where(self) -> str:
        return say(" for {sizes}", sizes=listed(self.sizes)) if self.sizes else ""

    # ------------------------------------------------------------ the limits

    def _references(self, point: Environment) -> list[_Reference]:
        """The limits along random directions; _Unsuitable where one does not exist."""
        try:
            value = self.evaluator(point)
        except (ArithmeticError, ValueError) as error:
            raise _Unsuitable(say("the formula has no value ({error})", error=error)) from None
        if value.shape != self.value_extent:
            raise UnconfirmedError(
                say(
                    "The formula has a value of shape {shape}{where}; {expected} was expected.",
                    shape=value.shape,
                    where=self._where(),
                    expected=self.value_extent,
                ),
                kind="unconfirmed",
            )
        if not np.isfinite(value).all():
            raise _Unsuitable(say("the formula has no finite value"))
        return [self._reference(point, value) for _ in range(DIRECTIONS)]

    def _reference(self, point: Environment, value: Array) -> _Reference:
        directions: list[dict[str, Array]] = []
        weights: list[Array] = []
        orders = zip(self.question.wrt, self.parameters, self.question.along, strict=True)
        for name, parameters, along in orders:
            if along is not None:
                directions.append({name: along(point, self.sizes)})
                weights.append(np.ones(1))
                continue
            entries = self.rng.standard_normal(point[name].shape)
            if parameters is not None:
                entries = parameters.structured(entries)
            directions.append({name: entries})
            shared = entries if parameters is None else entries * parameters.share
            weights.append(shared.ravel())
        limit = directional_derivative(
            self.evaluator, point, directions, analytic=self.evaluator.analytic, value=value
        )
        if limit.kink:
            raise _Unsuitable(say("every point tried lies on a kink"))
        if not limit.exists:
            raise _Unsuitable(say("the derivative does not exist or is not finite"))
        return _Reference(limit, directions, weights)

    # ------------------------------------------------------------ the candidates

    def _compare(
        self, name: str, candidate: Candidate, point: Environment, references: list[_Reference]
    ) -> Agreement:
        tensor = self._tensor(name, candidate, point)
        worst = Agreement()
        for reference in references:
            found = tensor
            for weights in reversed(reference.weights):
                found = found.reshape(-1, len(weights)) @ weights
            difference = _largest(found.ravel() - reference.limit.value.ravel())
            agreement = self._judge(point, reference, difference)
            if agreement.error > agreement.tolerance:
                if self._noise(candidate, point) > _TOLERANCE * _largest(tensor):
                    raise _Excused(say("rounding spoils the {name}", name=phrase(name)))
                scale = difference / agreement.error
                if self._limit_noise(reference, point) > _TOLERANCE * scale:
                    raise _Unsuitable(say("the limit could not be computed accurately"))
                raise self._refusal(
                    name,
                    say(
                        "differs from the limit definition by {error:.1e} (relative)",
                        error=agreement.error,
                    ),
                )
            worst |= agreement
        for axis, parameters in enumerate(self.parameters):
            if parameters is not None:
                stray = self._stray(tensor, axis, parameters)
                if stray > _TOLERANCE * _largest(tensor):
                    raise self._refusal(name, say("does not have the structure of the variable"))
        return worst

    def _tensor(self, name: str, candidate: Candidate, point: Environment) -> Array:
        """The candidate's tensor, of the exact shape and finite."""
        try:
            raw = np.asarray(candidate(point, self.sizes))
        except (ArithmeticError, ValueError, GradformError) as error:
            raise self._failure(name, say("cannot be evaluated ({error})", error=error)) from error
        if raw.shape != self.tensor_extent:
            raise self._refusal(
                name,
                say(
                    "has shape {shape} where the derivative has {expected}",
                    shape=raw.shape,
                    expected=self.tensor_extent,
                ),
            )
        if raw.dtype.kind not in "fiub":
            raise self._refusal(name, say("has entries of type {type}", type=raw.dtype))
        tensor = raw.astype(float)
        if not np.isfinite(tensor).all():
            raise self._failure(name, say("is not finite where the derivative exists"))
        return tensor

    def _failure(self, name: str, what: str) -> _Unsuitable | UnconfirmedError:
        """No value at an admissible point: excused where points are not generic, and a few
        times elsewhere, as a number may overflow where the derivative is moderate."""
        self.failures += 1
        if self.few_values or self.failures <= _MOST_FAILURES:
            return _Excused(say("the {name} {what}", name=phrase(name), what=what))
        return self._refusal(name, what)

    def _refusal(self, name: str, what: str) -> UnconfirmedError:
        return UnconfirmedError(
            say(
                "The {name} {what}{where}, so it is not shown.",
                name=phrase(name),
                what=what,
                where=self._where(),
            ),
            kind="unconfirmed",
            hint=say("This is a defect of gradform, not of the input; please report the formula."),
        )

    def _stray(self, tensor: Array, axis: int, parameters: Parameters) -> float:
        """How far a tensor is from constant on each parameter and 0 outside the structure."""
        before = prod(self.tensor_extent) // prod(self.wrt_counts[axis:])
        entries = tensor.reshape(before, self.wrt_counts[axis], -1)
        return _largest(entries - np.einsum("pq,aqb->apb", parameters.average, entries))

    # ------------------------------------------------------------ the verdict

    def _judge(self, point: Environment, reference: _Reference, difference: float) -> Agreement:
        """Compare strictly; only if that fails, find out what rounding may have done."""
        limit = reference.limit
        scale = _largest(limit.value)
        if difference <= _TOLERANCE * scale:
            return Agreement(difference / scale if difference else 0.0)
        scale = max(scale, self._rounding(point, reference) / _TOLERANCE)
        if limit.error > _CREDIBLE * scale:
            raise _Unsuitable(say("the limit could not be computed accurately"))
        return Agreement(difference / scale, max(_TOLERANCE, 10 * limit.error / scale))

    def _noise(self, candidate: Candidate, point: Environment) -> float:
        """How far the candidate's values scatter when the last digits of its inputs change.

        No reason to accept a value, only to look at another point instead.
        """
        return self._scatter(lambda at: candidate(at, self.sizes), point)

    def _limit_noise(self, reference: _Reference, point: Environment) -> float:
        """The same for the limit, as of 1 - tanh(z)² where that is near 0."""
        analytic = self.evaluator.analytic
        return self._scatter(
            lambda at: (
                directional_derivative(
                    self.evaluator, at, reference.directions, analytic=analytic
                ).value
            ),
            point,
        )

    def _scatter(self, function: Callable[[Environment], object], point: Environment) -> float:
        values = []
        for _ in range(4):
            try:
                raw = np.asarray(function(self._nudged(point, _JITTER)), dtype=float)
            except (ArithmeticError, ValueError, GradformError):
                return np.inf
            values.append(raw)
        scatter = _largest(np.ptp(np.stack(values), axis=0))
        return scatter if np.isfinite(scatter) else np.inf

    def _nudged(self, point: Environment, size: float) -> dict[str, Array]:
        return {
            name: array * (1 + size * self.rng.standard_normal(array.shape))
            for name, array in point.items()
        }

    def _rounding(self, point: Environment, reference: _Reference) -> float:
        """The absolute error that rounding of inputs and intermediate results may cause."""
        try:
            largest = max(
                largest_intermediate(
                    self.evaluator.trace, point, direction, analytic=self.evaluator.analytic
                )
                for direction in reference.directions or [{}]
            )
        except (ArithmeticError, ValueError) as error:
            # Singular beside the point, where the complex step has no direction to go.
            raise _Unsuitable(say("the formula has no value ({error})", error=error)) from None
        limit = directional_derivative(
            self.evaluator,
            self._nudged(point, _NUDGE),
            reference.directions,
            analytic=self.evaluator.analytic,
        )
        change = _largest(limit.value - reference.limit.value) if limit.exists else 0.0
        return _SLACK * _ROUNDOFF * (largest + change / _NUDGE)


def _largest(array: Array) -> float:
    return float(np.abs(array).max()) if array.size else 0.0
