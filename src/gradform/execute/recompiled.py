"""Compiled tasks in pickles and copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

__all__ = ["Recompiled"]


class Recompiled:
    """A program that is pickled as what it was compiled from, and compiled again when loaded.

    A copy of a program is the program: nothing that a call leaves in it changes a result.
    """

    _made_by: tuple[Callable[..., Any], tuple[Any, ...]]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._made_by

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self
