"""The derivative with its certificate, conditions and forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.verify.certificate import Certificate
from gradform.web.answers.question import asked_derivative
from gradform.web.answers.variables import variables_of

__all__ = ["derivative"]


def derivative(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/derivative``."""
    found = asked_derivative(body)
    return {
        "question": {
            "formula": found.function,
            "wrt": found.wrt[0],
            "order": found.order,
            "layout": found.layout,
        },
        "function": {
            "latex": found.function_latex,
            "equation_latex": found.function_equation_latex,
            "unicode": found.function_unicode,
        },
        "variables": variables_of(found),
        "answer": {
            "text": found.text,
            "unicode": found.unicode,
            "latex": found.latex,
            "quotient": found.quotient,
            "quotient_latex": found.quotient_latex,
            "equation_latex": found.equation_latex,
            "shape": list(found.shape),
        },
        "certificate": _certificate(found.certificate),
        "conditions": [str(each) for each in found.conditions],
        "kinks": [str(each) for each in found.kinks],
        "notes": [str(each) for each in found.notes],
        "forms": {
            "index": found.index_notation,
            "index_latex": found.index_latex,
            "differential": found.differential,
            "kronecker": found.text if len(found.shape) > 2 and found.has_formula else None,
        },
    }


def _certificate(found: Certificate) -> dict[str, Any]:
    return {
        "points": found.points,
        "sizes": [dict(sizes) for sizes in found.sizes],
        "worst_error": found.worst_error,
        "tolerance": found.tolerance,
        "method": found.method,
        "checked": list(found.checked),
        "text": str(found),
    }
