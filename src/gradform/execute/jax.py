"""Tasks on JAX: jitted, on the device where the arrays are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradform.codegen.python.jax import source
from gradform.codegen.python.run import compile_source
from gradform.codegen.task import Task
from gradform.errors import ArrayError, CannotError
from gradform.execute.arguments import Arguments
from gradform.execute.library import library
from gradform.execute.options import Options
from gradform.execute.recompiled import Recompiled
from gradform.execute.values import (
    COMPUTED_WITH,
    no_routine,
    not_computed_with,
    not_real,
    own_array,
)
from gradform.language import say

__all__ = ["JaxProgram", "as_jax", "compiled", "of_one_type"]


class JaxProgram(Recompiled):
    """A task as a jitted JAX function of arrays.

    ``function`` is the function before it is jitted, for use inside other JAX code: it can be
    differentiated, mapped and jitted as part of it. The type of the results is that of the
    JAX arrays among the arguments; where there is none, other arrays are computed with in
    the type of the options. JAX has float64 only after
    ``jax.config.update("jax_enable_x64", True)``, which is left to the caller.
    """

    def __init__(self, task: Task, options: Options) -> None:
        self._made_by = compiled, (task, options)
        self._jax = library("jax", "JAX")
        self.task = task
        self.options = options
        self.source = source(task, options)
        self.function: Callable[..., Any] = compile_source(self.source, task.name)
        self._arguments = Arguments(task, options.batch)
        count = len(task.parameters)
        places = range(count, count + len(task.sizes))
        self._jitted = self._jax.jit(self.function, static_argnums=tuple(places))

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """Raises ArrayError for arrays that are missing or do not fit.

        Raises CannotError for float64 where JAX has it switched off.
        """
        given = self._arguments.values(arrays, named, as_jax(self._jax))
        values = of_one_type(
            self._jax, [given[name] for name in self._arguments.names], self.options.dtype
        )
        sizes = [given[name] for name in self._arguments.sizes]
        try:
            return self._jitted(*values, *sizes)
        except (ValueError, TypeError) as error:
            raise ArrayError(say("{error}", error=error), kind="array") from None
        except NotImplementedError as error:
            raise no_routine(error) from None

    def __repr__(self) -> str:
        return f"<{self.task.name}({', '.join(self.parameters)}) on JAX>"


def as_jax(jax: Any) -> Callable[[str, Any], Any]:
    """What makes of a name and a value a JAX array as it is, or an array for JAX: a copy, since
    JAX may read it after the call has returned.

    It raises ArrayError naming the variable for what is not real numbers.
    """

    def converted(name: str, value: Any) -> Any:
        if isinstance(value, list | tuple) and any(
            isinstance(each, jax.Array) for each in jax.tree.leaves(value)
        ):
            value = _stacked(jax, name, value)
        if not isinstance(value, jax.Array):
            return own_array(name, value)
        kinds = (jax.numpy.floating, jax.numpy.integer, jax.numpy.bool_)
        if not any(jax.numpy.issubdtype(value.dtype, kind) for kind in kinds):
            raise not_real(name, value.dtype)
        if value.dtype.name not in COMPUTED_WITH:
            raise not_computed_with(name, value.dtype)
        return value

    return converted


def _stacked(jax: Any, name: str, values: Sequence[Any]) -> Any:
    """One array of a list with JAX arrays in it."""
    try:
        return jax.numpy.asarray(values)
    except (TypeError, ValueError):
        raise not_real(name, type(values).__name__) from None


def of_one_type(jax: Any, values: Sequence[Any], dtype: str) -> list[Any]:
    """Arrays of the type of the JAX arrays among them, or of ``dtype`` where there is none.

    Raises CannotError for float64 where JAX has it switched off: its arrays would be float32
    without a word.
    """
    own = [value for value in values if isinstance(value, jax.Array)]
    if own:
        dtype = jax.numpy.result_type(float, *own)
    elif values and dtype == "float64" and not jax.config.jax_enable_x64:
        raise CannotError(
            say("JAX computes in float32 unless it is told otherwise."),
            kind="float64_is_off",
            hint=say('jax.config.update("jax_enable_x64", True), or compile with dtype="float32"'),
        )
    return [jax.numpy.asarray(value).astype(dtype) for value in values]


def compiled(task: Task, options: Options) -> JaxProgram:
    """The task as a jitted JAX function. Raises CannotError where JAX is not installed."""
    return JaxProgram(task, options)
