"""Difference quotients on both sides of a point, nearer and nearer to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from gradform.derive.plotting.local import Local
from gradform.derive.plotting.subject import Subject
from gradform.derive.plotting.window import Span
from gradform.pictures.canvas import Point
from gradform.pictures.document import text_element
from gradform.pictures.scale import number_text

__all__ = ["Quotients"]

_ROWS, _CHORDS = 6, 3
_LINE = 20.0
_COLUMNS = (34.0, 210.0, 420.0)  # right ends
_FINEST = 2**-10
_SHORT = 5  # characters of a place that is written out in the head of the table


class Quotients:
    """(f(x+h) - f(x))/h for h = 1, 1/2, 1/4 …, and the same to the left."""

    def __init__(self, subject: Subject, local: Local, span: Span) -> None:
        self.subject, self.local = subject, local
        self._start = 2.0 ** round(math.log2((span[1] - span[0]) / 4))
        self._here = subject.value(local.x)

    @property
    def height(self) -> float:
        return _LINE * (_ROWS + 2) + (_LINE * 1.2 if self.local.sentence else 0)

    @property
    def steps(self) -> list[float]:
        return [self._start / 2**k for k in range(_ROWS)]

    @property
    def chords(self) -> Iterator[Point]:
        """Other ends of the first chords, on both sides."""
        for h in self.steps[:_CHORDS]:
            for x in (self.local.x - h, self.local.x + h):
                y = self.subject.value(x)
                if math.isfinite(y):
                    yield x, y

    def quotient(self, h: float) -> float:
        """To the right, or for h < 0 to the left."""
        return (self.subject.value(self.local.x + h) - self._here) / h

    def drawn(self, left: float, top: float) -> list[str]:
        """The table, and what it converges to."""
        short = len(self.local.place) <= _SHORT
        at = self.local.place if short else f"{self.subject.axes[0]}₀"
        rows = [("h", f"(f({at}+h) − f({at})) / h", f"(f({at}) − f({at}−h)) / h")]
        rows += [
            (_step(h), self._told(self.quotient(h)), self._told(self.quotient(-h)))
            for h in self.steps
        ]
        parts = [
            text_element(text, left + end, top + _LINE * k, "label" if not k else "name", "end")
            for k, row in enumerate(rows)
            for text, end in zip(row, _COLUMNS, strict=True)
        ]
        rule = f'<path class="grid" d="M{left:.1f} {top + 7:.1f}h{_COLUMNS[-1]:.0f}"/>'
        bottom = top + _LINE * len(rows)
        sentence = self.local.sentence
        if sentence:
            parts.append(text_element(sentence, left, bottom + _LINE * 1.2, "name"))
        return [rule, *parts, *self._limits(left, bottom)]

    def _limits(self, left: float, top: float) -> list[str]:
        before, behind, _ = self.local.told
        if self.local.kind == "unknown":
            return []
        cells = ("→ 0", f"→ {behind}" if behind else "—", f"→ {before}" if before else "—")
        return [
            text_element(text, left + end, top, "name slopename", "end")
            for text, end in zip(cells, _COLUMNS, strict=True)
        ]

    def _told(self, value: float) -> str:
        return number_text(value, 6) if math.isfinite(value) else "—"


def _step(h: float) -> str:
    return str(Fraction(h)) if h >= _FINEST else number_text(h)
