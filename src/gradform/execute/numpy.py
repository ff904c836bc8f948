"""Tasks on NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradform.codegen.python.numpy import source
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
        self.source = source(task, options)
        self._arguments = Arguments(task, options.batch)
        self._run = compile_source(self.source, task.name)

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit."""
        given = self._arguments.by_name(arrays, named)
        try:
            return self._run(*given.values())
        except np.linalg.LinAlgError:
            raise
        except ValueError as error:
            raise ArrayError(str(error), kind="array") from None

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self._arguments.names)}) on NumPy>"


def compiled(task: Task, options: Options) -> NumpyProgram:
    """The task as a NumPy function."""
    return NumpyProgram(task, options)
