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
from gradform.execute.recompiled import Recompiled
from gradform.execute.values import (
    COMPUTED_WITH,
    no_routine,
    not_computed_with,
    not_real,
    plain_array,
)
from gradform.language import say

__all__ = ["TorchProgram", "as_torch", "compiled"]


class TorchProgram(Recompiled):
    """A task as a function of tensors.

    ``function`` is the plain function, for use inside other PyTorch code: ``torch.compile``
    makes one graph of it, and it can be differentiated and mapped. Type and device of the
    results are those of the tensors among the arguments; where there is none, other arrays
    and numbers become tensors of the type of the options.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self._torch = library("torch", "PyTorch")
        self.task = task
        self.options = options
        self.source = source(task, options)
        self.function: Callable[..., Any] = compile_source(self.source, task.name)
        self._arguments = Arguments(task, options.batch)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for tensors that are missing or do not fit."""
        given = self._arguments.values(arrays, named, as_torch(self._torch))
        values = [given[name] for name in self._arguments.names]
        sizes = [given[name] for name in self._arguments.sizes]
        try:
            with self._threads():
                return self.function(*values, *sizes)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None
        except NotImplementedError as error:
            raise no_routine(error) from None

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """The asked number of threads for one call."""
        if self.options.threads is None or self._torch.compiler.is_compiling():
            yield
            return
        before = self._torch.get_num_threads()
        self._torch.set_num_threads(self.options.threads)
        try:
            yield
        finally:
            self._torch.set_num_threads(before)

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) on PyTorch>"


def as_torch(
    torch: Any, array: Callable[[str, Any], Any] = plain_array
) -> Callable[[str, Any], Any]:
    """What makes of a name and a value what PyTorch takes: a tensor, or what becomes one by
    ``array``.

    It raises ArrayError naming the variable for what is not real numbers.
    """

    def converted(name: str, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return _of_real_numbers(torch, name, value)
        if type(value) is float or (type(value) is int and abs(value) <= _EXACT):
            return value
        if torch.compiler.is_compiling():  # it reads arrays of NumPy, but not all about them
            return value
        return array(name, value)

    return converted


# Floats tell such integers apart.
_EXACT = 2**53


def _of_real_numbers(torch: Any, name: str, tensor: Any) -> Any:
    if tensor.is_complex():
        raise not_real(name, tensor.dtype)
    if tensor.is_quantized or str(tensor.dtype).removeprefix("torch.") not in COMPUTED_WITH:
        raise not_computed_with(name, tensor.dtype)
    if tensor.layout is not torch.strided:
        raise ArrayError(
            say("{name} must be a dense tensor, got {layout}.", name=name, layout=tensor.layout),
            kind="array",
            hint=say("give {name}.to_dense()", name=name),
        )
    return tensor


def compiled(task: Task, options: Options) -> TorchProgram:
    """The task as a function of tensors. Raises CannotError where PyTorch is not installed."""
    return TorchProgram(task, options)
