"""A plane with axes on which curves, lines, areas and dots are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Canvas"]

Point = tuple[float, float]

_RULES = """\
.gradform {{ font: 13px sans-serif; }}
.gradform .paper {{ fill: {paper}; }} .gradform text {{ fill: {ink}; }}
.gradform .axis, .gradform .tick {{ stroke: {faint}; stroke-width: 1; fill: none; }}
.gradform .curve {{ stroke: {ink}; stroke-width: 2; fill: none; }}
.gradform .slope {{ stroke: {accent}; stroke-width: 1.5; fill: none; }}
.gradform .open {{ stroke-dasharray: 5 4; }}
.gradform .area {{ fill: {accent}; fill-opacity: 0.22; stroke: none; }}
.gradform .alarm {{ stroke: {alarm}; stroke-width: 2; fill: none; }}
.gradform .dot {{ fill: {ink}; }} .gradform .alarmdot {{ fill: {alarm}; }}
.gradform .label {{ font-size: 12px; fill: {faint}; }}
"""
_LIGHT = _RULES.format(
    paper="#ffffff", ink="#1f2430", faint="#7d8591", accent="#2457d6", alarm="#c81e3a"
)
_DARK = _RULES.format(
    paper="#14171d", ink="#e8eaf0", faint="#8a92a0", accent="#8ab0ff", alarm="#ff7088"
)
# Two whole sets of rules: not every program that shows SVG knows CSS variables.
_STYLE = f"{_LIGHT}@media (prefers-color-scheme: dark) {{\n{_DARK}}}\n"

_MARGIN = 36.0


class Canvas:
    """A window of the plane, ``x`` and ``y`` from least to largest, as ``width`` × ``height``."""

    def __init__(
        self, x: Point, y: Point, title: str, width: float = 480.0, height: float = 320.0
    ) -> None:
        self.x, self.y = x, y
        self.title = title
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._axes()

    # ------------------------------------------------------------ what is drawn

    def curve(self, points: Iterable[Point | None], style: str = "curve") -> None:
        """A curve through points; None lifts the pen."""
        strokes: list[list[Point]] = [[]]
        for point in points:
            if point is None or not all(map(math.isfinite, point)):
                strokes.append([])
            else:
                strokes[-1].append(point)
        for stroke in strokes:
            if len(stroke) > 1:
                path = "M" + " L".join(self._place(self._near(p)) for p in stroke)
                self._inside(f'<path class="{style}" d="{path}"/>')

    def area(self, corners: Sequence[Point]) -> None:
        """A filled polygon."""
        path = "M" + " L".join(self._place(corner) for corner in corners) + " Z"
        self._inside(f'<path class="area" d="{path}"/>')

    def _inside(self, part: str) -> None:
        """What is cut off at the edges of the window."""
        self._parts.append(f'<g clip-path="url(#window)">{part}</g>')

    def dot(self, point: Point, style: str = "dot") -> None:
        x, y = self._at(point)
        self._parts.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')

    def note(self, text: str, line: int = 0) -> None:
        """A line of text at the top."""
        y = _MARGIN - 14 + 16 * line
        self._parts.append(f'<text x="{_MARGIN:.0f}" y="{y:.0f}">{escape(text)}</text>')

    def svg(self) -> str:
        """The picture."""
        inside = "\n".join(self._parts)
        size = f'viewBox="0 0 {self.width:.0f} {self.height:.0f}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="gradform" {size} role="img" '
            f'width="{self.width:.0f}" height="{self.height:.0f}">\n'
            f"<title>{escape(self.title)}</title>\n<style>{_STYLE}</style>\n"
            f'<rect class="paper" width="100%" height="100%"/>\n'
            f'<clipPath id="window"><rect x="{_MARGIN}" y="{_MARGIN}" '
            f'width="{self.width - 2 * _MARGIN}" height="{self.height - 2 * _MARGIN}"/>'
            f"</clipPath>\n{inside}\n</svg>\n"
        )

    # ------------------------------------------------------------ places

    def _at(self, point: Point) -> Point:
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return (
            _MARGIN + across * (self.width - 2 * _MARGIN),
            self.height - _MARGIN - up * (self.height - 2 * _MARGIN),
        )

    def _place(self, point: Point) -> str:
        x, y = self._at(point)
        return f"{x:.1f} {y:.1f}"

    def _near(self, point: Point) -> Point:
        """The point, brought back from far above or below, where no one sees it."""
        span = 100 * (self.y[1] - self.y[0])
        return point[0], min(max(point[1], self.y[0] - span), self.y[1] + span)

    def _axes(self) -> None:
        left, right = (self._at((x, self.y[0]))[0] for x in self.x)
        bottom, top = (self._at((self.x[0], y))[1] for y in self.y)
        frame = f"M{left:.1f} {top:.1f} V{bottom:.1f} H{right:.1f}"
        self._parts.append(f'<path class="axis" d="{frame}"/>')
        for value in ticks(*self.x):
            x = self._at((value, 0.0))[0]
            self._parts.append(f'<path class="tick" d="M{x:.1f} {bottom:.1f} v4"/>')
            self._parts.append(
                f'<text class="label" x="{x:.1f}" y="{bottom + 17:.1f}" '
                f'text-anchor="middle">{value:g}</text>'
            )
        for value in ticks(*self.y):
            y = self._at((0.0, value))[1]
            self._parts.append(f'<path class="tick" d="M{left:.1f} {y:.1f} h-4"/>')
            self._parts.append(
                f'<text class="label" x="{left - 7:.1f}" y="{y + 4:.1f}" '
                f'text-anchor="end">{value:g}</text>'
            )


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About ``count`` round numbers in the interval: steps of 1, 2 or 5 times a power of 10."""
    rough = (high - low) / count
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * m for m in (1, 2, 5, 10) if scale * m >= rough)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
