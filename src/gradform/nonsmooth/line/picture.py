"""The graph of a function with all lines that support it at a point, or the chord that
shows that there are none."""

from __future__ import annotations

from gradform.exact import Real
from gradform.language import say
from gradform.nonsmooth.line.answer import LineSet
from gradform.nonsmooth.line.question import LineQuestion
from gradform.nonsmooth.line.values import value_at
from gradform.nonsmooth.line.witness import Witness
from gradform.pictures import Canvas

__all__ = ["picture"]

_STEPS = 240


def picture(
    question: LineQuestion, point: Real, found: LineSet | None, witness: Witness | None
) -> str:
    """The SVG: the wedge between the extreme supporting lines, dashed sides where the set is a
    ray, a note where it is empty, and a red chord where f is refused."""
    window = _window(question, point, witness)
    graph = _graph(question, *window)
    heights = [each[1] for each in graph if each is not None] or [0.0]
    low, high = min(heights), max(heights)
    room = 0.15 * (high - low) or 1.0
    title = say(
        "{source} at {variable} = {point}",
        source=question.source,
        variable=question.variable,
        point=point.text,
    )
    canvas = Canvas(window, (low - room, high + room), title)
    place = (float(point), float(value_at(question.curve, point)))
    if found is not None:
        _wedge(canvas, place, found)
    canvas.curve(graph)
    if witness is not None:
        ends = [(float(x), float(value_at(question.curve, x))) for x in (witness.x1, witness.x2)]
        canvas.curve(ends, "alarm")
        canvas.dot((float(witness.x), float(witness.value)), "alarmdot")
        canvas.note(say("no subdifferential: the graph crosses this chord"))
    canvas.dot(place)
    return canvas.svg()


def _window(question: LineQuestion, point: Real, witness: Witness | None) -> tuple[float, float]:
    """Around the point, with the witness in it, inside the domain."""
    centre = float(point)
    reach = 2.0
    if witness is not None:
        spread = max(abs(float(x) - centre) for x in (witness.x1, witness.x2))
        reach = min(max(1.3 * spread, 0.5), 50.0)
    low, high = float(question.domain.low), float(question.domain.high)
    left, right = max(centre - reach, low), min(centre + reach, high)
    return (left - 0.1 * reach, right + 0.1 * reach)


def _graph(question: LineQuestion, left: float, right: float) -> list[tuple[float, float] | None]:
    points: list[tuple[float, float] | None] = []
    for k in range(_STEPS + 1):
        x = left + (right - left) * k / _STEPS
        exact = Real.of(x)
        if not question.domain.contains(exact):
            points.append(None)
            continue
        try:
            points.append((x, float(value_at(question.curve, exact))))
        except (ValueError, ArithmeticError):
            points.append(None)
    return points


def _wedge(canvas: Canvas, place: tuple[float, float], found: LineSet) -> None:
    """Both extreme lines and what lies between them; a ray ends in a vertical line."""
    if found.low is None or found.high is None:
        canvas.note(say("no supporting line: the slope is infinite here"))
        return
    sides = [_direction(float(end)) for end in (found.low, found.high)]
    reach = 2 * (canvas.x[1] - canvas.x[0]) + 2 * (canvas.y[1] - canvas.y[0])
    ends = [
        [(place[0] + t * dx * reach, place[1] + t * dy * reach) for dx, dy in sides]
        for t in (-1, 1)
    ]
    if found.kind != "point":
        for pair in ends:
            canvas.area([place, *pair])
    for k, end in enumerate((found.low, found.high)):
        style = "slope" if end.is_finite else "slope open"
        canvas.curve([ends[0][k], ends[1][k]], style)


def _direction(slope: float) -> tuple[float, float]:
    """A step along a line of this slope; straight up or down for an infinite one."""
    if slope in (float("inf"), float("-inf")):
        return 0.0, 1.0 if slope > 0 else -1.0
    size = (1 + slope * slope) ** 0.5
    return 1 / size, slope / size
