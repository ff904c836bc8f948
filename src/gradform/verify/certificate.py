"""Certificates: a derivative is shown only after the limit definition has confirmed it.

At random points, for several sizes with all dimensions different, the derivative tensor
contracted with random directions must equal the directional derivative of the formula.
The point must be admissible: value and limit exist there. The candidates have no say in
the choice of points, except where entries are restricted to a few values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gradform.errors import GradformError, UnconfirmedError
from gradform.formula.tree import Program
from gradform.functions.shapes import Shape
from gradform.verify.constraint import Parameters, parameters_of
from gradform.verify.interpreter import Array, Environment, Evaluator, compile_formula
from gradform.verify.limits import Limit, directional_derivative, largest_intermediate
from gradform.verify.sampling import Sampler, Variable, index_conditions
from gradform.verify.sizes import Assignment, parse_condition

__all__ = ["Candidate", "Certificate", "certify"]

Candidate: TypeAlias = Callable[[Environment, Mapping[str, int]], object]

_ASSIGNMENTS = 2
_DIRECTIONS = 2
_TOLERANCE = 1e-8
_CREDIBLE = 1e-6  # relative error up to which a limit may serve as reference
_SLACK = 1e3  # how many roundings a result may carry
_NUDGE = 1e-10
_ROUNDOFF = float(np.finfo(float).eps)
_FEW_VALUES = frozenset({"binary", "onehot", "pm1"})
"""Structures whose points are not generic: an answer may be 0/0 at some of them."""


@dataclass(frozen=True)
class Certificate:
    """What was compared, and how well it agreed.

    points        number of random points, over all sizes
    sizes         the size assignments
    directions    number of comparisons per candidate
    worst_error   largest max|E - T| / max(max|T|, scale): E from the candidate, T the
                  limit, scale the size of a derivative that rounding cannot tell from 0
    tolerance     the error up to which a comparison passed; it follows the limit's own error
    method        how the limit was taken
    checked       names of the candidates
    """

    points: int
    sizes: tuple[Assignment, ...]
    directions: int
    worst_error: float
    tolerance: float
    method: str
    checked: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.points > 0 and self.worst_error <= self.tolerance

    def __str__(self) -> str:
        sizes = " and ".join(_listed(assignment) for assignment in self.sizes if assignment)
        where = f"confirmed at {self.points} points" + (f", sizes {sizes}" if sizes else "")
        return f"{where}; worst relative error {self.worst_error:.0e} ({self.method})"


@np.errstate(all="ignore")
def certify(
    function: Program,
    shapes: Mapping[int, Shape],
    variables: Mapping[str, Variable],
    wrt: Sequence[str],
    candidates: Mapping[str, Candidate],
    *,
    constraint: str | None = None,
    size_conditions: Sequence[str] = (),
    seed: int = 0,
    points_per_size: int = 2,
) -> Certificate:
    """Confirm derivatives of ``function`` by their limit definition, or raise.

    shapes       ``id(node)`` → written shape, for the nodes of ``function``
    wrt          one variable per order: ["x", "x"] is a Hessian, ["x", "y"] a mixed one
    candidates   name → ``(env, sizes) -> T``. T has the axes of the value, then those of
                 each variable in turn; columns and rows have one axis, scalars none
    constraint   "symmetric", "diagonal", "toeplitz" or "symmetric_toeplitz": the entry
                 (i, j) is the derivative by the parameter at (i, j), and 0 outside the
                 structure. None: all entries are independent

    Raises UnconfirmedError when a candidate has another shape, is not finite or differs,
    and when no admissible points are found; InputError for malformed conditions.
    """
    return _Check(function, shapes, variables, wrt, candidates, constraint, size_conditions).run(
        np.random.default_rng(seed), points_per_size
    )


class _Unsuitable(Exception):
    """The point is not admissible; the text says why."""


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The worst of some comparisons."""

    error: float = 0.0
    tolerance: float = _TOLERANCE

    def with_(self, other: _Agreement) -> _Agreement:
        return _Agreement(max(self.error, other.error), max(self.tolerance, other.tolerance))


@dataclass(frozen=True, slots=True)
class _Declared:
    """A variable as the sampler sees it."""

    shape: Shape
    structure: frozenset[str]

    def with_structure(self, structure: str) -> _Declared:
        return _Declared(self.shape, self.structure | {structure})


@dataclass(frozen=True, slots=True)
class _Reference:
    """A limit, its directions, and the directions as weights of the tensor's entries."""

    limit: Limit
    directions: list[dict[str, Array]]
    weights: list[Array]


