"""Facts that follow from a node alone, found once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gradform.ir.nodes import Node

__all__ = ["remembered"]

_N = TypeVar("_N", bound=Node)
_T = TypeVar("_T")


def remembered(function: Callable[[_N], _T]) -> Callable[[_N], _T]:
    """The function, whose values nodes remember: expressions are immutable and shared."""
    key = f"{function.__module__}.{function.__qualname__}"

    def known(node: _N) -> _T:
        try:
            found: _T = node.memo[key]
        except KeyError:
            found = node.memo[key] = function(node)
        return found

    known.__doc__ = function.__doc__
    return known
