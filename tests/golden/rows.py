"""The public rows: derivative identities with reference answers, and inputs with their errors.

What a row expects stays in the data (tests/data, described in SCHEMA.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import scipy.linalg
import scipy.special
from numpy.typing import NDArray

import gradform as gf

__all__ = ["CLOSED", "ROWS", "Array", "ErrorRow", "Row", "answer", "error_rows"]

Array = NDArray[Any]

_DATA = Path(__file__).parents[1] / "data"
_LAYOUTS = {
    "den": "denominator",
    "num": "numerator",
    "vec": "numerator",
    "neutral": "mixed",
    "text": "ml",
}


@dataclass(frozen=True, eq=False)
class Row:
    """One identity; equal only to itself, so that answers can be kept by row."""

    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def shapes(self) -> dict[str, tuple[str | int, ...]]:
        return {name: tuple(each["shape"]) for name, each in self.data["vars"].items()}

    @property
    def structures(self) -> dict[str, str]:
        items = self.data["vars"].items()
        return {name: each["structure"] for name, each in items if "structure" in each}

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(self.data.get("assume", ()))

    @property
    def layout(self) -> str:
        return _LAYOUTS[self.data["expected"]["pretty_convention"]]

    @property
    def book(self) -> str | None:
        """The closed form of the source, when it is in the input language."""
        expected = self.data["expected"]
        return None if expected["pretty_convention"] == "text" else str(expected["pretty"])

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        return _points()[self.id]

    def expected(self, dims: Mapping[str, int], inputs: Mapping[str, Array]) -> Array:
        """The reference answer: the row's own NumPy expression, from the data file."""
        names = {"np": np, "sp": scipy, **dims, **inputs}
        return np.asarray(eval(self.data["expected"]["numpy"], names), float)

    def __str__(self) -> str:
        return self.id


@cache
def answer(row: Row, *, check: bool = True) -> gf.Derivative:
    """What gradform says, in the layout of the row's source."""
    found = gf.derivative(
        row.data["expr"],
        row.data["wrt"],
        order=row.data.get("order", 1),
        shapes=row.shapes,
        assume=row.structures,
        constraint=row.data.get("constraint"),
        conditions=row.conditions,
        layout=row.layout,
        check=check,
    )
    assert isinstance(found, gf.Derivative)
    return found


@dataclass(frozen=True)
class ErrorRow:
    """One input that is wrong, nasty or merely unusual."""

    data: Mapping[str, Any]

    @property
    def source(self) -> str:
        if "expr" in self.data:
            return str(self.data["expr"])
        return str(eval(self.data["expr_python"]))  # long inputs are given as '('*5000 and so on

    @property
    def shapes(self) -> dict[str, tuple[str | int, ...]]:
        return {name: tuple(each["shape"]) for name, each in self.data["vars"].items()}

    @property
    def structures(self) -> dict[str, str]:
        items = self.data["vars"].items()
        return {name: each["structure"] for name, each in items if "structure" in each}

    @property
    def kinds(self) -> set[str]:
        """The kinds that may be reported; ``ok`` for an answer."""
        return {self.data["kind"], *self.data.get("kind_alternatives", ())}

    @property
    def columns(self) -> set[int | None]:
        return {self.data["column"], *self.data.get("column_alternatives", ())}

    def __str__(self) -> str:
        return str(self.data["id"])


def _read(name: str) -> Any:
    return json.loads((_DATA / name).read_text(encoding="utf-8"))


@cache
def _points() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = _read("identities_points.json")
    return found


def error_rows() -> Iterator[ErrorRow]:
    for data in _read("errors.json"):
        yield ErrorRow(data)


ROWS = tuple(Row(data) for data in _read("identities.json"))
CLOSED = tuple(row for row in ROWS if row.book is not None)
