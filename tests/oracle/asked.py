"""Questions as people type them, for the oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.functions import Shape
from gradform.functions.shapes import SCALAR, column
from gradform.ir.dims import dim
from gradform.syntax.elaborate import elaborate
from gradform.syntax.parser import parse_formula
from tests.oracle.generate import Declared, Question

__all__ = ["asked", "written_shape"]


def asked(
    source: str,
    wrt: Sequence[str],
    shapes: Mapping[str, Sequence[str | int]],
    assume: Mapping[str, str] | None = None,
    layout: str = "ml",
) -> Question:
    """The question of a text; its tree is the parser's, and constants have the size found."""
    program = parse_formula(source)
    structures = assume or {}
    read = elaborate(program, declared=shapes, assume=structures)
    variables = {
        name: Declared(written_shape(shape), structures.get(name, ""))
        for name, shape in shapes.items()
    }
    return Question(program, variables, read.value.shape, tuple(wrt), layout, read.shapes)


def written_shape(written: Sequence[str | int]) -> Shape:
    """A shape as declared: () scalar, (n) column, (m, n) matrix."""
    sizes = [dim(size) for size in written]
    if not sizes:
        return SCALAR
    return column(sizes[0]) if len(sizes) == 1 else Shape(*sizes)
