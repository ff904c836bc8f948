"""Lines of equal height lie at that height, and end where the function breaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from gradform.pictures.canvas import Point
from gradform.pictures.contours import Landscape, levels, lines_of

Height = Callable[[float, float], float]

SPAN = (-2.0, 2.0)

SMOOTH: dict[str, Height] = {
    "bowl": lambda x, y: x * x + 2 * y * y,
    "saddle": lambda x, y: x * y,
    "monkey": lambda x, y: x**3 - 3 * x * y * y,
    "waves": lambda x, y: math.sin(2 * x) * math.cos(3 * y),
    "plane": lambda x, y: 1e-9 * (x - 2 * y),
    "valley": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "disc": lambda x, y: math.sqrt(2 - x * x - y * y) if x * x + y * y <= 2 else math.nan,
}


def _lines(land: Landscape, level: float) -> list[list[Point]]:
    return [line for ring in land.outlines(level) for line in lines_of(ring)]


@pytest.mark.parametrize("name", SMOOTH)
def test_lines_are_at_their_height(name: str) -> None:
    height = SMOOTH[name]
    land = Landscape(height, SPAN, SPAN, 33)
    found = levels(land.finite)
    assert len(found) >= 3
    spread = max(land.finite) - min(land.finite)
    for level in found:
        lines = _lines(land, level)
        assert lines
        for line in lines:
            assert all(abs(height(x, y) - level) < 0.03 * spread for x, y in line)


@pytest.mark.parametrize("name", SMOOTH)
def test_outlines_part_high_from_low(name: str) -> None:
    """By the even-odd rule, as the tints are filled."""
    height = SMOOTH[name]
    land = Landscape(height, SPAN, SPAN, 33)
    spread = max(land.finite) - min(land.finite)
    for level in levels(land.finite):
        rings = [[crossing.point for crossing in ring] for ring in land.outlines(level)]
        for k in range(400):
            x, y = -1.93 + 3.86 * (k * 0.618 % 1), -1.93 + 3.86 * (k * 0.7549 % 1)
            value = height(x, y)
            if math.isnan(value) or abs(value - level) < 0.05 * spread:
                continue
            assert (sum(_winds(ring, x, y) for ring in rings) % 2 == 1) == (value > level)


def _winds(ring: list[Point], x: float, y: float) -> bool:
    """Whether a ray from the point to the right crosses the ring an odd number of times."""
    odd = False
    for (a, b), (c, d) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (b > y) != (d > y) and x < a + (y - b) / (d - b) * (c - a):
            odd = not odd
    return odd


def test_a_circle_is_one_closed_line() -> None:
    land = Landscape(lambda x, y: x * x + y * y, SPAN, SPAN, 33)
    (line,) = _lines(land, 1.0)
    assert line[0] == line[-1]
    assert all(math.hypot(x, y) == pytest.approx(1.0, abs=0.01) for x, y in line)


@pytest.mark.parametrize("step", [math.floor, lambda x: 3.0 * (x > 0.123), math.ceil])
def test_jumps_are_not_contours(step: Callable[[float], float]) -> None:
    land = Landscape(lambda x, y: step(x) + 0.3 * y, SPAN, SPAN, 33)
    for level in (-0.77, 0.05, 0.51):
        for line in _lines(land, level):
            for (a, _), (c, _) in pairwise(line):
                assert step(a) == step(c)


def test_jumps_alone_have_no_contours() -> None:
    land = Landscape(lambda x, y: math.floor(x), SPAN, SPAN, 33)
    assert _lines(land, 0.5) == []
    assert len(land.outlines(0.5)) == 1


def test_what_is_not_defined_has_no_contours() -> None:
    land = Landscape(lambda x, y: x + y if x > 0 else math.nan, SPAN, SPAN, 33)
    for line in _lines(land, 0.25):
        assert all(x > 0 for x, _ in line)
    everywhere = [crossing.point for ring in land.outlines(-math.inf) for crossing in ring]
    assert min(x for x, _ in everywhere) == pytest.approx(0.0, abs=0.01)


def test_levels_are_round_or_by_rank() -> None:
    assert levels([0.5, 1.5, 2.5, 3.5, 4.5]) == [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
    skewed = [10.0 ** (k / 100) for k in range(900)]
    found = levels(skewed)
    counts = [sum(low < each <= high for each in skewed) for low, high in pairwise(found)]
    assert max(counts) < 1.5 * min(counts)
    assert levels([]) == levels([1.0, 1.0]) == []
