"""JAX source for a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from gradform.codegen.python.dialect import ITEMS, Dialect, SourceOptions
from gradform.codegen.python.helpers_jax import JAX_HELPERS
from gradform.codegen.python.module import write_task
from gradform.codegen.task import Task
from gradform.codegen.text.pieces import Numerals, Text, call_text
from gradform.functions.record import Function

__all__ = ["Jax", "source"]

_SCIPY = ("linalg", "special")


class Jax(Dialect):
    """JAX: ``jax``, ``jax.numpy`` and ``jax.scipy``.

    New arrays have the type of the arguments; where they live JAX decides by the arrays that
    they meet.
    """

    language = "jax"
    title = "JAX"
    module = "jnp"
    modules = MappingProxyType({"np": "jnp", "special": "special", "linalg": "linalg"})
    # A larger whole number is no index type of JAX by default.
    numerals = Numerals(2**31 - 1, "jnp.inf")
    reserved = frozenset({"ValueError", "dtype", "jax", "jnp", "linalg", "special", *ITEMS})
    helpers = JAX_HELPERS
    vmap = "jax.vmap"
    shares = False
    # XLA on a CPU takes about four times as long for X.T @ v as for v @ X.
    unturned = True
    # XLA makes a / (b * c) of a / b / c.
    one_quotient = True

    def __init__(self, dtype: str) -> None:
        self._dtype = dtype

    def imports(self, body: str) -> str:
        lines = "import jax\n" if re.search(r"(?<![\w.])jax\.", body) else ""
        lines += "import jax.numpy as jnp\n"
        scipy = [module for module in _SCIPY if re.search(rf"(?<![\w.]){module}\.", body)]
        return lines + f"from jax.scipy import {', '.join(scipy)}\n" if scipy else lines

    def opening(self, parameters: Sequence[str], body: str) -> list[str]:
        lines: list[str] = []
        if parameters:
            given = ", ".join(f"{name}={name}" for name in parameters)
            comma = "," if len(parameters) == 1 else ""
            lines.append(f"{', '.join(parameters)}{comma} = _arrays({given})")
        return [*lines, *self.types(parameters, body)]

    def types(self, parameters: Sequence[str], body: str) -> list[str]:
        if not re.search(r"\bdtype\b", body):
            return []
        known = f"{parameters[0]}.dtype" if parameters else f"jnp.dtype({self._dtype!r})"
        return [f"dtype = {known}"]

    def helper(self, function: Function) -> str | None:
        if self.language in function.spell or self.language in function.helpers:
            return super().helper(function)
        return self.renamed(function.helpers.get("numpy"))

    @property
    def typed(self) -> tuple[str, ...]:
        return ("dtype=dtype",)

    def array_of(self, number: Text) -> Text:
        return self.call("asarray", number.code, "dtype")

    def logsumexp(self, code: str, axes: Sequence[int], rank: int) -> Text:
        return call_text("special.logsumexp", code, *self.along(axes, rank))

    def softmax(self, code: str, axes: Sequence[int], rank: int) -> Text:
        return call_text("special.softmax", code, *self.along(axes, rank))


def source(task: Task, options: SourceOptions) -> str:
    """A function that needs JAX alone; of one example, or mapped over a batch.

    It can be jitted (sizes that are arguments are static), differentiated and mapped further.
    """
    return write_task(Jax(options.dtype), task, options.batch)
