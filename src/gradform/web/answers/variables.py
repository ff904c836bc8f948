"""Variables as the table of the page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradform.derive.answer import Derivative
from gradform.derive.written import written_shape
from gradform.errors import GradformError
from gradform.notation.latex import to_latex
from gradform.syntax.named import named_variables
from gradform.syntax.parser import parse_formula
from gradform.web.answers.question import kind_of, shape_of
from gradform.web.limits import FORMULA_LIMITS

__all__ = ["variables_named", "variables_of"]


def variables_of(found: Derivative) -> list[dict[str, Any]]:
    """The variables of a function, in reading order."""
    structures, inferred = found.structures, found.inferred
    return [
        _row(name, shape, structures.get(name, ()), name in inferred)
        for name, shape in found.shapes.items()
    ]


def variables_named(body: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The variables of a formula that has no answer, for declaring them; None where the text
    is no formula."""
    declared: Mapping[str, Any] = body.get("variables") or {}
    assumed = {name: each.get("structures") or () for name, each in declared.items()}
    try:
        program = parse_formula(str(body["formula"]), FORMULA_LIMITS)
    except GradformError:
        return None
    try:
        shapes = {name: shape_of(name, each) for name, each in declared.items()}
        named = named_variables(program, shapes, assumed)
    except GradformError:  # the declarations contradict one another
        named = named_variables(program, {}, {})
    return [
        _row(name, shape and written_shape(shape), assumed.get(name, ()), name not in declared)
        for name, shape in named.items()
    ]


def _row(
    name: str, shape: Sequence[str | int] | None, structures: Sequence[str], inferred: bool
) -> dict[str, Any]:
    shapes = {} if shape is None else {name: shape}
    return {
        "name": name,
        "latex": to_latex(parse_formula(name), shapes=shapes),
        "kind": None if shape is None else kind_of(tuple(shape)),
        "shape": list(shape or ()),
        "structures": list(structures),
        "inferred": inferred,
    }
