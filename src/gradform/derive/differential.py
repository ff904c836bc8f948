"""The differential form: df = tr(G'*dX) for a scalar, the linear map dX ↦ dF otherwise.

A derivative of order k has the k-th differential, such as d2f = dx'*H*dx.
"""

from __future__ import annotations

from gradform.calculus import kept_sums, push
from gradform.derive.pipeline import (
    Solution,
    names_in_order,
    parse_target,
    with_structure,
)
from gradform.formula.tree import Formula
from gradform.functions.shapes import Shape
from gradform.ir import build
from gradform.ir.nodes import Node, symbol
from gradform.notation import matrix
from gradform.notation.layout import arrange
from gradform.notation.matrix import Mat, Written
from gradform.notation.text import to_text
from gradform.notation.write import written_formula
from gradform.rewrite import simplify
from gradform.syntax.elaborate import Elaborated

__all__ = ["differential_form", "increment_name"]


def differential_form(solution: Solution) -> str:
    """``df = tr(G'*dX)`` by a matrix, ``df = g'*dx`` by a vector, ``df = g*dx`` by a
    scalar, and ``dF = …`` linear in ``dX`` for a vector or matrix value.

    With a constraint ``dX`` has the structure too.
    """
    function = solution.function
    order = len(solution.targets)
    power = "" if order == 1 else str(order)
    left = f"d{power}f" if function.value.shape.is_scalar else f"d{power}F"
    by_gradient = _by_gradient(solution) if _has_gradient(solution) else None
    right = by_gradient or _by_pushing(solution)
    return f"{left} = {right}"


def increment_name(variable: str, function: Elaborated) -> str:
    """The name of a variable's increment: ``dx``."""
    name = f"d{variable}"
    while name in function.variables or name in function.definitions:
        name += "_"
    return name


def _has_gradient(solution: Solution) -> bool:
    """Whether the derivative is the gradient of a scalar by a whole variable."""
    function, target = solution.function, solution.targets[0]
    whole = target.selector is None and solution.question.constraint is None
    return whole and len(solution.targets) == 1 and function.value.shape.is_scalar


def _by_gradient(solution: Solution) -> str | None:
    """⟨gradient, increment⟩, where the gradient has matrix notation."""
    function, target = solution.function, solution.targets[0]
    shape = function.variables[target.name].shape
    if shape.is_scalar or target.turned:
        return None
    arrangement = arrange(function.value.shape, [shape], "mixed")
    names = names_in_order(function)
    _, written = written_formula([solution.neutral], arrangement, names, rows=_rows(function))
    if written is None or written.definitions:
        return None
    return _inner(written.body, shape, increment_name(target.name, function))


def _inner(gradient: Formula, shape: Shape, moved: str) -> str:
    """tr(G'*dX), g'*dx for a column, dx*g' for a row."""
    left = Mat(Written(gradient, 10**6))
    right = Mat(matrix.name(moved))
    if shape.is_matrix:
        return f"tr({to_text(matrix.chain([left.T, right]).plain.tree)})"
    pair = [left, right.T] if shape.is_row else [left.T, right]
    return to_text(matrix.chain(pair).plain.tree)


def _rows(function: Elaborated) -> list[str]:
    """The variables that are rows."""
    return [name for name, variable in function.variables.items() if variable.shape.is_row]


def _increment(solution: Solution, k: int) -> tuple[str, Node]:
    """``dx`` as a name and as an expression; ``dx(2)`` times a unit vector for an element."""
    target = solution.targets[k]
    axes = solution.function.variables[target.name].symbol.axes
    moved = increment_name(target.name, solution.function)
    places = parse_target(solution.question.wrt[k])[2]
    if target.selector is None or not places:
        return moved, symbol(moved, axes)
    moved += f"({','.join(map(str, places))})"
    return moved, build.outer(symbol(moved, ()), target.selector)


def _by_pushing(solution: Solution) -> str:
    """The tangent of the function along the increments, once per order."""
    function = solution.function
    tangent = function.value.node
    increments: list[str] = []
    for k, target in enumerate(solution.targets):
        variable = function.variables[target.name].symbol
        moved, direction = _increment(solution, k)
        tangent = push(tangent, {variable: direction})
        increments.append(moved)
    forms = simplify(with_structure(tangent, function), kept_sums(function.value.node))
    arrangement = arrange(function.value.shape, [], "mixed")
    names = [*names_in_order(function), *dict.fromkeys(increments)]
    turned = [increment_name(name, function) for name in _rows(function)]
    _, written = written_formula(forms, arrangement, names, rows=[*_rows(function), *turned])
    if written is None:
        return f"D[{', '.join(increments)}]"
    return to_text(written)
