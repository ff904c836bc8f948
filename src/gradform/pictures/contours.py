"""Lines of equal height of a function on a rectangle, by marching squares.

The squares are bordered by others outside the rectangle, where nothing is high, so that every
outline of what is higher than a level is closed. Where it crosses a side of a square is found
by looking at the function there: at jumps and at the border of the domain the outline goes on,
and the line of equal height ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from gradform.pictures.canvas import Point
from gradform.pictures.scale import ticks

__all__ = ["Crossing", "Landscape", "levels", "lines_of"]

Height = Callable[[float, float], float]
Side = tuple[int, int, bool]
"""A side of a square by its first corner, and whether it leads across."""

_LOOKS = 14  # at most, for one crossing
_NEAR = 0.05  # of the difference between the ends of a side
_MOST_LEVELS = 12
_SKEWED = 0.12  # where half of all heights are so near to an end, levels go by rank


class Crossing(NamedTuple):
    """Where an outline crosses a side; ``level`` if the function takes the value there."""

    point: Point
    level: bool


class Landscape:
    """Heights on ``count`` squares each way; what is no number is not high."""

    def __init__(self, height: Height, x: Point, y: Point, count: int) -> None:
        self.height = height
        self.xs, self.ys = _bordered(x, count), _bordered(y, count)
        inner = [[height(a, b) for a in self.xs[1:-1]] for b in self.ys[1:-1]]
        nothing = [math.nan] * len(self.xs)
        self.heights = [nothing, *([math.nan, *row, math.nan] for row in inner), nothing]

    @property
    def finite(self) -> list[float]:
        """All heights that are numbers."""
        return [each for row in self.heights for each in row if math.isfinite(each)]

    def outlines(self, level: float) -> list[list[Crossing]]:
        """Closed outlines, each from any of its points round to the one before it."""
        joined: dict[Side, list[Side]] = {}
        for first, second in self._links(level):
            joined.setdefault(first, []).append(second)
            joined.setdefault(second, []).append(first)
        crossings = {side: self._crossing(side, level) for side in joined}
        return [[crossings[side] for side in ring] for ring in _rings(joined)]

    # ------------------------------------------------------------ squares

    def _links(self, level: float) -> Iterator[tuple[Side, Side]]:
        """Sides of one square that an outline joins."""
        high = [[each >= level for each in row] for row in self.heights]
        for row in range(len(high) - 1):
            lower, upper = high[row], high[row + 1]
            for column in range(len(lower) - 1):
                corners = lower[column], lower[column + 1], upper[column + 1], upper[column]
                if any(corners) and not all(corners):
                    yield from self._joined(row, column, corners, level)

    def _joined(
        self, row: int, column: int, high: Sequence[bool], level: float
    ) -> Iterator[tuple[Side, Side]]:
        """Two crossed sides are joined; of four, those around the corners that stand alone."""
        sides: tuple[Side, ...] = (
            (row, column, True),
            (row, column + 1, False),
            (row + 1, column, True),
            (row, column, False),
        )
        crossed = [side for k, side in enumerate(sides) if high[k] != high[(k + 1) % 4]]
        if len(crossed) == 2:
            yield crossed[0], crossed[1]
            return
        square = [self.heights[row + up][column + on] for up in (0, 1) for on in (0, 1)]
        middle = sum(square) / 4 >= level
        for k in range(4):  # corner k stands between side k - 1 and side k
            if high[k] != middle:
                yield sides[k - 1], sides[k]

    # ------------------------------------------------------------ crossings

    def _crossing(self, side: Side, level: float) -> Crossing:
        """Where the height passes the level, or ends."""
        row, column, across = side
        other = (row, column + 1) if across else (row + 1, column)
        here, there = self.heights[row][column], self.heights[other[0]][other[1]]
        start = self.xs[column], self.ys[row]
        stop = self.xs[other[1]], self.ys[other[0]]
        if start == stop:
            return Crossing(start, False)
        near = self._tolerance(here, there, level)
        place = start
        for look in range(_LOOKS):
            part = 0.5 if look % 2 else (level - here) / (there - here)
            part = min(max(part, 0.05), 0.95) if math.isfinite(part) else 0.5
            place = (
                start[0] + part * (stop[0] - start[0]),
                start[1] + part * (stop[1] - start[1]),
            )
            found = self.height(*place)
            if abs(found - level) <= near:
                return Crossing(place, True)
            if (found >= level) == (here >= level):
                start, here = place, found
            else:
                stop, there = place, found
        return Crossing(place, False)

    def _tolerance(self, here: float, there: float, level: float) -> float:
        """How near to the level a height counts as it: less where an end of the side is near,
        since a height beside a jump is none."""
        if not math.isfinite(there - here):
            return self._fine
        ends = min(abs(level - here), abs(there - level))
        return min(_NEAR * abs(there - here), max(ends / 3, 1e-3 * abs(there - here)))

    @cached_property
    def _fine(self) -> float:
        ordered = sorted(self.finite)
        return 0.01 * (ordered[len(ordered) * 9 // 10] - ordered[len(ordered) // 10])


def _bordered(span: Point, count: int) -> list[float]:
    """Places at equal steps, the first and the last twice: squares outside have no width."""
    inner = [span[0] + (span[1] - span[0]) * k / count for k in range(count + 1)]
    return [inner[0], *inner, inner[-1]]


def _rings(joined: dict[Side, list[Side]]) -> Iterator[list[Side]]:
    """Each side has two neighbours, so that the rings are found by going on."""
    seen: set[Side] = set()
    for start in joined:
        ring, here = [], start
        while here not in seen:
            seen.add(here)
            ring.append(here)
            here = next((each for each in joined[here] if each not in seen), here)
        if ring:
            yield ring


def lines_of(outline: Sequence[Crossing]) -> list[list[Point]]:
    """The stretches of an outline on which the function takes the value."""
    if all(crossing.level for crossing in outline):
        points = [crossing.point for crossing in outline]
        return [[*points, points[0]]]
    gap = next(k for k, crossing in enumerate(outline) if not crossing.level)
    lines: list[list[Point]] = [[]]
    for crossing in (*outline[gap:], *outline[:gap]):
        if crossing.level:
            lines[-1].append(crossing.point)
        else:
            lines.append([])
    return [line for line in lines if len(line) > 1]


def levels(heights: Sequence[float]) -> list[float]:
    """Heights that tell the landscape: round ones at equal steps, or with equally many points
    between one and the next where a few heights are far from all others."""
    ordered = sorted(heights)
    if not ordered or ordered[0] == ordered[-1]:
        return []
    last = len(ordered) - 1
    middle = (ordered[last // 2] - ordered[0]) / (ordered[-1] - ordered[0])
    if _SKEWED <= middle <= 1 - _SKEWED:
        found = ticks(ordered[0], ordered[-1], _MOST_LEVELS - 2)
    else:
        ranks = [ordered[last * k // (_MOST_LEVELS + 1)] for k in range(1, _MOST_LEVELS + 1)]
        found = [float(f"{each:.2g}") for each in ranks]
    return sorted({each for each in found if ordered[0] < each < ordered[-1]})
