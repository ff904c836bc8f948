"""A function and its derivative on canvases, with what is known at a point and at kinks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gradform.derive.plotting.local import Local
from gradform.derive.plotting.slopes import Slope
from gradform.derive.plotting.subject import Subject
from gradform.pictures.canvas import Canvas, Point
from gradform.pictures.lines import half_line, line, wedge
from gradform.pictures.measure import shortened
from gradform.pictures.sampling import Trace

__all__ = ["draw_derivative", "draw_function"]

_RING = 3.5
_MOST_NAMED = 3
_BESIDE = 0.015  # between a set and its name, as part of the width


def draw_function(
    canvas: Canvas,
    subject: Subject,
    trace: Trace,
    focus: Local | None,
    chords: Iterable[Point],
) -> None:
    """The graph, and at the focus its lines and the chords from there."""
    _draw_breaks(canvas, trace.voids, trace.poles)
    if focus is not None:
        _draw_lines(canvas, (focus.x, subject.value(focus.x)), focus, chords)
    for stroke in trace.strokes:
        canvas.curve(stroke)
    for jump in trace.jumps:
        if jump.value is not None:
            canvas.dot((jump.x, jump.before), "hole", _RING)
            canvas.dot((jump.x, jump.behind), "hole", _RING)
            canvas.dot((jump.x, jump.value), "curvedot", _RING)
    for hole in trace.holes:
        canvas.dot(hole, "hole", _RING)
    if focus is not None:
        canvas.dot((focus.x, subject.value(focus.x)))
    _entitle(canvas, f"{subject.name} = {subject.formula}", "name curvename")
    canvas.name_across(subject.axes[0])


def draw_derivative(
    canvas: Canvas,
    slope: Slope,
    trace: Trace,
    voids: Sequence[Point],
    breaks: Collection[float],
    kinks: Sequence[Local],
    local: Local | None,
) -> None:
    """The derivative, with rings where there is none: at ``breaks`` of the function, and where
    it jumps itself; there, at kinks, with the set of the slopes of supporting lines."""
    _draw_breaks(canvas, voids, trace.poles)
    for stroke in trace.strokes:
        canvas.curve(stroke, "change")
    for jump in trace.jumps:
        if jump.before != jump.behind:
            canvas.dot((jump.x, jump.before), "changehole", _RING)
            canvas.dot((jump.x, jump.behind), "changehole", _RING)
    for x in sorted({*breaks} - {jump.x for jump in trace.jumps}):
        canvas.dot((x, slope.value(x)), "changehole", _RING)
    if slope.order == 1:
        for kink in kinks:
            _draw_set(canvas, kink, named=len(kinks) <= _MOST_NAMED)
        if local is not None and local.kind == "smooth" and local.left is not None:
            canvas.dot((local.x, local.left))
    _entitle(canvas, f"{slope.name} = {slope.formula}", "name changename")
    canvas.name_across(slope.subject.axes[0])


def _draw_breaks(canvas: Canvas, voids: Iterable[Point], poles: Iterable[float]) -> None:
    for low, high in voids:
        canvas.strip(low, high)
    for x in poles:
        canvas.upright(x, "pole")


def _draw_lines(canvas: Canvas, place: Point, focus: Local, chords: Iterable[Point]) -> None:
    """All supporting lines at a kink; elsewhere the chords, and the tangent or one for each
    side."""
    if focus.kind == "kink" and focus.low is not None and focus.high is not None:
        wedge(canvas, place, focus.low, focus.high)
        return
    for end in chords:
        canvas.curve([place, end], "secant")
        canvas.dot(end, "secantdot", 2.5)
    if focus.kind == "smooth" and focus.left is not None:
        line(canvas, place, focus.left)
        return
    for side, slope in ((-1, focus.left), (1, focus.right)):
        if slope is not None:
            half_line(canvas, place, slope, side)


def _draw_set(canvas: Canvas, kink: Local, named: bool) -> None:
    """The slopes of all supporting lines; those of a ray go on beyond the window."""
    if kink.low is None or kink.high is None:
        return
    low, high = max(kink.low, canvas.y[0]), min(kink.high, canvas.y[1])
    canvas.curve([(kink.x, low), (kink.x, high)], "range")
    if named:
        left, right = canvas.x
        before = kink.x - left > 0.65 * (right - left)
        aside = _BESIDE * (right - left) * (-1 if before else 1)
        canvas.words(
            f"∂f({kink.place}) = {kink.told[2]}",
            (kink.x + aside, (low + high) / 2),
            "label slopename",
            "end" if before else "start",
        )


def _entitle(canvas: Canvas, whole: str, style: str) -> None:
    text = shortened(whole, canvas.width - 70)
    canvas.note(text, style=style, title="" if text == whole else whole)
