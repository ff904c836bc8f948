"""From the body of a request to the derivative that it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gradform.api.asking import occurring
from gradform.api.questions import derivative, parse
from gradform.derive.answer import Derivative
from gradform.errors import ShapeError
from gradform.language import say
from gradform.syntax.parser import parse_formula
from gradform.web.limits import FORMULA_LIMITS

__all__ = ["asked_derivative", "declared", "kind_of", "shape_of"]

Body = Mapping[str, Any]
Shape = tuple[str | int, ...]

_FIELDS = ("formula", "wrt", "order", "layout", "variables")


def asked_derivative(body: Body) -> Derivative:
    """The derivative, confirmed by its certificate.

    Raises InputError and CannotError as :func:`gradform.derivative` does.
    """
    return _answered(json.dumps({name: body.get(name) for name in _FIELDS}))


# The page asks for the derivative, and then for what it shows of it.
@lru_cache(maxsize=4)
def _answered(question: str) -> Derivative:
    asked = json.loads(question)
    formula = asked["formula"]
    parse_formula(formula, FORMULA_LIMITS)
    shapes, assume = declared(asked["variables"])
    wrt = _first(formula, shapes, assume) if asked["wrt"] is None else asked["wrt"]
    found = derivative(
        formula,
        wrt,
        shapes=shapes,
        assume=assume,
        order=int(asked["order"] or 1),
        layout=asked["layout"] or "ml",
        infer=True,
    )
    assert isinstance(found, Derivative)  # one variable was named
    return found


def declared(variables: Mapping[str, Any] | None) -> tuple[dict[str, Shape], dict[str, Any]]:
    """The shapes and the structures of the variables that were declared."""
    given = (variables or {}).items()
    shapes = {name: shape_of(name, each) for name, each in given}
    return shapes, {name: each["structures"] for name, each in given if "structures" in each}


def shape_of(name: str, declared: Mapping[str, Any]) -> Shape:
    """The shape that a variable is declared with. ShapeError where kind and sizes disagree."""
    sizes: Shape = tuple(
        int(size) if isinstance(size, float) else size for size in declared["shape"]
    )
    kind = declared.get("kind")
    if kind not in (None, kind_of(sizes)):
        raise ShapeError(
            say("{name} is declared as a {kind}, but not with its sizes.", name=name, kind=kind),
            kind="dimension_mismatch",
        )
    return sizes


def kind_of(shape: Shape) -> str:
    """What a shape says in one word."""
    if len(shape) < 2:
        return "column" if shape else "scalar"
    return "row" if shape[0] == 1 else "matrix"


def _first(formula: str, shapes: Mapping[str, Shape], assume: Mapping[str, Any]) -> str:
    """The first vector or matrix in reading order, the first variable where all are scalars."""
    function = parse(formula, shapes=shapes, assume=assume, infer=True)
    names = occurring(function.question())
    found = function.shapes
    return next((name for name in names if found[name]), names[0])
