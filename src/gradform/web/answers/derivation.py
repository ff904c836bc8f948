"""Where the derivative comes from, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.web.answers.question import asked_derivative

__all__ = ["derivation"]


def derivation(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/derivation``."""
    kind, detail = body.get("kind", "chain"), body.get("detail", False)
    found = asked_derivative(body).explain(kind, detail=detail)
    return {
        **found.to_dict(),
        "latex": found.latex(),
        "markdown": found.markdown(),
        "text": found.unicode(),
    }
