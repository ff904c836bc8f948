"""The set of slopes at a point where there may be no derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.api.nonsmooth import subdifferential as subdifferential_of
from gradform.syntax.parser import parse_formula
from gradform.web.answers.numbers import exact, exact_values
from gradform.web.answers.question import declared
from gradform.web.limits import FORMULA_LIMITS

__all__ = ["subdifferential"]


def subdifferential(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/subdifferential``: exact, or a refusal with its proof.

    Numbers mean what they are written as: 0.1 is a tenth.
    """
    formula = str(body["formula"])
    parse_formula(formula, FORMULA_LIMITS)
    at, wrt = exact("at", body.get("at")), body.get("wrt")
    values = exact_values(body.get("values"))
    shapes, assume = declared(body.get("variables"))
    found: Any = subdifferential_of(
        formula,
        wrt=wrt,
        at=at if wrt is None or at is None else {wrt: at},
        params=values or None,
        shapes=shapes or None,
        assume=assume or None,
    )
    has_picture = hasattr(found, "svg")
    return {
        "status": str(found.status),
        "kind": str(getattr(found, "kind", "set" if at is not None else "map")),
        "text": str(found.text),
        "unicode": str(found.unicode),
        "latex": str(found.latex),
        "explanation": [str(fact) for fact in found.proof],
        "convexity": str(found.convexity),
        "svg": found.svg(styled=False) if has_picture else None,
        "file": found.svg() if has_picture else None,
    }
