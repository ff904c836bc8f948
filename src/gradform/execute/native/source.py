"""C text of a task for certain sizes, as the native backend compiles it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradform.codegen.task import Task
from gradform.errors import InputError
from gradform.execute.native.specialised import Draft, source_of
from gradform.execute.options import Options
from gradform.language import joined, say

__all__ = ["source"]


def source(task: Task, options: Options) -> str:
    """The C module for ``options.sizes`` and this machine's compiler.

    Raises InputError for sizes that are missing, unknown or no whole numbers, CannotError
    without a compiler.
    """
    axes = [axis for parameter in task.parameters for axis in parameter.axes]
    names = sorted({name for axis in axes for name in axis.names}.union(task.sizes))
    given = _whole_numbers(options.sizes or {})
    wanted = joined(f'"{name}": …' for name in names)
    for name in [*names, *given]:
        size = given.get(name)
        if name not in names or not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise InputError(
                say(
                    "Native code is written for certain sizes; that of '{name}' is {size}.",
                    name=name,
                    size=say("not one of them") if name not in names else repr(size),
                ),
                kind="option",
                hint=say("give sizes={{{wanted}}}; source('c') is for any sizes", wanted=wanted),
            )
    draft = Draft(task, options, given)
    return source_of(list(draft.functions.values()), options.dtype)


def _whole_numbers(sizes: Any) -> dict[str, Any]:
    """Sizes by name, NumPy's whole numbers as Python's."""
    if not isinstance(sizes, Mapping):
        raise InputError(
            say("'{name}' cannot be {value}.", name="sizes", value=repr(sizes)),
            kind="option",
            hint=say('give sizes by name: sizes={{"m": 100, "n": 3}}'),
        )
    return {
        name: int(size) if isinstance(size, np.integer) else size for name, size in sizes.items()
    }
