"""Answers as source in a language, and as programs that run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, TypeAlias, TypedDict, Unpack

from gradform.codegen.task import Task
from gradform.derive.options import require_known
from gradform.derive.tasks import Part, joint_task
from gradform.errors import InputError
from gradform.execute.backend import (
    Compiled,
    compiler,
    compiler_for_devices,
    require_operators,
    writer,
)
from gradform.execute.options import Options
from gradform.ir.nodes import Node
from gradform.language import joined, say
from gradform.notation.index import index_form
from gradform.notation.layout import Arrangement
from gradform.notation.text import to_text
from gradform.notation.write import written_formula

__all__ = ["Batch", "CompileOptions", "SourceOptions", "compile_parts", "source_of_parts"]

Batch: TypeAlias = bool | str | Sequence[str]


class SourceOptions(TypedDict, total=False):
    """What source can be written for; see :class:`gradform.execute.options.Options`."""

    batch: Batch
    dtype: str
    sizes: Mapping[str, int]


class CompileOptions(TypedDict, total=False):
    """What a program can be compiled for; see :class:`gradform.execute.options.Options`."""

    batch: Batch
    dtype: str
    dense: bool
    threads: int | None
    check: bool
    fast_math: bool
    mesh: Any


def compile_parts(
    parts: Sequence[Part], backend: str, **options: Unpack[CompileOptions]
) -> Compiled:
    """One program for all parts. Raises InputError for a backend or an option that is none."""
    for_devices = options.get("mesh") is not None
    make = compiler_for_devices(backend) if for_devices else compiler(backend)
    task = joint_task(_name(parts), parts)
    found = _options(task, options)
    if found.dense:
        return make(task, found)
    require_operators(backend)
    program: Compiled = _structured()(task, found, make, _part_names(parts))
    return program


def _structured() -> Any:
    """What makes operators; it needs NumPy, which is loaded when it is asked for."""
    return import_module("gradform.execute.structured").structured


def _part_names(parts: Sequence[Part]) -> Callable[[Node], str]:
    """How a part of an operator is written; can be pickled."""
    names = list(dict.fromkeys(name for part in parts for name in part.variables))
    rows = [v.name for part in parts for v in part.variables.values() if v.shape.is_row]
    return partial(_part_name, names, rows)


def _part_name(names: Sequence[str], rows: Sequence[str], node: Node) -> str:
    if node.rank > 2:
        return ""
    places = tuple(range(node.rank))
    how = Arrangement(places[:1], places[1:], node.axes)
    _, formula = written_formula([node], how, names, rows=rows)
    return index_form(node) if formula is None else to_text(formula)


def source_of_parts(parts: Sequence[Part], language: str, **options: Unpack[SourceOptions]) -> str:
    """The source of one function for all parts."""
    write = writer(language)
    task = joint_task(_name(parts), parts)
    return write(task, _options(task, options))


def _options(task: Task, options: Mapping[str, Any]) -> Options:
    names = [parameter.name for parameter in task.parameters]
    require_known(options, Options.__match_args__)
    return Options(**{**options, "batch": _batched(options.get("batch", False), names)})


def _name(parts: Sequence[Part]) -> str:
    return parts[0].output.label if len(parts) == 1 else "evaluate"


def _batched(batch: Batch, names: Sequence[str]) -> tuple[str, ...]:
    """The parameters that have a leading axis more: all, none, or those named."""
    if isinstance(batch, bool):
        return tuple(names) if batch else ()
    if not isinstance(batch, Iterable):
        raise InputError(
            say("{batch} does not say what is batched.", batch=repr(batch)),
            kind="option",
            hint=say("give True, the name of a variable or several names"),
        )
    asked = (batch,) if isinstance(batch, str) else tuple(batch)
    for name in asked:
        if name not in names:
            raise InputError(
                say("There is no variable '{name}' to be batched.", name=name),
                kind="undefined_variable",
                hint=say("the variables are {names}", names=joined(names)),
            )
    return asked
