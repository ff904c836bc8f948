"""Julia source for a task."""

from __future__ import annotations

import re
from typing import Any

from gradform.codegen.columns.module import Bound, Checked, Pieces, pieces
from gradform.codegen.julia.dialect import JULIA
from gradform.codegen.task import Task
from gradform.errors import CannotError
from gradform.language import say

__all__ = ["source"]

_SPECIAL = r"\b(erf|erfcx?|logerfc|gamma|loggamma|digamma|trigamma|polygamma|dawson)\.?\("


def source(task: Task, options: Any) -> str:
    """A Julia function that needs LinearAlgebra, and SpecialFunctions for special functions.

    Columns are vectors, rows vectors or 1 x n matrices. Raises CannotError where the task has
    no Julia form.
    """
    if options.dtype != "float64":
        raise CannotError(
            say("Julia source is of double precision."),
            kind="no_julia",
            hint=say("leave out dtype="),
        )
    found = pieces(JULIA, task, options.batch, _result)
    lines = [
        *(_converted(checked) for checked in found.checks),
        *(_size(bound) for bound in found.bound),
        *(_check(checked) for checked in found.checks),
        *_least(found),
        *found.lines,
        f"return {', '.join(found.results)}",
    ]
    body = "".join(f"    {line}\n" for line in lines)
    function = f"function {found.name}({', '.join(found.parameters)})\n{body}end\n"
    own = JULIA.carried("\n".join([function, *found.helpers]))
    carried = dict.fromkeys(part.strip("\n") + "\n" for part in (*found.helpers, *own))
    code = "\n".join([*carried, _documented(task.docstring) + function])
    packages = ["LinearAlgebra", *(["SpecialFunctions"] if re.search(_SPECIAL, code) else [])]
    return f"using {', '.join(packages)}\n\n{code}"


def _documented(text: str) -> str:
    """The docstring; backslashes and dollars mean something in Julia's strings."""
    escaped = re.sub(r'([\\$"])', r"\\\1", text.strip())
    return f'"""\n{escaped}\n"""\n' if escaped else ""


def _result(rank: int, code: str) -> str:
    """A number as a float, an array that shares no memory with an argument."""
    if not rank:
        return f"float({code})"
    shares = re.fullmatch(r"\w+'?|(reshape|vec|dropdims|insert_axes|permutedims)\(.*\)", code)
    return f"collect({code})" if shares else code


def _converted(checked: Checked) -> str:
    name = checked.variable
    code = f"vec(float({name}))" if checked.is_row else f"float({name})"
    return f"{name} = {code}"


def _size(bound: Bound) -> str:
    length = f"size({bound.variable}, {bound.axis + 1})"
    return f"{bound.size} = {bound.code(length, 'div({}, {})')}"


def _check(checked: Checked) -> str:
    sizes = ", ".join(checked.sizes)
    shape = f"({sizes},)" if len(checked.sizes) == 1 else f"({sizes})"
    return f'check_shape("{checked.variable}", {checked.variable}, {shape})'


def _least(found: Pieces) -> list[str]:
    return [
        f'{size} >= {bound} || throw(DimensionMismatch("{size} must be at least {bound}"))'
        for size, bound in found.least
    ]
