"""The functions that are compared, one file for each kind."""

from benchmarks.code.families import (
    gaussian,
    linear,
    networks,
    pointwise,
    quadratic,
    small,
    softmax,
)
from benchmarks.code.row import Family, Row

__all__ = ["FAMILIES", "rows"]

FAMILIES: tuple[Family, ...] = (
    *quadratic.FAMILIES,
    *linear.FAMILIES,
    *softmax.FAMILIES,
    *networks.FAMILIES,
    *gaussian.FAMILIES,
    *pointwise.FAMILIES,
    *small.FAMILIES,
)


def rows(names: tuple[str, ...] = ()) -> list[Row]:
    """All lines, or those of the families whose name holds one of ``names``."""
    chosen = [f for f in FAMILIES if not names or any(name in f.name for name in names)]
    return [Row(family, size) for family in chosen for size in family.sizes]
