"""Variables for formulas that are built with Python's operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.ir.dims import Dim
from gradform.syntax.declare import Declared, declare, structures_of

__all__ = ["Sizes", "Structure", "check_name", "declared_size", "declared_variable", "sizes_of"]

Size = str | int
Sizes = Sequence[Size] | Size
Structure = str | Sequence[str] | None


def declared_variable(name: str, sizes: Sequence[Size], structure: Structure) -> Declared:
    """A variable with its structure; InputError for a name or size that is none."""
    structures = structures_of({name: structure} if structure else None)
    return declare({name: sizes}, structures)[name]


def declared_size(size: Size) -> Dim:
    """A dimension: ``"n"``, ``3``, ``"n-1"``."""
    return declare({"x": (size,)}, {})["x"].shape.rows


def check_name(name: str) -> None:
    """InputError for what cannot be a name."""
    declare({name: ()}, {})


def sizes_of(shapes: Mapping[str, Sizes] | None) -> dict[str, Sequence[Size]] | None:
    """Shapes as users give them: ``("n", "n")``, ``"n"``, ``3``."""
    if shapes is None:
        return None
    return {
        name: (sizes,) if isinstance(sizes, str | int) else tuple(sizes)
        for name, sizes in shapes.items()
    }
