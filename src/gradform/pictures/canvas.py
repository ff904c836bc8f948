"""A plane with axes on which curves, lines, areas and dots are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gradform.pictures.document import document, text_element
from gradform.pictures.measure import text_width
from gradform.pictures.scale import tick_texts, ticks

__all__ = ["Canvas", "Point", "room_for"]

Point = tuple[float, float]

_TOP, _RIGHT, _BOTTOM, _LEAST_LEFT = 30.0, 16.0, 34.0, 36.0
_PER_TICK = (90.0, 55.0)  # pixels across and down for each tick
_LABEL = 12.0


class Canvas:
    """A window of the plane, ``x`` and ``y`` from least to largest, as ``width`` × ``height``.

    ``offset`` is where its upper left corner is on a sheet that it shares with others; then
    ``left``, the room for the texts beside the vertical axis, may be shared as well.
    """

    def __init__(
        self,
        x: Point,
        y: Point,
        title: str,
        width: float = 480.0,
        height: float = 320.0,
        offset: Point = (0.0, 0.0),
        left: float | None = None,
    ) -> None:
        self.x, self.y = x, y
        self.title = title
        self.width, self.height = width, height
        self._ticks = [
            _ticks_of(span, pixels, each)
            for span, pixels, each in zip((x, y), (width, height), _PER_TICK, strict=True)
        ]
        beside = _room_beside(self._ticks[1]) if left is None else left
        self._texts, self._powers = zip(*map(tick_texts, self._ticks), strict=True)
        self._left, self._top = offset[0] + beside, offset[1] + _TOP
        self._wide, self._high = width - beside - _RIGHT, height - _TOP - _BOTTOM
        self._behind: list[str] = []
        self._inside: list[str] = []
        self._above: list[str] = []
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
                self._inside.append(f'<path class="{style}" d="{self._path(stroke)}"/>')

    def area(self, *outlines: Sequence[Point], style: str = "area") -> None:
        """Filled polygons, one path of all."""
        path = " ".join(f"{self._path(corners)}Z" for corners in outlines if len(corners) > 2)
        if path:
            self._inside.append(f'<path class="{style}" d="{path}"/>')

    def strip(self, low: float, high: float, style: str = "void") -> None:
        """A vertical strip over the whole height, behind everything."""
        left, right = (
            self.at((min(max(each, self.x[0]), self.x[1]), 0))[0] for each in (low, high)
        )
        self._behind.append(
            f'<rect class="{style}" x="{left:.1f}" y="{self._top:.1f}" '
            f'width="{right - left:.1f}" height="{self._high:.1f}"/>'
        )

    def upright(self, x: float, style: str) -> None:
        """A vertical line over the whole height."""
        across = self.at((x, 0.0))[0]
        path = f"M{across:.1f} {self._top:.1f}v{self._high:.1f}"
        self._inside.append(f'<path class="{style}" d="{path}"/>')

    def dot(self, point: Point, style: str = "dot", radius: float = 4.0) -> None:
        """A dot, unless it lies outside the window."""
        if self.shows(point):
            x, y = self.at(point)
            self._above.append(
                f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'
            )

    def arrow(self, start: Point, step: Point) -> None:
        """An arrow from a point, by a step in pixels (down is positive)."""
        x, y = self.at(start)
        length = math.hypot(*step)
        if length < 1.0:
            return
        along = step[0] / length, step[1] / length
        head = min(6.0, length)
        tip = x + step[0], y + step[1]
        base = tip[0] - head * along[0], tip[1] - head * along[1]
        side = -along[1] * head * 0.42, along[0] * head * 0.42
        corners = [
            tip,
            (base[0] + side[0], base[1] + side[1]),
            (base[0] - side[0], base[1] - side[1]),
        ]
        outline = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        self._inside.append(
            f'<path class="arrow" d="M{x:.1f} {y:.1f}L{base[0]:.1f} {base[1]:.1f}"/>'
            f'<polygon class="arrowhead" points="{outline}"/>'
        )

    def words(self, text: str, point: Point, style: str = "label", anchor: str = "middle") -> None:
        """Text at a point of the plane, on paper that lets little through."""
        x, y = self.at(point)
        wide = text_width(text, _LABEL) + 4
        left = x - {"start": 2.0, "middle": wide / 2, "end": wide - 2}[anchor]
        self._above.append(
            f'<rect class="back" x="{left:.1f}" y="{y - 12:.1f}" width="{wide:.1f}" height="16"/>'
            f"{text_element(text, x, y, style, anchor)}"
        )

    def note(self, text: str, line: int = 0, style: str = "name", title: str = "") -> None:
        """A line of text at the top; the whole of it, if it is shortened, as ``title``."""
        y = self._top - 12 + 16 * line
        self._above.append(text_element(text, self._left, y, style, title=title))

    def name_across(self, text: str) -> None:
        """What the horizontal axis counts."""
        power = self._powers[0]
        told = f"{text}  {power}" if power else text
        x, y = self._left + self._wide, self._top + self._high + 30
        self._above.append(text_element(told, x, y, "label", "end"))

    def name_up(self, text: str) -> None:
        """What the vertical axis counts, in its upper corner."""
        x, y = self._left + 10, self._top + 16
        told = " ".join(part for part in (text, self._powers[1]) if part)
        wide = text_width(told, _LABEL) + 8
        self._above.append(
            f'<rect class="back" x="{x - 4:.1f}" y="{y - 12:.1f}" width="{wide:.1f}" height="16"/>'
            f"{text_element(told, x, y, 'label')}"
        )

    # ------------------------------------------------------------ the picture

    @property
    def parts(self) -> list[str]:
        """Everything, to be put on a sheet."""
        view = f"{self._left:.1f} {self._top:.1f} {self._wide:.1f} {self._high:.1f}"
        x, y, width, height = view.split()
        # A picture in the picture cuts off at its edges, and needs no name to refer to.
        window = (
            f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{view}" '
            f'overflow="hidden">'
        )
        return [*self._behind, window, *self._inside, "</svg>", *self._above]

    def svg(self, styled: bool = True) -> str:
        """The picture, when it has no sheet to share."""
        return document((self.width, self.height), self.parts, title=self.title, styled=styled)

    # ------------------------------------------------------------ places

    def at(self, point: Point) -> Point:
        """Where a point of the plane is on the sheet."""
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return self._left + across * self._wide, self._top + self._high - up * self._high

    def shows(self, point: Point) -> bool:
        """Whether the point is in the window."""
        return self.x[0] <= point[0] <= self.x[1] and self.y[0] <= point[1] <= self.y[1]

    def has_room(self, point: Point, room: float = 22.0) -> bool:
        """Whether a few words fit at the point."""
        x, y = self.at(point)
        right, bottom = self._left + self._wide, self._top + self._high
        return self._left + room < x < right - room and self._top + room < y < bottom - room / 2

    def _path(self, points: Sequence[Point]) -> str:
        return "M" + "L".join(self._place(self._near(point)) for point in points)

    def _place(self, point: Point) -> str:
        x, y = self.at(point)
        return f"{x:.1f} {y:.1f}"

    def _near(self, point: Point) -> Point:
        """The point, brought back from far above or below, where no one sees it."""
        span = 100 * (self.y[1] - self.y[0])
        return point[0], min(max(point[1], self.y[0] - span), self.y[1] + span)

    # ------------------------------------------------------------ axes

    def _axes(self) -> None:
        left, right = self._left, self._left + self._wide
        top, bottom = self._top, self._top + self._high
        edge = right + _RIGHT
        for value, text in zip(self._ticks[0], self._texts[0], strict=True):
            x = self.at((value, 0.0))[0]
            style = "grid" if value else "zero"
            self._behind.append(f'<path class="{style}" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>')
            middle = min(x, edge - text_width(text, _LABEL) / 2)
            self._above.append(text_element(text, middle, bottom + 16, "label", "middle"))
        for value, text in zip(self._ticks[1], self._texts[1], strict=True):
            y = self.at((0.0, value))[1]
            style = "grid" if value else "zero"
            self._behind.append(f'<path class="{style}" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
            self._above.append(text_element(text, left - 7, y + 4, "label", "end"))
        frame = f"M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}"
        self._above.append(f'<path class="axis" d="{frame}"/>')
        if self._powers[1]:
            self.name_up("")


def room_for(y: Point, height: float) -> float:
    """The room for the texts beside the vertical axis of a canvas of this height."""
    return _room_beside(_ticks_of(y, height, _PER_TICK[1]))


def _ticks_of(span: Point, pixels: float, each: float) -> list[float]:
    return ticks(*span, max(round(pixels / each), 2))


def _room_beside(values: Sequence[float]) -> float:
    widest = max((text_width(text, _LABEL) for text in tick_texts(values)[0]), default=0.0)
    return max(widest + 14, _LEAST_LEFT)
