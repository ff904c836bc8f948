"""What compiled tasks of all backends have: their arguments' names, pickles and copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from gradform.codegen.task import Task

__all__ = ["Recompiled"]


class Recompiled:
    """A program that is pickled as what it was compiled from, and compiled again when loaded.

    A copy of a program is the program: nothing that a call leaves in it changes a result.
    """

    _made_by: tuple[Callable[..., Any], tuple[Any, ...]]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments, in their order by place: variables, then the sizes that no
        variable tells."""
        task: Task = self._made_by[1][0]
        return (*(parameter.name for parameter in task.parameters), *task.sizes)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._made_by

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self
