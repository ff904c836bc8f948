"""The graph of a function with all lines that support it at a point, or the chord that
shows that there are none."""

from __future__ import annotations

import math

from gradform.exact import Real
from gradform.language import say
from gradform.nonsmooth.line.answer import LineSet
from gradform.nonsmooth.line.question import LineQuestion
from gradform.nonsmooth.line.values import value_at
from gradform.nonsmooth.line.witness import Witness
from gradform.pictures import Canvas
from gradform.pictures.lines import wedge
from gradform.pictures.sampling import traced

__all__ = ["picture"]


def picture(
    question: LineQuestion,
    point: Real,
    found: LineSet | None,
    witness: Witness | None,
    *,
    styled: bool = True,
) -> str:
    """The SVG: the wedge between the extreme supporting lines, dashed sides where the set is a
    ray, a note where it is empty, and a red chord where f is refused."""
    window = _window(question, point, witness)
    trace = traced(lambda x: _height(question, x), *window, [float(point)])
    low, high = trace.span
    room = 0.15 * (high - low) or 1.0
    title = f"{question.source} at {question.variable} = {point.text}"
    canvas = Canvas(window, (low - room, high + room), title)
    place = (float(point), float(value_at(question.curve, point)))
    if found is not None and found.low is not None and found.high is not None:
        wedge(canvas, place, float(found.low), float(found.high))
    elif found is not None:
        canvas.note(say("no supporting line: the slope is infinite here"))
    for stroke in trace.strokes:
        canvas.curve(stroke)
    if witness is not None:
        ends = [(float(x), float(value_at(question.curve, x))) for x in (witness.x1, witness.x2)]
        canvas.curve(ends, "alarm")
        canvas.dot((float(witness.x), float(witness.value)), "alarmdot")
        canvas.note(say("no subdifferential: the graph crosses this chord"))
    canvas.dot(place)
    canvas.name_across(question.variable)
    return canvas.svg(styled)


def _height(question: LineQuestion, x: float) -> float:
    """The value, NaN where there is none."""
    exact = Real.of(x)
    if not question.domain.contains(exact):
        return math.nan
    try:
        return float(value_at(question.curve, exact))
    except (ValueError, ArithmeticError):
        return math.nan


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
