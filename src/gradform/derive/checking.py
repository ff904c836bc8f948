"""Everything of an answer that needs NumPy: its certificate, its code, its values.

Kept apart, and imported on first use, so that ``import gradform`` stays light.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from gradform.codegen.python.numpy import generate
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.derive.pipeline import Solution, Target, parse_target
from gradform.derive.tasks import joint_task, parameter_lines, value_part, written_part
from gradform.errors import ArrayError
from gradform.execute.values import real_array
from gradform.formula.tree import Program
from gradform.functions.shapes import Shape
from gradform.ir.nodes import Symbol
from gradform.language import say
from gradform.notation.layout import Arrangement
from gradform.notation.text import to_text
from gradform.records import replaced
from gradform.syntax.elaborate import Elaborated, Variable
from gradform.syntax.parser import parse_formula
from gradform.verify.certificate import Along, Candidate, Certificate, certify
from gradform.verify.constraint import parameters_of
from gradform.verify.interpreter import Array, Environment, Evaluator, compile_formula

__all__ = [
    "NumpyFunction",
    "along_of",
    "as_certified",
    "as_neutral",
    "certificate_of",
    "derivative_code",
    "formula_as_tensor",
    "natural",
    "numpy_function",
    "room_for_elements",
    "value_code",
    "value_tensor",
]

_LONGEST_TEXT = 20_000
_VALUE = say("value of the code")

Sizes = Mapping[str, int]


# ---------------------------------------------------------------- certificate


def certificate_of(solution: Solution, code: NumpyFunction) -> Certificate:
    """Confirm the printed formula and the generated code; UnconfirmedError otherwise."""
    function = solution.function
    conditions = [*solution.question.conditions, *room_for_elements(solution)]
    candidates: dict[str, Candidate] = {"code": _code_as_tensor(solution, code)}
    if solution.formula is not None:
        candidates["formula"] = formula_as_tensor(solution, _as_printed(solution.formula))
    certificate = certify(
        function.program,
        function.shapes,
        function.variables,
        [target.name for target in solution.targets],
        {name: as_certified(candidate, solution) for name, candidate in candidates.items()},
        along=[along_of(solution, k) for k in range(len(solution.targets))],
        constraint=solution.question.constraint,
        size_conditions=conditions,
    )
    # The code returns the function's value too: its derivative of order zero.
    certify(
        function.program,
        function.shapes,
        function.variables,
        [],
        {_VALUE: _value_as_tensor(solution, code)},
        size_conditions=conditions,
        points_per_size=1,
    )
    return certificate


def _as_printed(formula: Program) -> Program:
    """The formula read back from its text, so that what is shown is what is checked; one too
    long for the parser's limits is checked as it stands."""
    text = to_text(formula)
    return formula if len(text) > _LONGEST_TEXT else parse_formula(text)


def formula_as_tensor(solution: Solution, formula: Program) -> Candidate:
    """The displayed formula as a function to the neutral tensor."""
    arrangement = solution.arrangement
    compiled: dict[tuple[int, ...], Evaluator] = {}

    def evaluate(env: Environment, sizes: Sizes) -> Array:
        key = tuple(sizes.values())
        if key not in compiled:
            compiled[key] = compile_formula(formula, env.keys(), sizes)
        shown = compiled[key](env)
        extent = [axis.evaluate(sizes) for axis in arrangement.axes]
        order = (*arrangement.rows, *arrangement.cols)
        rows = int(np.prod([extent[k] for k in arrangement.rows], dtype=int))
        cols = int(np.prod([extent[k] for k in arrangement.cols], dtype=int))
        if shown.shape != (rows, cols):
            raise ValueError(f"its value has shape {shown.shape}, not {(rows, cols)}")
        return shown.reshape([extent[k] for k in order]).transpose(np.argsort(order))

    return evaluate


def _code_as_tensor(solution: Solution, code: NumpyFunction) -> Candidate:
    """The generated code as a function to the neutral tensor."""
    run = _on_environments(solution, code)
    return lambda env, sizes: as_neutral(run(env, sizes)[1], solution.arrangement)


def _value_as_tensor(solution: Solution, code: NumpyFunction) -> Candidate:
    """The value that the generated code returns beside the derivative."""
    run = _on_environments(solution, code)
    shape = solution.function.value.shape
    return lambda env, sizes: value_tensor(run(env, sizes)[0], shape)


def _on_environments(
    solution: Solution, code: NumpyFunction
) -> Callable[[Environment, Sizes], Any]:
    """The code, called with the 2-D arrays and the sizes of the check."""
    shapes = {name: variable.shape for name, variable in solution.function.variables.items()}

    def run(env: Environment, sizes: Sizes) -> Any:
        given: dict[str, Any] = {name: natural(env[name], shapes[name]) for name in shapes}
        given |= {name: sizes[name] for name in code.sizes}
        return code(**given)

    return run


def natural(array: Array, shape: Shape) -> Array:
    """A 2-D array as users give it: scalars 0-d, vectors 1-D, rows (1, n)."""
    if shape.is_scalar:
        return array.reshape(())
    return array.reshape(-1) if shape.is_column else array


def as_certified(candidate: Candidate, solution: Solution) -> Candidate:
    """A derivative by ``X'`` has the axes of X' in turn; the check differentiates by X."""
    order = list(range(len(solution.function.value.shape.axes)))
    for target in solution.targets:
        own = range(len(order), len(order) + len(target.shape.axes))
        order += reversed(own) if target.turned else own
    if order == sorted(order):
        return candidate
    return lambda env, sizes: np.transpose(np.asarray(candidate(env, sizes)), order)


