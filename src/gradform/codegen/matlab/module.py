"""MATLAB source for a task."""

from __future__ import annotations

from typing import Any

from gradform.codegen.columns.module import Bound, Checked, Pieces, pieces
from gradform.codegen.matlab.dialect import MATLAB
from gradform.codegen.task import Task

__all__ = ["source"]


def source(task: Task, options: Any) -> str:
    """A function file for MATLAB without toolboxes, and for GNU Octave from version 7 on.

    Columns are n x 1 arrays, rows 1 x n. Raises CannotError where the task has no MATLAB form.
    """
    found = pieces(MATLAB, task, options.batch, lambda rank, code: code)
    convert = "single" if options.dtype == "float32" else "double"
    lines = [
        *(f"% {line}".rstrip() for line in task.docstring.strip().split("\n") if task.docstring),
        *(_size(bound) for bound in found.bound),
        *(_check(checked) for checked in found.checks),
        *_least(found),
        *(_converted(checked, convert) for checked in found.checks),
        *(f"{line};" for line in found.lines),
    ]
    results = ", ".join(found.results)
    results = f"[{results}]" if len(found.results) > 1 else results
    body = "".join(f"    {line}\n" for line in lines)
    parameters = ", ".join(found.parameters)
    function = f"function {results} = {found.name}({parameters})\n{body}end\n"
    own = MATLAB.carried("\n".join([function, *found.helpers]))
    carried = dict.fromkeys([*found.helpers, *own])
    return "\n".join([function, *(part.strip("\n") + "\n" for part in carried)])


def _size(bound: Bound) -> str:
    length = f"size({bound.variable}, {bound.axis + 1 + bound.is_row})"
    return f"{bound.size} = {bound.code(length, 'fix(({}) / {})')};"


def _check(checked: Checked) -> str:
    sizes = [*checked.sizes, "1", "1"][:2]
    if checked.is_row:
        sizes = ["1", checked.sizes[0]]
    return f"check_shape('{checked.variable}', {checked.variable}, [{', '.join(sizes)}]);"


def _converted(checked: Checked, convert: str) -> str:
    name = checked.variable
    return f"{name} = {convert}({name}{'(:)' if checked.is_row else ''});"


def _least(found: Pieces) -> list[str]:
    lines = []
    for size, bound in found.least:
        lines += [f"if {size} < {bound}", f"    error('{size} must be at least {bound}');", "end"]
    return lines
