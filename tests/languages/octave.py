"""MATLAB source run by GNU Octave: many calls in one process."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gradform.codegen.task import Task
from tests.golden.rows import Array

__all__ = ["Call", "OCTAVE", "outcomes"]

OCTAVE = shutil.which("octave-cli") or shutil.which("octave")


class Call(NamedTuple):
    """A task called with arrays."""

    task: Task
    sizes: Mapping[str, int]
    inputs: Mapping[str, Array]


def outcomes(
    directory: Path, sources: Sequence[str], calls: Sequence[Call]
) -> list[list[Array] | str]:
    """The outputs of every call, or what Octave complains of."""
    lines = ["1;", *dict.fromkeys(part for text in sources for part in _functions(text))]
    for call in calls:
        lines += _run(call)
    (directory / "run.m").write_text("\n".join(lines))
    assert OCTAVE is not None
    command = [OCTAVE, "--no-gui", "--norc", "--quiet", "run.m"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    blocks = done.stdout.split("#call\n")[1:]
    assert len(blocks) == len(calls), done.stderr[-2000:]
    return [_read(block) for block in blocks]


def _functions(text: str) -> list[str]:
    return [f"function {part}" for part in f"\n{text}".split("\nfunction ")[1:]]


def _run(call: Call) -> list[str]:
    given = [_literal(call.inputs[p.name], p.shape.is_row) for p in call.task.parameters]
    given += [str(call.sizes[name]) for name in call.task.sizes]
    results = [f"out{k}" for k in range(len(call.task.outputs))]
    shown = [f"disp(size({name})); fprintf('%.17g ', {name}); disp('');" for name in results]
    return [
        "disp('#call');",
        "try",
        f"    [{', '.join(results)}] = {call.task.name}({', '.join(given)});",
        *(f"    {line}" for line in shown),
        "catch problem",
        "    disp(['error: ', problem.message]);",
        "end",
    ]


def _literal(array: Array, is_row: bool) -> str:
    shape = [*np.shape(array), 1, 1][:2]
    if is_row and np.ndim(array) == 1:
        shape = shape[::-1]
    entries = " ".join(map(repr, map(float, np.ravel(array, order="F"))))
    return f"reshape([{entries}], {list(map(int, shape))})"


def _read(block: str) -> list[Array] | str:
    """Entries by columns, and the shape, of each output."""
    lines = block.splitlines()
    if lines and lines[0].startswith("error: "):
        return lines[0]
    found = []
    for shape, entries in zip(lines[::2], lines[1::2], strict=False):
        sizes = [int(word) for word in shape.split()]
        found.append(np.array([float(w) for w in entries.split()]).reshape(sizes, order="F"))
    return found
