"""The plot of a function of two numbers: lines of equal height with the gradient as arrows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import product

from gradform.derive.plotting.subject import Subject
from gradform.derive.plotting.window import Span, checked_span, square_of
from gradform.errors import InputError
from gradform.language import say
from gradform.pictures.canvas import Canvas, Point, room_for
from gradform.pictures.contours import Landscape, levels, lines_of
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

    # ------------------------------------------------------------ the picture

    def svg(self, *, styled: bool = True) -> str:
        x, y = self.spans
        left = room_for(y, _HEIGHT)
        # As many pixels for a unit across as down, if the spans are equally long.
        canvas = Canvas(x, y, "", _HEIGHT - 48 + left, _HEIGHT, left=left)
        self._draw_heights(canvas)
        if self.gradient is not None:
            self._draw_arrows(canvas, self.gradient)
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
        land = self._land
        everywhere = [c.point for ring in land.outlines(-math.inf) for c in ring]
        if len(land.finite) < (_SQUARES + 1) ** 2 and everywhere:
            canvas.strip(*self.spans[0])
            rings = [[c.point for c in ring] for ring in land.outlines(-math.inf)]
            canvas.area(*rings, style="paper")
        labels: list[Point] = []
        for level in levels(land.finite):
            outlines = land.outlines(level)
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

    def _draw_arrows(self, canvas: Canvas, gradient: Gradient) -> None:
        x, y = self.spans
        grid = [
            (x[0] + (x[1] - x[0]) * (i + 0.5) / _ARROWS, y[0] + (y[1] - y[0]) * (k + 0.5) / _ARROWS)
            for k, i in product(range(_ARROWS), repeat=2)
        ]
        found = {
            point: gradient(*point) for point in grid if math.isfinite(self.subject.value(*point))
        }
        sizes = {point: math.hypot(*each) for point, each in found.items()}
        ordered = sorted(size for size in sizes.values() if math.isfinite(size))
        if not ordered or not ordered[-1]:
            return
        steep = ordered[len(ordered) * 9 // 10] or ordered[-1]
        longest = _LONGEST * (_HEIGHT - 64) / _ARROWS
        for point, (a, b) in found.items():
            size = sizes[point]
            if math.isfinite(size) and size > _FLAT * steep:
                length = longest * min(math.sqrt(size / steep), 1.0)
                canvas.arrow(point, (a / size * length, -b / size * length))


def _pair(given: object) -> tuple[float, float]:
    try:
        x, y = map(float, given)  # type: ignore[call-overload]
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
