"""The subdifferential of a function of one variable everywhere, as people get it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gradform.errors import CannotError
from gradform.exact import Real
from gradform.formula.tree import Formula
from gradform.language import phrase, say
from gradform.nonsmooth.line.about import AboutLine
from gradform.nonsmooth.line.answer import (
    MapPiece,
    MapPoint,
    decided_map,
    sense_of,
)
from gradform.nonsmooth.line.code import subgradient_source
from gradform.nonsmooth.line.convexity_result import LineConvexity
from gradform.nonsmooth.line.notations import (
    LATEX,
    TEXT,
    UNICODE,
    Words,
    in_latex,
    in_unicode,
    number_latex,
    number_unicode,
    set_written,
)
from gradform.nonsmooth.line.question import LineQuestion, parse_number
from gradform.nonsmooth.line.result import LineSubdifferential
from gradform.nonsmooth.line.written import written
from gradform.notation.text import to_text

__all__ = ["SubdifferentialMap"]


class SubdifferentialMap(AboutLine):
    """The subdifferential of a function of one variable at every point of its domain.

    ``pieces``  (low, high, derivative): open intervals on which f is differentiable
    ``points``  (point, set): where the set is more, or less, than one number
    """

    _shown_by = ("gradform.nonsmooth.shown", "map_card")

    def __init__(self, question: LineQuestion) -> None:
        super().__init__(question)
        self.convexity = LineConvexity(question)
        verdict = self.convexity.found
        self.pieces: list[MapPiece] = []
        self.points: list[MapPoint] = []
        if verdict.is_convex or verdict.is_concave:
            self.pieces, self.points = decided_map(question, self.sense or "sub")

    @property
    def status(self) -> str:
        """EXACT, REFUSED or UNDECIDED, as at a point."""
        if self.convexity.label in ("neither", "undecided"):
            return "REFUSED" if self.convexity.label == "neither" else "UNDECIDED"
        return "EXACT"

    @property
    def sense(self) -> str | None:
        """'sub', 'super' or None, as at a point."""
        return sense_of(self.convexity.found, None)

    def derivative(self, piece: MapPiece) -> Formula:
        """The derivative on a piece, as a formula."""
        return written(piece.derivative, self._question.variable)

    @property
    def text(self) -> str:
        """A line for each piece and each point."""
        return self._told(to_text, lambda value: value.text, TEXT)

    @property
    def unicode(self) -> str:
        """The same for a terminal."""
        return self._told(in_unicode, number_unicode, UNICODE)

    @property
    def latex(self) -> str:
        shapes = self._question.numbers
        rows = self._rows(partial(in_latex, shapes=shapes), number_latex, LATEX)
        body = r" \\ ".join(f"{found} & {where}" for found, where in rows)
        return rf"\begin{{cases}} {body} \end{{cases}}"

    @property
    def proof(self) -> tuple[str, ...]:
        """The steps that show that the function is convex or concave."""
        return self.convexity.proof

    @property
    def numpy_source(self) -> str:
        """``subgradient(x)`` in Python: the derivative, at kinks the element nearest to 0."""
        if self.sense is None:
            raise CannotError(
                say(
                    "{source} is {label}, so it has no subgradients.",
                    source=self._question.source,
                    label=phrase(self.convexity.label),
                ),
                kind="not_convex",
            )
        return subgradient_source(self._question, self.pieces, self.points, self.sense)

    def _told(
        self, formula: Callable[[Formula], str], number: Callable[[Real], str], words: Words
    ) -> str:
        rows = self._rows(formula, number, words)
        return "\n".join(f"{found}{words.where}{place}" for found, place in rows)

    def _rows(
        self, formula: Callable[[Formula], str], number: Callable[[Real], str], words: Words
    ) -> list[tuple[str, str]]:
        """(set, where), from left to right."""
        left, right = words.braces
        name = self._question.variable
        rows = [
            (
                piece.low,
                1,
                f"{left}{formula(self.derivative(piece))}{right}",
                self._between(piece, number),
            )
            for piece in self.pieces
        ]
        rows += [
            (
                each.point,
                0,
                set_written(each.found, number, words),
                f"{name} = {number(each.point)}",
            )
            for each in self.points
        ]
        return [(found, place) for _, _, found, place in sorted(rows, key=lambda row: row[:2])]

    def _between(self, piece: MapPiece, number: Callable[[Real], str]) -> str:
        left = f"{number(piece.low)} < " if piece.low.is_finite else ""
        right = f" < {number(piece.high)}" if piece.high.is_finite else ""
        return f"{left}{self._question.variable}{right}"

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, numbers as exact text."""
        return {
            "function": self._question.source,
            "variable": self._question.variable,
            "domain": str(self._question.domain),
            "status": self.status,
            "sense": self.sense,
            "pieces": [
                {
                    "low": piece.low.text,
                    "high": piece.high.text,
                    "derivative": to_text(self.derivative(piece)),
                }
                for piece in self.pieces
            ],
            "points": [
                {
                    "at": each.point.text,
                    "kind": each.found.kind,
                    "set": set_written(each.found, lambda value: value.text, TEXT),
                }
                for each in self.points
            ],
            "convexity": self.convexity.to_dict(),
        }

    def at(self, point: object) -> LineSubdifferential:
        """The set at one point."""
        return LineSubdifferential(self._question, parse_number(point))

    def __str__(self) -> str:
        return self.text if self.status == "EXACT" else f"{phrase(self.status)}\n{self.convexity}"

    def __repr__(self) -> str:
        return f"<{self.status} {self.text}>".replace("\n", "; ")
