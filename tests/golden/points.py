"""Fresh random points for the public rows, at sizes other than the frozen ones."""

from __future__ import annotations

import operator
import zlib
from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np

import gradform as gf
from tests.golden.rows import Array, Row
from tests.oracle.asked import written_shape
from tests.oracle.generate import Declared
from tests.oracle.points import draw

__all__ = ["fresh_points", "frozen_points"]

_SIZES = (5, 6, 7, 4, 3, 2)
_RELATIONS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}
_SCALES = (1.0, 0.3, 0.1, 0.5, 2.0)


def frozen_points(row: Row) -> Iterator[tuple[dict[str, int], dict[str, Array], Array]]:
    """(sizes, inputs, derivative) as they stand in the data."""
    for point in row.points:
        inputs = {name: np.array(value, float) for name, value in point["inputs"].items()}
        yield dict(point["dims"]), inputs, np.array(point["derivative"], float)


def fresh_points(row: Row, count: int = 2) -> Iterator[tuple[dict[str, int], dict[str, Array]]]:
    """Admissible points where the derivative is finite; square matrices well conditioned."""
    rng = np.random.default_rng(zlib.crc32(row.id.encode()))
    for sizes in _assignments(row, count):
        yield sizes, _point(row, sizes, rng)


def _assignments(row: Row, count: int) -> Iterator[dict[str, int]]:
    names = sorted(
        {size for shape in row.shapes.values() for size in shape if isinstance(size, str)}
    )
    taken = [point["dims"] for point in row.points]
    found = 0
    for numbers in permutations(_SIZES, len(names)):
        sizes = dict(zip(names, numbers, strict=True))
        if (not names or sizes not in taken) and all(_holds(c, sizes) for c in row.conditions):
            yield sizes
            found += 1
            if found == count:
                return
        elif not names:
            return
    assert found, row.id


def _holds(condition: str, sizes: Mapping[str, int]) -> bool:
    left, relation, right = condition.split()
    numbers = [sizes[word] if word in sizes else int(word) for word in (left, right)]
    return bool(_RELATIONS[relation](*numbers))


def _point(row: Row, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
    function = gf.parse(row.data["expr"], shapes=row.shapes, assume=row.structures)
    for attempt in range(200):
        scale = _SCALES[attempt % len(_SCALES)]
        inputs = {
            name: _natural(_drawn(row, name, sizes, rng, scale), shape)
            for name, shape in row.shapes.items()
        }
        with np.errstate(all="ignore"):
            expected = row.expected(sizes, inputs)
            value = function(**{name: inputs[name] for name in function.variables})
        if np.isfinite(expected).all() and np.isfinite(value).all():
            return inputs
    raise AssertionError(f"no point was found for {row.id}")


def _drawn(
    row: Row, name: str, sizes: Mapping[str, int], rng: np.random.Generator, scale: float
) -> Array:
    variable = Declared(written_shape(row.shapes[name]), row.structures.get(name, ""))
    table: Array = draw(variable, sizes, rng, scale)
    for _ in range(50):
        if table.shape[0] != table.shape[1] or np.linalg.cond(table) < 60:
            break
        table = draw(variable, sizes, rng, scale)
    return table


def _natural(table: Array, written: tuple[str | int, ...]) -> Array:
    if not written:
        return table.reshape(())
    return table.reshape(-1) if len(written) == 1 else table
