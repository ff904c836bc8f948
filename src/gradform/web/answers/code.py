"""The derivative as source in a language, as LaTeX or Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.derive.answer import Derivative
from gradform.web.answers.question import asked_derivative

__all__ = ["code"]


def code(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/code``."""
    target = str(body["target"])
    return {"source": _source(asked_derivative(body), target, body), "language": target}


def _source(found: Derivative, target: str, body: Mapping[str, Any]) -> str:
    match target:
        case "latex":
            return f"{found.quotient_latex} = {found.latex}\n"
        case "markdown":
            return f"$$\n{found.quotient_latex} = {found.latex}\n$$\n"
        case "numpy":
            return found.numpy_source
        case "native":
            return found.source(target, sizes=body.get("sizes") or {})
        case _:
            return found.source(target)