class _Check:
    def __init__(
        self,
        function: Program,
        shapes: Mapping[int, Shape],
        variables: Mapping[str, Variable],
        wrt: Sequence[str],
        candidates: Mapping[str, Candidate],
        constraint: str | None,
        size_conditions: Sequence[str],
    ) -> None:
        self.function = function
        self.shapes = shapes
        self.wrt = wrt
        self.candidates = candidates
        self.constraint = constraint
        declared = {
            name: _Declared(variable.shape, frozenset(variable.structure))
            for name, variable in variables.items()
        }
        if constraint:
            for name in set(wrt):
                if declared[name].shape.is_matrix:
                    declared[name] = declared[name].with_structure(constraint)
        self.variables = declared
        self.few_values = any(v.structure & _FEW_VALUES for v in declared.values())
        conditions = [parse_condition(condition) for condition in size_conditions]
        conditions += index_conditions(function, declared, shapes)
        dimensions = (size for shape in shapes.values() for size in shape)
        self.sampler = Sampler(declared, conditions, dimensions)

    def run(self, rng: np.random.Generator, points_per_size: int) -> Certificate:
        assignments = self.sampler.size_assignments(_ASSIGNMENTS)
        points = points_per_size * _ASSIGNMENTS // len(assignments)
        worst = _Agreement()
        methods: dict[str, None] = {}
        for sizes in assignments:
            agreement, found = _AtSizes(self, sizes, rng).run(points)
            worst = worst.with_(agreement)
            methods |= dict.fromkeys(found)
        return Certificate(
            points=points * len(assignments),
            sizes=tuple(assignments),
            directions=points * len(assignments) * _DIRECTIONS,
            worst_error=worst.error,
            tolerance=worst.tolerance,
            method=" and ".join(methods),
            checked=tuple(self.candidates),
        )


