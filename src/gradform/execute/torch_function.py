"""Functions with our derivative for PyTorch's automatic differentiation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gradform.codegen.python.run import compile_source
from gradform.codegen.python.torch import source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.products import WithProducts, called
from gradform.language import joined, say

__all__ = ["TorchFunction", "torch_function"]


class _Compiled(NamedTuple):
    task: Task
    function: Callable[..., Any]


class TorchFunction:
    """A function of tensors whose backward pass is a closed formula.

    It keeps only its arguments for the backward pass, computes what gradients are asked for
    in one program, and that program can be differentiated again.
    """

    def __init__(self, tasks: WithProducts, options: Options) -> None:
        self._torch = library("torch", "PyTorch")
        self._tasks = tasks
        self._options = options
        self._arguments = Arguments(tasks.value)
        self._value = self._compiled(tasks.value)
        self._products: dict[tuple[str, ...], _Compiled] = {}
        self._functions: dict[tuple[tuple[str, int], ...], Any] = {}

    @property
    def source(self) -> str:
        """The source of the function and of its backward pass."""
        tasks = (self._tasks.value, self._tasks.products)
        return "\n\n".join(source(task, self._options) for task in tasks)

    def __call__(self, *tensors: Any, **named: Any) -> Any:
        """The value. Raises ArrayError for tensors that do not fit.

        Raises ArrayError too where a gradient is asked by a variable that was not named.
        """
        given = self._arguments.by_name(tensors, named)
        values = self._as_tensors([given[name] for name in self._arguments.names])
        for name, value in zip(self._arguments.names, values, strict=True):
            if name in self._tasks.fixed and value.requires_grad:
                raise ArrayError(
                    say(
                        "{name} needs a gradient, but the function is differentiated by {wrt} "
                        "only.",
                        name=name,
                        wrt=joined(self._tasks.wrt),
                    ),
                    kind="array",
                    hint=say("name {name} too, or give {name}.detach()", name=name),
                )
        sizes = tuple((name, int(given[name])) for name in self._arguments.sizes)
        try:
            if sizes not in self._functions:
                self._functions[sizes] = self._for_sizes(sizes)
            return self._functions[sizes].apply(*values)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def _as_tensors(self, values: Sequence[Any]) -> list[Any]:
        """Arrays and numbers as tensors of the type and on the device of the first tensor."""
        torch = self._torch
        first = next((value for value in values if isinstance(value, torch.Tensor)), None)
        dtype = getattr(torch, self._options.dtype) if first is None else first.dtype
        device = None if first is None else first.device
        return [
            value
            if isinstance(value, torch.Tensor)
            else torch.as_tensor(value, dtype=dtype, device=device)
            for value in values
        ]

    def _for_sizes(self, sizes: tuple[tuple[str, int], ...]) -> Any:
        """The class whose ``apply`` is the function for given further sizes."""
        known = dict(sizes)

        # PyTorch is loaded when it is needed, so that its classes have no types here.
        class Closed(self._torch.autograd.Function):  # type: ignore[name-defined, misc]
            generate_vmap_rule = True

            @staticmethod
            def forward(*tensors: Any) -> Any:
                return self._evaluated(tensors, known)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.save_for_backward(*inputs)

            @staticmethod
            def backward(ctx: Any, cotangent: Any) -> Any:
                return self._pulled(ctx.saved_tensors, cotangent, ctx.needs_input_grad, known)

        return Closed

    def _evaluated(self, tensors: Sequence[Any], sizes: Mapping[str, int]) -> Any:
        given = {**dict(zip(self._arguments.names, tensors, strict=True)), **sizes}
        return called(self._value.function, self._value.task, given)[0]

    def _pulled(
        self,
        tensors: Sequence[Any],
        cotangent: Any,
        needed: Sequence[bool],
        sizes: Mapping[str, int],
    ) -> tuple[Any, ...]:
        """The gradients that are needed, None for all other arguments."""
        own = dict(zip(self._arguments.names, tensors, strict=True))
        wanted = [name for name, need in zip(own, needed, strict=True) if need]
        asked = tuple(name for name in self._tasks.wrt if name in wanted)
        given = {**own, **sizes, self._tasks.cotangent: cotangent}
        products = self._products_by(asked)
        pairs = zip(asked, called(products.function, products.task, given), strict=True)
        found = {name: product.reshape(own[name].shape) for name, product in pairs}
        return tuple(found.get(name) for name in own)

    def _products_by(self, names: tuple[str, ...]) -> _Compiled:
        if names not in self._products:
            self._products[names] = self._compiled(self._tasks.products_by(names))
        return self._products[names]

    def _compiled(self, task: Task) -> _Compiled:
        return _Compiled(task, compile_source(source(task, self._options), task.name))


def torch_function(tasks: WithProducts, options: Options) -> TorchFunction:
    """The function for PyTorch. Raises CannotError where PyTorch is not installed."""
    return TorchFunction(tasks, options)
