"""Lines through a point of a graph: one of a slope, and all between two slopes."""

from __future__ import annotations

import math

from gradform.pictures.canvas import Canvas, Point

__all__ = ["half_line", "line", "wedge"]


def wedge(canvas: Canvas, place: Point, low: float, high: float) -> None:
    """Both extreme lines and what lies between them; an infinite slope is a dashed vertical."""
    ends = [[_end(canvas, place, slope, side) for slope in (low, high)] for side in (-1, 1)]
    if low < high:
        for pair in ends:
            canvas.area([place, *pair])
    for k, slope in enumerate((low, high)[: 1 + (low < high)]):
        style = "slope" if math.isfinite(slope) else "slope open"
        canvas.curve([ends[0][k], ends[1][k]], style)


def line(canvas: Canvas, place: Point, slope: float) -> None:
    """The line of this slope through the point."""
    canvas.curve([_end(canvas, place, slope, -1), _end(canvas, place, slope, 1)], "slope")


def half_line(canvas: Canvas, place: Point, slope: float, side: int) -> None:
    """What of the line lies on one side of the point, -1 left or 1 right; of an upright line
    below or above."""
    canvas.curve([place, _end(canvas, place, slope, side)], "slope")


def _end(canvas: Canvas, place: Point, slope: float, side: int) -> Point:
    """Far along the line, beyond the window."""
    dx, dy = _direction(slope)
    reach = 2 * (canvas.x[1] - canvas.x[0]) + 2 * (canvas.y[1] - canvas.y[0])
    return place[0] + side * dx * reach, place[1] + side * dy * reach


def _direction(slope: float) -> Point:
    """A step along a line of this slope; straight up or down for an infinite one."""
    if math.isinf(slope):
        return 0.0, math.copysign(1.0, slope)
    size = math.hypot(1.0, slope)
    return 1 / size, slope / size
