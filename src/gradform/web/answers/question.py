"""From the body of a request to the derivative that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.api.asking import occurring
from gradform.api.expression import Expression
from gradform.api.questions import derivative, parse
from gradform.derive.answer import Derivative
from gradform.errors import InputError
from gradform.syntax.parser import parse_formula
from gradform.web.limits import FORMULA_LIMITS

__all__ = ["asked_derivative", "asked_function"]


Body = Mapping[str, Any]


def asked_function(body: Body) -> Expression:
    """The function, with the declared variables; InputError where it is none."""
    formula = str(body["formula"])
    parse_formula(formula, FORMULA_LIMITS)
    variables = body.get("variables") or {}
    return parse(
        formula,
        shapes={name: tuple(each["shape"]) for name, each in variables.items()},
        assume={
            name: each["structures"] for name, each in variables.items() if each.get("structures")
        },
        infer=True,
    )


def asked_derivative(body: Body) -> Derivative:
    """The derivative, confirmed by its certificate.

    Raises InputError and CannotError as :func:`gradform.derivative` does.
    """
    function = asked_function(body)
    wrt = body.get("wrt") or _first(function)
    found = derivative(function, wrt, order=body.get("order", 1), layout=body.get("layout", "ml"))
    if not isinstance(found, Derivative):
        raise InputError("Name one variable.", kind="wrt_undeclared")
    return found


def _first(function: Expression) -> str:
    """The first vector or matrix in reading order, the first variable where all are scalars."""
    names = [name for name in occurring(function.question()) if isinstance(name, str)]
    shapes = function.shapes
    return next((name for name in names if shapes[name]), names[0])
