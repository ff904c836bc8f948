"""The short way into a program on NumPy's arrays, for calls like earlier ones.

What a call costs beside the work counts for small arrays. A function is written that has the names
of the parameters; one look at each array tells its kind, and what runs for the shapes of all of
them is known, so that nothing is left to check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from gradform.codegen.task import Parameter, Task
from gradform.codegen.text.names import Names
from gradform.execute.buffers import written_into

__all__ = ["Otherwise", "Run", "Shapes", "by_name", "of_anything", "settle"]

Run: TypeAlias = Callable[..., Any]
Shapes: TypeAlias = tuple[tuple[int, ...], ...]
# Takes all that was given by place, and by name.
Otherwise: TypeAlias = Callable[[Sequence[Any], dict[str, Any]], Any]


def of_anything(
    task: Task,
    dtype: str,
    batch: Collection[str],
    runs: Mapping[Shapes, Run],
    always: Run | None,
    otherwise: Otherwise,
) -> Run:
    """A function of anything, quick for arrays by place or by name: what ``runs`` has for their
    shapes, which are written into ``out`` if that is given.

    ``always``, if given, runs for arrays of any shape. ``otherwise`` gets all other calls, and
    those that fail.
    """
    if task.sizes or not task.parameters:
        return lambda *arrays, **named: otherwise(arrays, named)
    scope = _scope(dtype, _runs=runs, _run=always, _otherwise=otherwise, _missing=object())
    scope["_absent"] = lambda *arrays: otherwise(arrays, {})
    labels = [output.label for output in task.outputs]
    scope["_written"] = lambda found, out: written_into(labels, found, out)
    scope["_python"], scope["_as_number"] = (float, int), _as_number(np.dtype(dtype).type)
    names = Names((*scope, "len", "type", "rest", "given", "named", "out", "found"))
    given = {each: names.claim(each.name) for each in task.parameters}
    first, called = next(iter(given.values())), ", ".join(given.values())
    defaults = ", ".join(f"{name}=_missing" for name in given.values())
    buffer = [] if "out" in _variables(task) else ["        out = named.pop('out', None)"]
    if always is not None:
        numbers: list[str] = []
        test, run = f"{[*given.values()][-1]} is not _missing", "_run"
    else:
        numbers = [name for each, name in given.items() if _is_number(each, batch)]
        test = " and ".join(_kind(each, name, batch) for each, name in given.items())
        run = f"_runs.get(({''.join(f'{name}.shape, ' for name in given.values())}), _absent)"
    taken = [f"        if type({x}) in _python: {x} = _as_number({x})" for x in numbers]
    lines = [
        f"def _entry({defaults}, /, *rest, **named):",
        "    out = None",
        "    if not named:",
        *taken,
        f"        if {test} and not rest:",
        "            try:",
        f"                return {run}({called})",
        "            except (TypeError, ValueError, RuntimeError):",
        "                pass  # what is wrong is found out below",
        "    else:",
        *(f"        named.pop({name!r}, None)" for name in task.unused),
        *buffer,
        f"        if {first} is _missing and len(named) == {len(given)}:",
        "            try:",
        f"                {called} = {', '.join(f'named[{each.name!r}]' for each in given)}",
        "                named = {}",
        "            except KeyError:",
        "                pass",
        *taken,
        f"        if {test} and not rest and not named:",
        "            try:",
        f"                found = {run}({called})",
        "                return found if out is None else _written(found, out)",
        "            except (TypeError, ValueError, RuntimeError):",
        "                pass",
        f"    given = [each for each in ({called}, *rest) if each is not _missing]",
        "    return _otherwise(given, named if out is None else {**named, 'out': out})",
    ]
    return _made(lines, scope)


def settle(entry: Run, always: Run) -> None:
    """From now on the function that :func:`of_anything` made runs that for all arrays."""
    entry.__globals__["_run"] = always


def _variables(task: Task) -> set[str]:
    return {*(parameter.name for parameter in task.parameters), *task.unused}


def by_name(task: Task, dtype: str, batch: Collection[str], runs: Mapping[Shapes, Run]) -> Run:
    """A function of the arrays by place or name: what ``runs`` has for their shapes.

    It returns None for shapes that are not there, for other arrays than NumPy's of the dtype, and
    where sizes are arguments; it raises TypeError for arguments that it does not know.
    """
    if task.sizes or not task.parameters:
        return lambda *arrays, **named: None
    scope = _scope(dtype, _runs=runs)
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
    return _made(lines, scope)


def _scope(dtype: str, **names: Any) -> dict[str, Any]:
    kind = np.dtype(dtype)
    return {"_array": np.ndarray, "_dtype": kind, "_number": kind.type, **names}


def _made(lines: Sequence[str], scope: dict[str, Any]) -> Run:
    exec("\n".join(lines), scope)
    found: Run = scope["_entry"]
    return found


def _kind(parameter: Parameter, name: str, batch: Collection[str]) -> str:
    """The test whether an argument is just what the statements take."""
    if _is_number(parameter, batch):
        return f"type({name}) is _number"
    return f"type({name}) is _array and {name}.dtype is _dtype"


def _is_number(parameter: Parameter, batch: Collection[str]) -> bool:
    return parameter.shape.is_scalar and parameter.name not in batch


def _as_number(kind: type[Any]) -> Callable[[Any], Any]:
    """What makes NumPy's number of one of Python's: Python's divisions by zero and roots of
    negative numbers are errors and complex numbers. What is too large stays what it is."""

    def number(value: Any) -> Any:
        try:
            return kind(value)
        except OverflowError:
            return value

    return number
