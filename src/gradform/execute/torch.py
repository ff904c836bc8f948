"""Tasks on PyTorch, on the device where the tensors are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradform.codegen.python.run import compile_source
from gradform.codegen.python.torch import source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.language import say

__all__ = ["TorchProgram", "compiled"]


class TorchProgram:
    """A task as a function of tensors.

    ``function`` is the plain function, for use inside other PyTorch code: ``torch.compile``
    makes one graph of it, and it can be differentiated and mapped. Type and device of the
    results are those of the tensors among the arguments; where there is none, other arrays
    and numbers become tensors of the type of the options.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._torch = library("torch", "PyTorch")
        self.task = task
        self.options = options
        self.source = source(task, options)
        self.function: Callable[..., Any] = compile_source(self.source, task.name)
        self._arguments = Arguments(task, options.batch)

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for tensors that are missing or do not fit."""
        given = self._arguments.by_name(arrays, named)
        values = [given[name] for name in self._arguments.names]
        sizes = [int(given[name]) for name in self._arguments.sizes]
        try:
            with self._threads():
                return self.function(*values, *sizes)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """The asked number of threads for one call."""
        before = self._torch.get_num_threads()
        wanted = self.options.threads or before
        if wanted != before:
            self._torch.set_num_threads(wanted)
        try:
            yield
        finally:
            if wanted != before:
                self._torch.set_num_threads(before)

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self._arguments.names)}) on PyTorch>"


def compiled(task: Task, options: Options) -> TorchProgram:
    """The task as a function of tensors. Raises CannotError where PyTorch is not installed."""
    return TorchProgram(task, options)
