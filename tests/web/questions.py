"""Questions as the page asks them: those of the public rows, and of the page's examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from tests.golden.rows import ErrorRow, Row

__all__ = ["as_question", "examples", "variables_of"]

Question = dict[str, Any]
_FIELDS = ("formula", "wrt", "order", "layout", "variables")


def as_question(row: Row) -> Question:
    """The body that asks for the derivative of a public row."""
    return {
        "formula": row.data["expr"],
        "wrt": row.data["wrt"],
        "order": row.data.get("order", 1),
        "layout": row.layout,
        "variables": variables_of(row),
    }


def variables_of(row: Row | ErrorRow) -> dict[str, Any]:
    """The declarations of a row."""
    structures = row.structures
    return {
        name: {"shape": list(shape), "structures": structures.get(name, "").split()}
        for name, shape in row.shapes.items()
    }


def examples() -> Iterator[Question]:
    """The page's examples."""
    found = json.loads((files("gradform.web") / "page" / "examples.json").read_text("utf-8"))
    for topic in found["topics"]:
        for example in topic["examples"]:
            yield _question(example)


def _question(example: Mapping[str, Any]) -> Question:
    return {name: example[name] for name in _FIELDS if name in example}
