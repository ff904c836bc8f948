"""Options by name: what is misspelt is told, not left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradform.errors import InputError
from gradform.language import joined, say

__all__ = ["require_known"]


def require_known(options: Mapping[str, object], known: Iterable[str]) -> None:
    """Raises InputError for an option that is none of those known."""
    names = sorted(known)
    for name in options:
        if name not in names:
            raise InputError(
                say("There is no option '{name}'.", name=name),
                kind="option",
                hint=say("known: {known}", known=joined(names)),
            )
