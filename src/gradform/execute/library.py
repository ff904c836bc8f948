"""Array libraries that are loaded when they are asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gradform.errors import CannotError
from gradform.language import say

__all__ = ["library"]


def library(name: str, title: str) -> Any:
    """The module of that name, which is also the name of the extra that brings it.

    Raises CannotError where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise CannotError(
            say("{title} is not installed.", title=title),
            kind="missing_library",
            hint=say("pip install 'gradform[{name}]'", name=name),
        ) from None
