"""The plot of a function of one number: its graph, its derivative below, a point looked at."""

from __future__ import annotations

import math
from functools import cached_property

from gradform.derive.plotting.drawing import draw_derivative, draw_function
from gradform.derive.plotting.local import Local, kinks_of, local_at
from gradform.derive.plotting.slopes import Slope
from gradform.derive.plotting.subject import Subject
from gradform.derive.plotting.table import Quotients
from gradform.derive.plotting.window import Span, checked_span, span_of
from gradform.errors import InputError
from gradform.language import say
from gradform.pictures.canvas import Canvas, room_for
from gradform.pictures.document import Picture, document
from gradform.pictures.sampling import Trace, traced

__all__ = ["LinePlot"]

_WIDTH, _HIGH, _LOW = 560.0, 320.0, 230.0
_ROOM = 0.08  # above and below a graph, as part of its height
_MOST_KINKS = 40


class LinePlot(Picture):
    """The graph over an interval, and below it that of the derivative ``shown``.

    With ``at`` there are the difference quotients at that point, the slopes on both sides and
    the wedge of all supporting lines; without, that wedge at a kink if there is just one.
    ``first`` is the first derivative. InputError where there is nothing to see.
    """

    def __init__(
        self,
        subject: Subject,
        first: Slope | None,
        shown: Slope | None,
        at: object,
        over: object,
    ) -> None:
        self.subject, self.first, self.shown = subject, first, shown
        self.local = None if at is None else self._local(at)
        centre = None if self.local is None else self.local.x
        self.span: Span = span_of(subject.value, centre) if over is None else checked_span(over)
        if not self._trace.strokes:
            low, high = self.span
            raise InputError(
                say(
                    "{function} has no values between {low:g} and {high:g}.",
                    function=subject.name,
                    low=low,
                    high=high,
                ),
                kind="plot",
                hint=say("Give another interval: over=(-1, 1)."),
            )

    def _local(self, at: object) -> Local:
        found = local_at(self.subject, self.first, at)
        if not math.isfinite(self.subject.value(found.x)):
            raise InputError(
                say(
                    "{function} has no value at {axis} = {place}.",
                    function=self.subject.name,
                    axis=self.subject.axes[0],
                    place=found.place,
                ),
                kind="plot",
            )
        return found

    # ------------------------------------------------------------ what is seen

    @cached_property
    def _kinks(self) -> list[Local]:
        """Kinks of a convex or concave function, that at the point looked at among them."""
        found = self._kinks_in_span() if self._may_have_kinks else []
        if self.local is not None and self.local.kind == "kink":
            return [*(each for each in found if each.x != self.local.x), self.local]
        return found

    @property
    def _may_have_kinks(self) -> bool:
        """By the conditions of the derivative, or because it jumps."""
        if self.first is not None and self.first.has_kinks:
            return True
        return self._below is not None and bool(self._below[1].jumps)

    def _kinks_in_span(self) -> list[Local]:
        found = kinks_of(self.subject, *self.span)
        return found if len(found) <= _MOST_KINKS else []

    @property
    def _focus(self) -> Local | None:
        """The point whose lines are shown."""
        if self.local is None and len(self._kinks) == 1:
            return self._kinks[0]
        return self.local

    @cached_property
    def _places(self) -> list[float]:
        return [each.x for each in (*self._kinks, *([self.local] if self.local else []))]

    @cached_property
    def _trace(self) -> Trace:
        return traced(self.subject.value, *self.span, self._places)

    @cached_property
    def _below(self) -> tuple[Slope, Trace] | None:
        """The derivative, drawn where the function has values."""
        shown, value = self.shown, self.subject.value
        if shown is None:
            return None

        def defined(x: float) -> float:
            return shown.value(x) if math.isfinite(value(x)) else math.nan

        found = traced(defined, *self.span)
        return (shown, found) if found.strokes else None

    # ------------------------------------------------------------ the picture

    def svg(self, *, styled: bool = True) -> str:
        heights = [self._heights(), *([self._slopes(self._below[1])] if self._below else [])]
        sizes = (_HIGH, _LOW)[: len(heights)]
        left = max(room_for(y, size) for y, size in zip(heights, sizes, strict=True))
        upper = Canvas(self.span, heights[0], "", _WIDTH, _HIGH, left=left)
        chords = self._quotients.chords if self._quotients else []
        draw_function(upper, self.subject, self._trace, self._focus, chords)
        parts, height = upper.parts, _HIGH
        if self._below is not None:
            lower = Canvas(self.span, heights[1], "", _WIDTH, _LOW, (0.0, _HIGH), left)
            breaks = {jump.x for jump in self._trace.jumps}
            draw_derivative(lower, *self._below, self._trace.voids, breaks, self._kinks, self.local)
            parts, height = [*parts, *lower.parts], height + _LOW
        if self._quotients is not None:
            parts += self._quotients.drawn(left, height + 18)
            height += self._quotients.height + 22
        title, description = self._told()
        return document(
            (_WIDTH, height), parts, title=title, description=description, styled=styled
        )

    @property
    def _quotients(self) -> Quotients | None:
        if self.local is None:
            return None
        return Quotients(self.subject, self.local, self.span)

    def _told(self) -> tuple[str, str]:
        """Title and description, for those who do not see the picture."""
        shown, local = self.shown, self.local
        title = f"{self.subject.name} = {self.subject.formula}"
        facts = [] if shown is None else [f"{shown.name} = {shown.formula}"]
        return title, "; ".join([*facts, *([str(local.sentence)] if local else [])])

    def _heights(self) -> Span:
        low, high = self._trace.span
        if self.local is not None:
            y = self.subject.value(self.local.x)
            low, high = min(low, y), max(high, y)
        return _padded(low, high)

    def _slopes(self, trace: Trace) -> Span:
        ends = [slope for each in self._kinks for slope in (each.low, each.high)]
        finite = [slope for slope in ends if slope is not None and math.isfinite(slope)]
        return _padded(min([trace.span[0], *finite]), max([trace.span[1], *finite]))


def _padded(low: float, high: float) -> Span:
    room = _ROOM * (high - low) or abs(low) / 2 or 1.0
    return low - room, high + room
