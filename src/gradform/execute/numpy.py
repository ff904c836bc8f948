"""Tasks on NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradform.codegen.buffers.numpy import program_source
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments
from gradform.execute.options import Options

__all__ = ["NumpyProgram", "compiled"]


class NumpyProgram:
    """A task as a NumPy function."""

    def __init__(self, task: Task, options: Options) -> None:
        self.task = task
        self.options = options
        self.source = program_source(task, None, options.batch)
        self._arguments = Arguments(task, options.batch)
        self._count = len(task.parameters) + len(task.sizes)
        self._run = compile_source(self.source, task.name)

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit."""
        if named or len(arrays) != self._count:
            arrays = self._in_order(arrays, named)
        try:
            return self._run(*arrays)
        except np.linalg.LinAlgError:
            raise
        except ValueError as error:
            raise ArrayError(str(error), kind="array") from None

    def _in_order(self, arrays: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(self._arguments.by_name(arrays, named).values())

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self._arguments.names)}) on NumPy>"


def compiled(task: Task, options: Options) -> NumpyProgram:
    """The task as a NumPy function."""
    return NumpyProgram(task, options)
