"""Errors of the library as the API tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.errors import GradformError
from gradform.web.answers.variables import variables_named

__all__ = ["failure"]


def failure(error: GradformError, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is wrong, where in the formula, what to do, and which variables there are."""
    span = error.span
    return {
        "error": {
            "kind": error.kind,
            "message": str(error.message),
            "hint": None if error.hint is None else str(error.hint),
            "line": error.line,
            "column": error.column,
            "start": None if span is None else span.start,
            "end": None if span is None else span.end,
            "replacements": [
                {"start": fix.span.start, "end": fix.span.end, "text": fix.text}
                for fix in error.fixes
            ],
            "variables": variables_named(body) if body and "formula" in body else None,
        }
    }
