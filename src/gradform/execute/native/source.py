"""C text of a task for certain sizes, as the native backend compiles it."""

from __future__ import annotations

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
    given = dict(options.sizes or {})
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