class _AtSizes:
    """The comparisons for one assignment of sizes."""

    def __init__(self, check: _Check, sizes: Assignment, rng: np.random.Generator) -> None:
        self.check = check
        self.sizes = sizes
        self.rng = rng
        self.evaluator: Evaluator = compile_formula(
            check.function, check.variables.keys(), sizes, check.shapes
        )
        value_shape = check.shapes[id(check.function.body)]
        self.value_extent = self._extent(value_shape)
        self.tensor_extent = self._axes(value_shape)
        self.wrt_counts: list[int] = []
        self.parameters: list[Parameters | None] = []
        for name in check.wrt:
            shape = check.variables[name].shape
            rows, cols = self._extent(shape)
            self.tensor_extent += self._axes(shape)
            self.wrt_counts.append(rows * cols)
            tied = check.constraint if shape.is_matrix else None
            self.parameters.append(parameters_of(tied, rows) if tied else None)

    def run(self, points: int) -> tuple[_Agreement, list[str]]:
        worst = _Agreement()
        methods: list[str] = []
        reason = ""
        remaining = points
        for point in self.check.sampler.attempts(self.sizes, self.rng):
            try:
                references = self._references(point)
                for name, candidate in self.check.candidates.items():
                    worst = worst.with_(self._compare(name, candidate, point, references))
            except _Unsuitable as unsuitable:
                reason = str(unsuitable)
                continue
            methods.extend(reference.limit.method for reference in references)
            remaining -= 1
            if not remaining:
                return worst, methods
        raise UnconfirmedError(
            f"No admissible point was found{self._where()}: {reason}.",
            kind="unconfirmed",
            hint="Declare what the variables satisfy, such as positive, unit or spd.",
        )

    def _extent(self, shape: Shape) -> tuple[int, int]:
        return shape.rows.evaluate(self.sizes), shape.cols.evaluate(self.sizes)

    def _axes(self, shape: Shape) -> tuple[int, ...]:
        return tuple(axis.evaluate(self.sizes) for axis in shape.axes)

    def _where(self) -> str:
        return f" for {_listed(self.sizes)}" if self.sizes else ""

    # ------------------------------------------------------------ the limits

    def _references(self, point: Environment) -> list[_Reference]:
        """The limits along random directions; _Unsuitable where one does not exist."""
        try:
            value = self.evaluator(point)
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            raise _Unsuitable(f"the formula has no value ({error})") from None
        if value.shape != self.value_extent:
            raise UnconfirmedError(
                f"The formula has a value of shape {value.shape}{self._where()}; "
                f"{self.value_extent} was expected.",
                kind="unconfirmed",
            )
        if not np.isfinite(value).all():
            raise _Unsuitable("the formula has no finite value")
        return [self._reference(point, value) for _ in range(_DIRECTIONS)]

    def _reference(self, point: Environment, value: Array) -> _Reference:
        directions: list[dict[str, Array]] = []
        weights: list[Array] = []
        for name, parameters in zip(self.check.wrt, self.parameters, strict=True):
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
            raise _Unsuitable("every point tried lies on a kink")
        if not limit.exists:
            raise _Unsuitable("the derivative does not exist or is not finite")
        return _Reference(limit, directions, weights)

    # ------------------------------------------------------------ the candidates

    def _compare(
        self, name: str, candidate: Candidate, point: Environment, references: list[_Reference]
    ) -> _Agreement:
        tensor = self._tensor(name, candidate, point)
        worst = _Agreement()
        for reference in references:
            found = tensor
            for weights in reversed(reference.weights):
                found = found.reshape(-1, len(weights)) @ weights
            difference = _largest(found.ravel() - reference.limit.value.ravel())
            worst = worst.with_(self._judge(name, point, reference, difference))
        for axis, parameters in enumerate(self.parameters):
            if parameters is not None:
                stray = self._stray(tensor, axis, parameters)
                if stray > _TOLERANCE * _largest(tensor):
                    raise self._refusal(name, "does not have the structure of the variable")
        return worst

    def _tensor(self, name: str, candidate: Candidate, point: Environment) -> Array:
        """The candidate's tensor, of the exact shape and finite."""
        try:
            raw = np.asarray(candidate(point, self.sizes))
        except (ArithmeticError, ValueError, GradformError) as error:
            raise self._failure(name, f"cannot be evaluated ({error})") from error
        if raw.shape != self.tensor_extent:
            raise self._refusal(
                name, f"has shape {raw.shape} where the derivative has {self.tensor_extent}"
            )
        if raw.dtype.kind not in "fiub":
            raise self._refusal(name, f"has entries of type {raw.dtype}")
        tensor = raw.astype(float)
        if not np.isfinite(tensor).all():
            raise self._failure(name, "is not finite where the derivative exists")
        return tensor

    def _failure(self, name: str, what: str) -> Exception:
        """No value at an admissible point: excused only at points that are not generic."""
        if self.check.few_values:
            return _Unsuitable(f"the {name} {what}")
        return self._refusal(name, what)

    def _refusal(self, name: str, what: str) -> UnconfirmedError:
        return UnconfirmedError(
            f"The {name} {what}{self._where()}, so it is not shown.",
            kind="unconfirmed",
            hint="This is a defect of gradform, not of the input; please report the formula.",
        )

    def _stray(self, tensor: Array, axis: int, parameters: Parameters) -> float:
        """How far a tensor is from constant on each parameter and 0 outside the structure."""
        before = int(np.prod(self.tensor_extent)) // int(np.prod(self.wrt_counts[axis:]))
        entries = tensor.reshape(before, self.wrt_counts[axis], -1)
        return _largest(entries - np.einsum("pq,aqb->apb", parameters.average, entries))

    # ------------------------------------------------------------ the verdict

    def _judge(
        self, name: str, point: Environment, reference: _Reference, difference: float
    ) -> _Agreement:
        """Compare strictly; only if that fails, find out what rounding may have done."""
        limit = reference.limit
        scale = _largest(limit.value)
        if difference <= _TOLERANCE * scale:
            return _Agreement(difference / scale if difference else 0.0)
        scale = max(scale, self._rounding(point, reference) / _TOLERANCE)
        if limit.error > _CREDIBLE * scale:
            raise _Unsuitable("the limit could not be computed accurately")
        agreement = _Agreement(difference / scale, max(_TOLERANCE, 10 * limit.error / scale))
        if agreement.error > agreement.tolerance:
            raise self._refusal(
                name,
                f"differs from the limit definition by {agreement.error:.1e} (relative)",
            )
        return agreement

    def _rounding(self, point: Environment, reference: _Reference) -> float:
        """The absolute error that rounding of inputs and intermediate results may cause."""
        largest = max(
            (
                largest_intermediate(
                    self.evaluator.trace, point, direction, analytic=self.evaluator.analytic
                )
                for direction in reference.directions
            ),
            default=1.0,
        )
        nudged = {
            name: array * (1 + _NUDGE * self.rng.standard_normal(array.shape))
            for name, array in point.items()
        }
        limit = directional_derivative(
            self.evaluator, nudged, reference.directions, analytic=self.evaluator.analytic
        )
        change = _largest(limit.value - reference.limit.value) if limit.exists else 0.0
        return _SLACK * _ROUNDOFF * (largest + change / _NUDGE)


def _largest(array: Array) -> float:
    return float(np.abs(array).max()) if array.size else 0.0


def _listed(sizes: Assignment) -> str:
    return ",".join(f"{name}={size}" for name, size in sizes.items())
