"""The function in steps, with the local derivatives between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.web.answers.question import asked_derivative

__all__ = ["graph"]


def graph(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/graph``.

    ``svg`` has classes for a page that holds their rules, ``file`` the rules themselves.
    """
    found = asked_derivative(body).graph
    return {
        "svg": found.svg(styled=False),
        "file": found.svg(),
        "dot": found.dot(),
        "paths": [
            {"text": path.text, "unicode": path.unicode, "latex": path.latex}
            for path in found.paths
        ],
        "path_count": found.path_count,
    }
