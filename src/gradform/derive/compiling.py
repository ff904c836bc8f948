"""Answers as source in a language, and as programs that run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, Unpack

from gradform.codegen.task import Task
from gradform.derive.tasks import Part, joint_task
from gradform.errors import InputError
from gradform.execute.backend import Compiled, compiler, writer
from gradform.execute.options import Options

__all__ = ["Batch", "CompileOptions", "SourceOptions", "compile_parts", "source_of_parts"]

Batch: TypeAlias = bool | str | Sequence[str]


class SourceOptions(TypedDict, total=False):
    """What source can be written for; see :class:`gradform.execute.options.Options`."""

    batch: Batch
    dtype: str


class CompileOptions(SourceOptions, total=False):
    """What a program can be compiled for besides."""

    dense: bool
    threads: int | None
    fast_math: bool


def compile_parts(
    parts: Sequence[Part], backend: str, **options: Unpack[CompileOptions]
) -> Compiled:
    """One program for all parts. Raises InputError for a backend or an option that is none."""
    make = compiler(backend)
    task = joint_task(_name(parts), parts)
    return make(task, _options(task, options))


def source_of_parts(parts: Sequence[Part], language: str, **options: Unpack[SourceOptions]) -> str:
    """The source of one function for all parts."""
    write = writer(language)
    task = joint_task(_name(parts), parts)
    return write(task, _options(task, options))


def _options(task: Task, options: Mapping[str, Any]) -> Options:
    names = [parameter.name for parameter in task.parameters]
    known = ", ".join(name for name in Options.__match_args__)
    for name in options:
        if name not in known.split(", "):
            raise InputError(f"There is no option '{name}'.", kind="option", hint=f"known: {known}")
    return Options(**{**options, "batch": _batched(options.get("batch", False), names)})


def _name(parts: Sequence[Part]) -> str:
    return parts[0].output.label if len(parts) == 1 else "evaluate"


def _batched(batch: Batch, names: Sequence[str]) -> tuple[str, ...]:
    """The parameters that have a leading axis more: all, none, or those named."""
    if isinstance(batch, bool):
        return tuple(names) if batch else ()
    asked = (batch,) if isinstance(batch, str) else tuple(batch)
    for name in asked:
        if name not in names:
            raise InputError(
                f"There is no variable '{name}' to be batched.",
                kind="undefined_variable",
                hint=f"the variables are {', '.join(names)}",
            )
    return asked
