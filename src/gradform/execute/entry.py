"""The short way into a program on NumPy's arrays, for calls like earlier ones.

What a call costs beside the work counts for small arrays. Python itself binds arrays to a function
that has the names of the parameters; one look at each array tells its kind, and what runs for
the shapes of all of them is known, so that nothing is left to check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import numpy as np

from gradform.codegen.task import Parameter, Task
from gradform.codegen.text.names import Names

__all__ = ["Run", "Shapes", "entry"]

Run: TypeAlias = Callable[..., Any]
Shapes: TypeAlias = tuple[tuple[int, ...], ...]


def entry(task: Task, dtype: str, batch: Collection[str], runs: Mapping[Shapes, Run]) -> Run:
    """A function of the arrays by place or name: what ``runs`` has for their shapes.

    It returns None for shapes that are not there, for other arrays than NumPy's of the dtype, and
    where sizes are arguments; it raises TypeError for arguments that it does not know.
    """
    if task.sizes or not task.parameters:
        return lambda *arrays, **named: None
    scope: dict[str, Any] = {"_runs": runs, "_array": np.ndarray, "_dtype": np.dtype(dtype)}
    scope["_number"] = scope["_dtype"].type
    names = Names((*scope, "type"))
    given = {each: names.claim(each.name) for each in task.parameters}
    unused = [f"{names.claim(name)}=None" for name in task.unused]
    kinds = [_kind(each, name, batch) for each, name in given.items()]
    called = ", ".join(given.values())
    shapes = "".join(f"{name}.shape, " for name in given.values())
    lines = [
        f"def _entry({', '.join([called, *(['*', *unused] if unused else [])])}):",
        f"    if {' and '.join(kinds)}:",
        f"        run = _runs.get(({shapes}))",
        f"        return run({called}) if run is not None else None",
    ]
    exec("\n".join(lines), scope)
    found: Run = scope["_entry"]
    return found


def _kind(parameter: Parameter, name: str, batch: Collection[str]) -> str:
    """The test whether an argument is just what the statements take."""
    if parameter.shape.is_scalar and parameter.name not in batch:
        return f"type({name}) is _number"
    return f"type({name}) is _array and {name}.dtype is _dtype"