def along_of(solution: Solution, k: int) -> Along | None:
    """The direction of the k-th derivative, if it is one that adds no axes: of an entry, or a
    vector named."""
    target = solution.targets[k]
    if target.selector is None:
        return None
    if isinstance(target.selector, Symbol):
        name = target.selector.name
        return lambda env, sizes: env[name]
    return _of_entry(target, _places(solution, k), solution)


def _of_entry(target: Target, places: Sequence[int], solution: Solution) -> Along:
    """Towards one entry, together with those that the constraint ties to it."""
    shape = solution.function.variables[target.name].shape
    constraint = solution.question.constraint if shape.is_matrix else None
    at = places if shape.is_matrix else (1, *places) if shape.is_row else (*places, 1)
    row, column = at[0] - 1, at[1] - 1

    def along(env: Environment, sizes: Sizes) -> Array:
        entries = np.zeros((shape.rows.evaluate(sizes), shape.cols.evaluate(sizes)))
        entries[row, column] = 1.0
        if constraint is not None:
            label = parameters_of(constraint, len(entries)).label
            entries[:] = (label == label[row, column]) & (label >= 0)
        return entries

    return along


def _places(solution: Solution, k: int) -> tuple[int, ...]:
    return parse_target(solution.question.wrt[k])[2]


def room_for_elements(solution: Solution) -> list[str]:
    """``n >= 5`` for the element x(5)."""
    conditions = []
    for k, target in enumerate(solution.targets):
        axes = solution.function.variables[target.name].shape.axes
        for axis, place in zip(axes, _places(solution, k), strict=False):
            if axis.value is None:
                conditions.append(f"{axis} >= {place}")
    return conditions


# ---------------------------------------------------------------- code


class NumpyFunction:
    """Generated source and what it computes.

    Called with an array for each variable that it needs, and with the ``sizes`` that no
    array tells; arrays of other variables are allowed. It raises ArrayError for what is
    missing, unknown or does not fit.
    """

    def __init__(
        self, name: str, source: str, needed: Collection[str], variables: Mapping[str, Variable]
    ) -> None:
        self.source = source
        self._needed = tuple(needed)
        self._variables = variables
        axes = [axis for variable in variables.values() for axis in variable.shape.axes]
        self._known_sizes = {size for axis in axes for size in axis.names}
        self._run = compile_source(source, name)
        code = getattr(self._run, "__wrapped__", self._run).__code__  # under np.errstate
        self.sizes: tuple[str, ...] = code.co_varnames[len(needed) : code.co_argcount]

    def __call__(self, /, **arrays: Any) -> Any:
        for name in arrays:
            if name in self._variables or name in self.sizes:
                continue
            if name in self._known_sizes:
                self._check_size(name, arrays)
            else:
                raise self._refusal(say("There is no variable '{name}'.", name=name))
        for name in (*self._needed, *self.sizes):
            if name not in arrays:
                raise self._refusal(say("No value was given for '{name}'.", name=name))
        given = [real_array(name, arrays[name]) for name in self._needed]
        try:
            return self._run(*given, *(arrays[name] for name in self.sizes))
        except np.linalg.LinAlgError:
            raise
        except ValueError as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def _check_size(self, size: str, arrays: Mapping[str, Any]) -> None:
        """A size that the arrays tell already must be the one they tell."""
        for name, variable in self._variables.items():
            axes = variable.shape.axes
            extent = np.shape(arrays[name])[-len(axes) :] if axes and name in arrays else ()
            for axis, length in zip(axes, extent, strict=False):
                if str(axis) == size and length != arrays[size]:
                    raise ArrayError(
                        say(
                            "{size} = {given} was given, but {name} shows {size} = {length}.",
                            size=size,
                            given=arrays[size],
                            name=name,
                            length=length,
                        ),
                        kind="array",
                    )

    def _refusal(self, message: str) -> ArrayError:
        call = ", ".join(f"{name}=…" for name in (*self._needed, *self.sizes))
        return ArrayError(
            message, kind="undefined_variable", hint=say("call with {call}", call=call)
        )


def derivative_code(solution: Solution) -> NumpyFunction:
    """``derivative(…) -> (value, derivative)``, the latter in the layout's shape."""
    function = solution.function
    parts = [value_part(function, ""), written_part(solution)]
    task = joint_task("derivative", parts, "")
    return numpy_function(replaced(task, docstring=_docstring(solution, task)), function)


def value_code(function: Elaborated, title: str) -> NumpyFunction:
    """``value(…)``, the function itself."""
    return numpy_function(joint_task("value", [value_part(function, title)]), function)


def numpy_function(task: Task, function: Elaborated) -> NumpyFunction:
    source = generate(task.name, task.arranged, task.parameters, docstring=task.docstring)
    needed = [parameter.name for parameter in task.parameters]
    return NumpyFunction(task.name, source, needed, function.variables)


def as_neutral(value: Any, arrangement: Arrangement) -> Array:
    """The neutral tensor of a value in the layout's shape."""
    array = np.asarray(value)
    if arrangement.vec:
        return array
    if arrangement.is_row:
        array = array[0]
    return array.transpose(np.argsort(arrangement.order))


def value_tensor(value: Any, shape: Shape) -> Array:
    """The value of a function with one axis for a column or a row."""
    array = np.asarray(value)
    return array[0] if shape.is_row else array


def _docstring(solution: Solution, task: Task) -> str:
    by = ", ".join(solution.question.wrt)
    axes = ", ".join(str(axis) for axis in solution.arrangement.value_axes)
    shape = f"({axes},)" if len(solution.arrangement.value_axes) == 1 else f"({axes})"
    source = " ".join(solution.function.program.source.split())
    return "\n".join(
        [
            f"Value of {source} and its derivative by {by}.",
            "",
            *parameter_lines(task.parameters),
            "",
            f"Returns (value, derivative); the derivative has shape {shape}.",
        ]
    )
