"""The plot of a function of two numbers: lines of equal height with the gradient as arrows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import product
from typing import Any

from gradform.derive.plotting.subject import Subject
from gradform.derive.plotting.window import Span, checked_span, square_of
from gradform.errors import InputError
from gradform.language import say
from gradform.pictures.canvas import Canvas, Point, room_for
from gradform.pictures.contours import Crossing, Landscape, levels, lines_of
from gradform.pictures.document import Picture, document, text_element
from gradform.pictures.measure import shortened
from gradform.pictures.scale import number_text

__all__ = ["Gradient", "PlanePlot"]

Gradient = Callable[[float, float], tuple[float, float]]

_WIDTH, _HEIGHT = 560.0, 540.0
_SQUARES, _ARROWS = 33, 12
_LONGEST = 0.9  # of the distance between arrows
_FLAT = 1e-6  # of the steepest slope: no arrow
_PLACES = (0.5, 0.25, 0.75, 0.1, 0.9)  # along a line, for its height


class PlanePlot(Picture):
    """Contours over two spans, and at each point of a grid the direction of the gradient.

    The length of an arrow grows as the square root of that of the gradient, so that gentle
    slopes are seen beside steep ones. With ``at`` the gradient at that point.
    """

    def __init__(
        self, subject: Subject, gradient: Gradient | None, told: str, at: object, over: object
    ) -> None:
        self.subject, self.gradient, self.formula = subject, gradient, told
        self.at = None if at is None else _pair(at)
        if over is None:
            self.spans = square_of(subject.value, self.at)
        else:
            self.spans = _spans(over)
        if not self._land.finite:
            raise InputError(
                say("{function} has no values in the part that is plotted.", function=subject.name),
                kind="plot",
                hint=say("Give another part: over=((-1, 1), (0, 2))."),
            )

    @cached_property
    def _land(self) -> Landscape:
        return Landscape(self.subject.value, *self.spans, _SQUARES)

    @cached_property
    def _domain(self) -> list[list[Point]]:
        """Outlines of where there are heights; none if that is everywhere."""
        if len(self._land.finite) == (_SQUARES + 1) ** 2:
            return []
        return [[c.point for c in ring] for ring in self._land.outlines(-math.inf)]

    @cached_property
    def _heights(self) -> list[tuple[float, list[list[Crossing]]]]:
        """Each level with its outlines."""
        return [(level, self._land.outlines(level)) for level in levels(self._land.finite)]

    @cached_property
    def _slopes(self) -> dict[Point, Point]:
        """The gradient at points of a grid in the domain."""
        if self.gradient is None:
            return {}
        (left, right), (low, high) = self.spans
        places = [(k + 0.5) / _ARROWS for k in range(_ARROWS)]
        grid = [
            (left + (right - left) * across, low + (high - low) * up)
            for up, across in product(places, repeat=2)
        ]
        inside = [point for point in grid if math.isfinite(self.subject.value(*point))]
        return {point: self.gradient(*point) for point in inside}

    # ------------------------------------------------------------ the picture

    def svg(self, *, styled: bool = True) -> str:
        x, y = self.spans
        left = room_for(y, _HEIGHT)
        # As many pixels for a unit across as down, if the spans are equally long.
        canvas = Canvas(x, y, "", _HEIGHT - 48 + left, _HEIGHT, left=left)
        self._draw_heights(canvas)
        self._draw_arrows(canvas)
        if self.at is not None:
            canvas.dot(self.at)
        text = shortened(f"{self.subject.name} = {self.subject.formula}", _WIDTH - 70)
        canvas.note(text, style="name curvename")
        canvas.name_across(self.subject.axes[0])
        canvas.name_up(self.subject.axes[1])
        parts, height = canvas.parts, _HEIGHT
        for line in self._captions:
            parts.append(text_element(shortened(line, _WIDTH - 40), left, height + 12, "label"))
            height += 18
        title = f"{self.subject.name} = {self.subject.formula}"
        return document(
            (canvas.width, height + 8), parts, title=title, description=self.formula, styled=styled
        )

    @property
    def _captions(self) -> list[str]:
        if self.gradient is None:
            return []
        found = [str(say("arrows: the gradient, {gradient}", gradient=self.formula))]
        if self.at is not None:
            values = ", ".join(map(number_text, self.gradient(*self.at)))
            place = ", ".join(map(number_text, self.at))
            found.append(f"∇f({place}) = ({values})")
        return found

    def _draw_heights(self, canvas: Canvas) -> None:
        if self._domain:
            canvas.strip(*self.spans[0])
            canvas.area(*self._domain, style="paper")
        labels: list[Point] = []
        for level, outlines in self._heights:
            canvas.area(*([c.point for c in ring] for ring in outlines), style="tint")
            lines = [each for ring in outlines for each in lines_of(ring)]
            for each in lines:
                canvas.curve(each, "contour")
            self._label(canvas, number_text(level, 3), lines, labels)

    def _label(
        self, canvas: Canvas, text: str, lines: Sequence[Sequence[Point]], taken: list[Point]
    ) -> None:
        """The height on its longest line, where there is room."""
        for each in sorted(lines, key=len, reverse=True)[:2]:
            for place in _PLACES:
                point = each[int(place * (len(each) - 1))]
                x, y = canvas.at(point)
                if canvas.has_room(point) and all(
                    abs(x - a) > 46 or abs(y - b) > 22 for a, b in taken
                ):
                    canvas.words(text, point)
                    taken.append((x, y))
                    return

    def _draw_arrows(self, canvas: Canvas) -> None:
        steep = _steep([math.hypot(*each) for each in self._slopes.values()])
        longest = _LONGEST * (_HEIGHT - 64) / _ARROWS
        for point, (across, up) in self._slopes.items():
            size = math.hypot(across, up)
            if math.isfinite(size) and size > _FLAT * steep:
                length = longest * min(math.sqrt(size / steep), 1.0)
                canvas.arrow(point, (across / size * length, -up / size * length))


def _steep(sizes: Sequence[float]) -> float:
    """The length of a gradient that nine of ten don't exceed; infinite where all are flat."""
    ordered = sorted(size for size in sizes if math.isfinite(size))
    return (ordered and (ordered[len(ordered) * 9 // 10] or ordered[-1])) or math.inf


def _pair(given: Any) -> tuple[float, float]:
    try:
        x, y = map(float, given)
    except (TypeError, ValueError):
        raise InputError(
            say("'{given}' is no point of the plane.", given=given),
            kind="plot",
            hint=say("Give two numbers: at=(1, 2)."),
        ) from None
    return x, y


def _spans(over: object) -> tuple[Span, Span]:
    """One for both axes, or one for each."""
    if isinstance(over, Sequence) and len(over) == 2 and not all(map(_is_number, over)):
        return checked_span(over[0]), checked_span(over[1])
    span = checked_span(over)
    return span, span


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
