"""Notebooks of cells that a test gives, run in a kernel of their own with this gradform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from examples.build import executed, notebook_of

__all__ = ["run"]


def run(cells: Sequence[str]) -> Any:
    """The notebook with the outputs of these cells of code; errors are outputs too."""
    return executed(notebook_of([("code", cell) for cell in cells]), allow_errors=True)
