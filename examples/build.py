"""Make the notebooks from their sources: ``python -m examples.build`` runs them all.

A source is Markdown; its ``python`` blocks become cells of code. Of what a cell shows, the
notebook keeps text and LaTeX: small files that can be compared, and read on GitHub. Run a
notebook to see the rest: conditions, certificates, derivations, pictures.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["FOLDER", "cells_of", "executed", "notebook_of", "sources", "stored"]

FOLDER = Path(__file__).parent
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEPT = ("text/latex", "text/plain")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources() -> list[Path]:
    """The sources, one for each notebook."""
    return sorted(FOLDER.joinpath("sources").glob("*.md"))


def stored(source: Path) -> Path:
    """The notebook that is made from a source."""
    return FOLDER / f"{source.stem}.ipynb"


def cells_of(text: str) -> Iterator[tuple[str, str]]:
    """(``markdown`` or ``code``, content) of a source, in order."""
    place = 0
    for block in _BLOCK.finditer(text):
        yield "markdown", text[place : block.start()].strip()
        yield "code", block[1].rstrip("\n")
        place = block.end()
    yield "markdown", text[place:].strip()


def notebook_of(cells: Sequence[tuple[str, str]]) -> Any:
    """A notebook with these cells, not run yet."""
    made: list[dict[str, Any]] = [
        {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": content,
            **({"execution_count": None, "outputs": []} if kind == "code" else {}),
        }
        for number, (kind, content) in enumerate(cells, 1)
        if content
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA, "cells": made}
    return nbformat.reads(json.dumps(whole), as_version=4)


def executed(notebook: Any, *, allow_errors: bool = False) -> Any:
    """The notebook with its outputs, from a kernel that finds what this process finds.

    Raises CellExecutionError for an error that is not allowed.
    """
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUTF8": "1"}
    environment.pop("GRADFORM_LANG", None)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=allow_errors,
        coalesce_streams=True,
        resources={},
    )
    return client.execute(env=environment)


def kept(notebook: Any) -> Any:
    """The notebook with what is stored of its outputs."""
    notebook.metadata = nbformat.from_dict(_METADATA)
    for cell in notebook.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", ()):
            output.pop("metadata", None)
            if "data" in output:
                output.metadata = {}
                output.data = {kind: output.data[kind] for kind in _KEPT if kind in output.data}
    return notebook


def main() -> None:
    """Write every notebook, or those whose names are given."""
    wanted = set(sys.argv[1:])
    for source in sources():
        if not wanted or source.stem in wanted:
            cells = list(cells_of(source.read_text(encoding="utf-8")))
            notebook = kept(executed(notebook_of(cells)))
            text = nbformat.writes(notebook)
            stored(source).write_text(text.rstrip("\n") + "\n", encoding="utf-8")
            print(stored(source).name)


if __name__ == "__main__":
    main()
