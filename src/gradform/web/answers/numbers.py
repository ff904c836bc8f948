"""Numbers of a request: by themselves, in lists, in lists of equally long lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradform.errors import ArrayError
from gradform.language import say

__all__ = ["check_rows", "exact", "exact_values"]


def check_rows(name: str, value: Any) -> None:
    """ArrayError for rows of different lengths."""
    if isinstance(value, list):
        lengths = {len(row) if isinstance(row, list) else -1 for row in value}
        if len(lengths) > 1:
            text = say("The rows of {name} have different lengths.", name=name)
            raise ArrayError(text, kind="array")


def exact(name: str, value: Any) -> Any:
    """Decimal fractions as their text, so that they are read exactly: 0.1 is a tenth.

    ArrayError for rows of different lengths.
    """
    check_rows(name, value)
    return _as_texts(value)


def exact_values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """The same for each variable."""
    return {name: exact(name, value) for name, value in (values or {}).items()}


def _as_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_texts(part) for part in value]
    return repr(value) if isinstance(value, float) else value
