"""Facts that follow from a node alone, found once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gradform.ir.nodes import Node

__all__ = ["remembered"]

_N = TypeVar("_N", bound=Node)
_T = TypeVar("_T")


def remembered(function: Callable[[_N], _T]) -> Callable[[_N], _T]:
    """The function, whose values nodes remember: expressions are immutable and shared."""
    key = f"{function.__module__}.{function.__qualname__}"
    missing = object()

    def known(node: _N) -> _T:
        found: Any = node.memo.get(key, missing)
        if found is missing:
            found = node.memo[key] = function(node)
        return found  # type: ignore[no-any-return]

    known.__doc__ = function.__doc__
    return known
