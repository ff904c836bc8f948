"""Many native tasks in one library, so that the compiler runs once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from gradform.codegen.task import Task
from gradform.execute.native.library import load
from gradform.execute.native.specialised import Draft, source_of
from gradform.execute.options import Options
from gradform.records import replaced

__all__ = ["linked"]

_QUICKLY = '#pragma GCC optimize("O0")\n'


def linked(
    tasks: Sequence[tuple[Task, Mapping[str, int]]],
    options: Options | None = None,
    *,
    batches: Sequence[tuple[str, ...]] = (),
    optimised: bool = False,
) -> list[Callable[..., Any]]:
    """Each task as a function of arrays of its sizes.

    batches     the variables of each task that have a leading axis
    optimised   compile as for users, not quickly
    """
    options = options or Options()
    drafts = [
        Draft(
            replaced(task, name=f"task{k}"),
            replaced(options, batch=batches[k]) if batches else options,
            dict(sorted(sizes.items())),
        )
        for k, (task, sizes) in enumerate(tasks)
    ]
    functions = [function for draft in drafts for function in draft.functions.values()]
    level = "" if optimised else _QUICKLY
    library = load(level + source_of(functions, options.dtype), threads=(options.threads or 1) > 1)
    return [draft.linked(library, _other_sizes) for draft in drafts]


def _other_sizes(*arrays: Any, **named: Any) -> NoReturn:
    raise AssertionError("the arrays have other sizes than the task was written for")
