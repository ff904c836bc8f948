"""Everything of an answer that needs NumPy: its certificate, its code, its values.

Kept apart, and imported on first use, so that ``import gradform`` stays light.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradform.codegen.program import Arrangement as CodeArrangement
from gradform.codegen.run import compile_source
from gradform.codegen.numpy_source import generate
from gradform.derive.pipeline import Solution
from gradform.formula.tree import Program
from gradform.functions.shapes import Shape
from gradform.errors import ArrayError
from gradform.ir.nodes import Node, Symbol, topological
from gradform.verify.certificate import Certificate, certify
from gradform.verify.interpreter import compile_formula

__all__ = ["certificate_of", "numpy_function", "numpy_source"]

Array = NDArray[Any]


def certificate_of(solution: Solution) -> Certificate:
    """Confirm the printed formula and the generated code; UnconfirmedError otherwise."""
    function = solution.function
    candidates: dict[str, Callable[..., Array]] = {}
    if solution.formula is not None:
        candidates["formula"] = formula_as_tensor(solution)
    candidates["code"] = code_as_tensor(solution)
    return certify(
        function.program,
        function.shapes,
        function.variables,
        [target.name for target in solution.targets],
        candidates,
        selectors=[target.places for target in solution.targets],
        constraint=solution.question.constraint,
        size_conditions=solution.question.conditions,
    )


def formula_as_tensor(solution: Solution) -> Callable[..., Array]:
    """The displayed formula as a function to the neutral tensor."""
    formula = solution.formula
    assert formula is not None
    arrangement = solution.arrangement
    compiled: dict[tuple[tuple[str, int], ...], Any] = {}

    def evaluate(env: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        key = tuple(sorted(sizes.items()))
        if key not in compiled:
            compiled[key] = compile_formula(formula, set(env), sizes)
        shown = compiled[key](env)
        numbers = [axis.evaluate(sizes) for axis in arrangement.axes]
        order = arrangement.rows + arrangement.cols
        wanted = (
            int(np.prod([numbers[k] for k in arrangement.rows], dtype=int)),
            int(np.prod([numbers[k] for k in arrangement.cols], dtype=int)),
        )
        if shown.shape != wanted:
            return np.asarray(shown)
        grid = shown.reshape([numbers[k] for k in order])
        return grid.transpose(np.argsort(order)) if order else grid.reshape(())

    return evaluate


def code_as_tensor(solution: Solution) -> Callable[..., Array]:
    """The generated code as a function to the neutral tensor."""
    run = numpy_function(solution, neutral=True)
    shapes = {name: v.shape for name, v in solution.function.variables.items()}

    def evaluate(env: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        result: Array = run(**{name: natural(env[name], shapes[name]) for name in shapes})[1]
        return result

    return evaluate


def natural(array: Array, shape: Shape) -> Array:
    """A 2-D array as users give it: scalars 0-d, vectors 1-D, rows (1, n)."""
    if shape.is_scalar:
        return array.reshape(())
    return array.reshape(-1) if shape.is_column else array


def numpy_source(solution: Solution, *, neutral: bool = False, name: str = "derivative") -> str:
    """Self-contained NumPy source of a function returning (value, derivative)."""
    function = solution.function
    value = function.value
    outputs: Sequence[tuple[str, Node, CodeArrangement]] = [
        ("value", value.node, _value_arrangement(value.shape)),
        ("derivative", solution.neutral, _code_arrangement(solution, neutral)),
    ]
    return generate(
        name, outputs, list(function.variables.values()), docstring=_docstring(solution)
    )


def numpy_function(solution: Solution, *, neutral: bool = False) -> Callable[..., Any]:
    """The generated code, compiled."""
    return compile_source(numpy_source(solution, neutral=neutral), "derivative")


def _value_arrangement(shape: Shape) -> CodeArrangement:
    order = tuple(range(len(shape.axes)))
    return CodeArrangement(order, (shape.rows, shape.cols) if shape.is_row else None)


def _code_arrangement(solution: Solution, neutral: bool) -> CodeArrangement:
    arrangement = solution.arrangement
    if neutral:
        return CodeArrangement(tuple(range(len(arrangement.axes))))
    reshape = arrangement.value_axes if arrangement.is_row else None
    return CodeArrangement(arrangement.order, reshape)


def _docstring(solution: Solution) -> str:
    program: Program = solution.function.program
    by = ", ".join(solution.question.wrt)
    lines = [f"Value of {program.source.strip()} and its derivative by {by}.", ""]
    for name, variable in solution.function.variables.items():
        lines.append(f"{name}: {shape_words(variable.shape)}")
    axes = ", ".join(str(axis) for axis in solution.arrangement.value_axes)
    lines.append(f"Returns (value, derivative); the derivative has shape ({axes}).")
    return "\n".join(lines)


def shape_words(shape: Shape) -> str:
    if shape.is_scalar:
        return "scalar"
    if shape.is_column:
        return f"vector ({shape.rows},)"
    return f"array ({shape.rows}, {shape.cols})"


def checked_arrays(solution: Solution, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays by variable; ArrayError names what is missing or unknown."""
    variables = solution.function.variables
    unknown = [name for name in arrays if name not in variables]
    if unknown:
        raise ArrayError(
            f"There is no variable '{unknown[0]}'.",
            kind="undefined_variable",
            hint="variables are " + ", ".join(variables),
        )
    needed = set(symbols_of(solution.function.value.node)) | set(symbols_of(solution.neutral))
    missing = [name for name in variables if name in needed and name not in arrays]
    if missing:
        raise ArrayError(
            f"No value was given for '{missing[0]}'.",
            kind="undefined_variable",
            hint=f"call with {', '.join(f'{name}=…' for name in variables)}",
        )
    return dict(arrays)


def symbols_of(node: Node) -> set[str]:
    return {kid.name for kid in topological(node) if isinstance(kid, Symbol)}
