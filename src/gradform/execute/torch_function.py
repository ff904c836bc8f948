"""Functions with our derivative for PyTorch's automatic differentiation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradform.codegen.python.helpers_torch import TORCH_HELPERS
from gradform.codegen.python.run import compile_source
from gradform.codegen.python.torch import source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.products import Called, WithProducts
from gradform.execute.recompiled import Recompiled
from gradform.execute.torch import as_torch
from gradform.execute.values import own_array
from gradform.language import joined, say

__all__ = ["TorchFunction", "torch_function"]

_TENSORS = f"import torch\n\n\n{TORCH_HELPERS['_tensors']}"


class TorchFunction(Recompiled):
    """A function of tensors whose backward pass is a closed formula.

    It keeps only its arguments for the backward pass, computes what gradients are asked for
    in one program, and that program can be differentiated again. Forward mode goes by the same
    program, as ⟨u, J t⟩ = ⟨uᵀJ, t⟩.
    """

    def __init__(self, tasks: WithProducts, options: Options) -> None:
        self._made_by = torch_function, (tasks, options)
        self._torch = library("torch", "PyTorch")
        self._tasks = tasks
        self._options = options
        self._arguments = Arguments(tasks.value)
        self._value = self._compiled(tasks.value)
        # Nothing can be compiled here while PyTorch compiles.
        self._products = {tasks.wrt: self._compiled(tasks.products)}
        self._dtype = getattr(self._torch, options.dtype)
        self._converted = as_torch(self._torch, own_array)  # for the backward pass
        self._tensors = compile_source(_TENSORS, "_tensors")
        self._function = self._with_rules()
        self._traced = self._for_graphs()

    @property
    def source(self) -> str:
        """The source of the function and of its backward pass."""
        tasks = (self._tasks.value, self._tasks.products)
        return "\n\n".join(source(task, self._options) for task in tasks)

    def __call__(self, /, *tensors: Any, **named: Any) -> Any:
        """The value. Raises ArrayError for tensors that do not fit.

        Raises ArrayError too where a gradient is asked by a variable that was not named.
        """
        given = self._arguments.values(tensors, named, self._converted)
        sizes = [given[name] for name in self._arguments.sizes]
        own = {name: given[name] for name in self._arguments.names}
        try:
            values = self._tensors(self._dtype, **own)
            if self._torch.is_grad_enabled():
                self._refuse_fixed([value.requires_grad for value in values])
            return self._applied(sizes, values)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def _refuse_fixed(self, moves: Sequence[bool]) -> None:
        for name, needed in zip(self._arguments.names, moves, strict=True):
            if needed and name in self._tasks.fixed:
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

    def _applied(self, sizes: Sequence[int], tensors: Sequence[Any]) -> Any:
        torch = self._torch
        if not torch.compiler.is_compiling():
            return self._function.apply(*sizes, *tensors)
        if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
            return self._traced.apply(*sizes, *tensors)
        return self._evaluated(tensors, sizes)

    # PyTorch is loaded when it is needed, so that its classes have no types here.

    def _with_rules(self) -> Any:
        """The class whose ``apply`` is the function of sizes and tensors."""
        count = len(self._arguments.sizes)
        dual = self._torch.autograd.forward_ad

        class Closed(self._torch.autograd.Function):  # type: ignore[name-defined, misc]
            generate_vmap_rule = True

            @staticmethod
            def forward(*given: Any) -> Any:
                return self._evaluated(given[count:], given[:count])

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.sizes, ctx.shape = inputs[:count], output.shape
                ctx.set_materialize_grads(False)
                ctx.save_for_backward(*inputs[count:])
                ctx.save_for_forward(*inputs[count:])

            @staticmethod
            def backward(ctx: Any, cotangent: Any) -> Any:
                needed = ctx.needs_input_grad[count:]
                found = self._pulled(ctx.saved_tensors, cotangent, needed, ctx.sizes)
                return (None,) * count + found

            @staticmethod
            def jvp(ctx: Any, *tangents: Any) -> Any:
                # PyTorch forgets the tangents of outer levels here, unless it is told not to.
                with dual._set_fwd_grad_enabled(True):
                    tensors = [dual.unpack_dual(each, level=0).primal for each in ctx.saved_tensors]
                    return self._pushed(tensors, tangents[count:], ctx.sizes, ctx.shape)

        return Closed

    def _for_graphs(self) -> Any:
        """The same in the form that PyTorch's compiler can take: for backward mode alone."""
        count = len(self._arguments.sizes)

        class Traced(self._torch.autograd.Function):  # type: ignore[name-defined, misc]
            @staticmethod
            def forward(ctx: Any, *given: Any) -> Any:
                ctx.sizes = given[:count]
                ctx.save_for_backward(*given[count:])
                return self._evaluated(given[count:], given[:count])

            @staticmethod
            def backward(ctx: Any, cotangent: Any) -> Any:
                needed = ctx.needs_input_grad[count:]
                found = self._pulled(ctx.saved_tensors, cotangent, needed, ctx.sizes)
                return (None,) * count + found

        return Traced

    def _evaluated(self, tensors: Sequence[Any], sizes: Sequence[int]) -> Any:
        return self._value(self._by_name(tensors, sizes))[0]

    def _pulled(
        self,
        tensors: Sequence[Any],
        cotangent: Any,
        needed: Sequence[bool],
        sizes: Sequence[int],
    ) -> tuple[Any, ...]:
        """The gradients that are needed, None for all other arguments."""
        if cotangent is None:
            return (None,) * len(tensors)
        own = dict(zip(self._arguments.names, tensors, strict=True))
        wanted = [name for name, need in zip(own, needed, strict=True) if need]
        asked = tuple(name for name in self._tasks.wrt if name in wanted)
        given = {**self._by_name(tensors, sizes), self._tasks.cotangent: cotangent}
        if self._torch.compiler.is_compiling():  # what nobody needs is left out of the graph
            asked = self._tasks.wrt
        pairs = zip(asked, self._products_by(asked)(given), strict=True)
        found = {name: product.reshape(own[name].shape) for name, product in pairs}
        return tuple(found.get(name) for name in own)

    def _pushed(
        self,
        tensors: Sequence[Any],
        tangents: Sequence[Any],
        sizes: Sequence[int],
        shape: Sequence[int],
    ) -> Any:
        """The Jacobian times the tangents: what uᵀJ t is multiplied with, linear in u."""
        moves = [tangent is not None for tangent in tangents]
        self._refuse_fixed(moves)

        def paired(cotangent: Any) -> Any:
            pulled = self._pulled(tensors, cotangent, moves, sizes)
            pairs = zip(pulled, tangents, strict=True)
            return sum((each * along).sum() for each, along in pairs if along is not None)

        like = {"dtype": tensors[0].dtype, "device": tensors[0].device}
        ones = self._torch.ones(tuple(shape), **like)
        return self._torch.func.grad(paired)(ones) if shape else paired(ones)

    def _by_name(self, tensors: Sequence[Any], sizes: Sequence[int]) -> dict[str, Any]:
        names = (*self._arguments.names, *self._arguments.sizes)
        return dict(zip(names, (*tensors, *sizes), strict=True))

    def _products_by(self, names: tuple[str, ...]) -> Called:
        if names not in self._products:
            self._products[names] = self._compiled(self._tasks.products_by(names))
        return self._products[names]

    def _compiled(self, task: Task) -> Called:
        return Called(compile_source(source(task, self._options), task.name), task)


def torch_function(tasks: WithProducts, options: Options) -> TorchFunction:
    """The function for PyTorch. Raises CannotError where PyTorch is not installed."""
    return TorchFunction(tasks, options)
