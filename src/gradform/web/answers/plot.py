"""The function and its derivative as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.web.answers.numbers import check_rows, exact
from gradform.web.answers.question import asked_derivative

__all__ = ["plot"]


def plot(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``POST /api/v1/plot``.

    ``svg`` has classes for a page that holds their rules, ``file`` the rules themselves.
    """
    values = body.get("values") or {}
    for name, value in values.items():
        check_rows(name, value)
    found = asked_derivative(body).plot(
        at=exact("at", body.get("at")), over=exact("over", body.get("over")), values=values
    )
    return {"svg": found.svg(styled=False), "file": found.svg()}
