"""Functions with our derivative for JAX's automatic differentiation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gradform.codegen.python.jax import source
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError
from gradform.execute.arguments import Arguments
from gradform.execute.jax import as_jax, of_one_type
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.products import Called, WithProducts
from gradform.execute.recompiled import Recompiled
from gradform.language import joined, say

__all__ = ["JaxFunction", "jax_function"]


class JaxFunction(Recompiled):
    """A function of arrays whose vector–Jacobian product is a closed formula.

    It keeps only its arguments for the backward pass: under ``jit`` XLA shares what both
    have in common. The product can be differentiated again.
    """

    def __init__(self, tasks: WithProducts, options: Options) -> None:
        self._made_by = jax_function, (tasks, options)
        self._jax = library("jax", "JAX")
        self._tasks = tasks
        self._options = options
        self._arguments = Arguments(tasks.value)
        self._value = self._compiled(tasks.value)
        self._products = self._compiled(tasks.products)
        self._function = cache(self._for_sizes)

    @property
    def source(self) -> str:
        """The source of the function and of its product."""
        tasks = (self._tasks.value, self._tasks.products)
        return "\n\n".join(source(task, self._options) for task in tasks)

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """The value. Raises ArrayError for arrays that do not fit.

        Raises ArrayError too where it is differentiated by a variable that was not named.
        """
        given = self._arguments.values(arrays, named, as_jax(self._jax))
        values = [given[name] for name in self._arguments.names]
        sizes = tuple((name, given[name]) for name in self._arguments.sizes)
        try:
            return self._function(sizes)(*of_one_type(self._jax, values, self._options.dtype))
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None

    def _for_sizes(self, sizes: tuple[tuple[str, int], ...]) -> Any:
        """The function with its rule, for given further sizes."""
        known = dict(sizes)

        def value(*arrays: Any) -> Any:
            return self._evaluated(arrays, known)

        def forward(*arguments: Any) -> tuple[Any, Any]:
            self._refuse_fixed([argument.perturbed for argument in arguments])
            arrays = tuple(argument.value for argument in arguments)
            return value(*arrays), arrays

        def backward(arrays: Any, cotangent: Any) -> tuple[Any, ...]:
            return self._pulled(arrays, cotangent, known)

        function = self._jax.custom_vjp(value)
        function.defvjp(forward, backward, symbolic_zeros=True)
        return function

    def _refuse_fixed(self, perturbed: Sequence[bool]) -> None:
        for name, moves in zip(self._arguments.names, perturbed, strict=True):
            if moves and name in self._tasks.fixed:
                raise ArrayError(
                    say(
                        "The function is differentiated by {wrt} only, not by {name}.",
                        wrt=joined(self._tasks.wrt),
                        name=name,
                    ),
                    kind="array",
                    hint=say("name {name} too, or give jax.lax.stop_gradient({name})", name=name),
                )

    def _evaluated(self, arrays: Sequence[Any], sizes: Mapping[str, int]) -> Any:
        given = {**dict(zip(self._arguments.names, arrays, strict=True)), **sizes}
        return self._value(given)[0]

    def _pulled(
        self, arrays: Sequence[Any], cotangent: Any, sizes: Mapping[str, int]
    ) -> tuple[Any, ...]:
        """The gradients by all named variables, None for all other arguments."""
        if isinstance(cotangent, self._jax.custom_derivatives.SymbolicZero):
            return (None,) * len(arrays)
        own = dict(zip(self._arguments.names, arrays, strict=True))
        given = {**own, **sizes, self._tasks.cotangent: cotangent}
        products = self._products(given)
        found = {
            name: product.reshape(own[name].shape).astype(own[name].dtype)
            for name, product in zip(self._tasks.wrt, products, strict=True)
        }
        return tuple(found.get(name) for name in own)

    def _compiled(self, task: Task) -> Called:
        return Called(compile_source(source(task, self._options), task.name), task)


def jax_function(tasks: WithProducts, options: Options) -> JaxFunction:
    """The function for JAX. Raises CannotError where JAX is not installed."""
    return JaxFunction(tasks, options)
