"""The differential form: df = tr(G'*dX) for a scalar, the linear map dX -> dF otherwise."""

from __future__ import annotations

from gradform.calculus import kept_sums, push
from gradform.derive.pipeline import Solution, names_in_order
from gradform.formula.tree import Formula
from gradform.functions.shapes import Shape
from gradform.ir.nodes import symbol
from gradform.notation import matrix
from gradform.notation.layout import arrange
from gradform.notation.matrix import Mat, Written
from gradform.notation.text import to_text
from gradform.notation.write import written_formula
from gradform.rewrite import simplify

__all__ = ["differential_form"]


def differential_form(solution: Solution) -> str:
    """``df = tr(G'*dX)`` by a matrix, ``df = g'*dx`` by a vector, ``df = g*dx`` by a
    scalar, and ``dF = …`` linear in ``dX`` for a vector or matrix value."""
    function = solution.function
    target = solution.targets[0]
    moved = f"d{target.name}"
    shape = function.variables[target.name].shape
    names = names_in_order(function)
    if function.value.shape.is_scalar and not shape.is_scalar and len(solution.targets) == 1:
        arrangement = arrange(function.value.shape, [Shape(shape.rows, shape.cols)], "mixed")
        _, written = written_formula([solution.neutral], arrangement, names)
        if written is not None:
            return "df = " + _product(written.body, shape, moved)
    variable = function.variables[target.name].symbol
    tangent = push(function.value.node, {variable: symbol(moved, variable.axes)})
    arrangement = arrange(function.value.shape, [], "mixed")
    forms = simplify(tangent, kept_sums(function.value.node))
    _, written = written_formula(forms, arrangement, [*names, moved])
    left = "df" if function.value.shape.is_scalar else "dF"
    if written is None:
        return f"{left} = D[{moved}]"
    return f"{left} = {to_text(written.body)}"


def _product(gradient: Formula, shape: Shape, moved: str) -> str:
    """tr(G'*dX), g'*dx for a column, dx*g' for a row."""
    left = Mat(Written(gradient, 10**6))
    right = Mat(matrix.name(moved))
    if shape.is_matrix:
        inside = matrix.chain([left.T, right]).plain
        return f"tr({to_text(inside.tree)})"
    if shape.is_row:
        return to_text(matrix.chain([left, right.T]).plain.tree)
    return to_text(matrix.chain([left.T, right]).plain.tree)
