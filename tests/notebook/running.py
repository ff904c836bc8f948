"""Notebooks run in a kernel of their own, with this gradform."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

import gradform

__all__ = ["executed", "notebook_of"]

_SOURCE = Path(gradform.__file__).parent.parent


def executed(notebook: Any, *, allow_errors: bool = False) -> Any:
    """The notebook with its outputs; CellExecutionError for an error that is not allowed."""
    environment = {**os.environ, "PYTHONPATH": str(_SOURCE), "PYTHONUTF8": "1"}
    environment.pop("GRADFORM_LANG", None)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", allow_errors=allow_errors, resources={}
    )
    return client.execute(env=environment)


def notebook_of(cells: Sequence[str]) -> Any:
    """A notebook with these cells of code."""
    kinds: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
    written = [{**kinds, "id": f"cell-{k}", "source": cell} for k, cell in enumerate(cells)]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": written}
    return nbformat.reads(json.dumps(content), as_version=4)  # type: ignore[no-untyped-call]
