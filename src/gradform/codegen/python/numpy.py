"""NumPy source for a task."""

from __future__ import annotations

from typing import Any

from gradform.codegen.lowering.forms import cheapest_forms
from gradform.codegen.python.module import generate
from gradform.codegen.task import Task

__all__ = ["source"]


def source(task: Task, options: Any) -> str:
    """A function that needs NumPy alone, or SciPy with it."""
    task = cheapest_forms(task, None)
    return generate(task.name, task.arranged, task.parameters, docstring=task.docstring)
