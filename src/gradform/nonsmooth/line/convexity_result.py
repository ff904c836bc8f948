"""Whether a function of one variable is convex, as people get it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from gradform.exact import Real
from gradform.language import Message, joined, phrase, say
from gradform.nonsmooth.line.about import AboutLine
from gradform.nonsmooth.line.convexity import Convexity, convexity_of
from gradform.nonsmooth.line.witness import Witness
from gradform.notation.latex_symbols import text_latex

__all__ = ["LineConvexity"]


class LineConvexity(AboutLine):
    """Whether a function of one variable is convex on its domain, with the proof.

    ``label``      convex, concave, affine (both), neither or undecided
    ``proof``      facts that show it, one line each
    ``not_convex``, ``not_concave``  for ``neither``: x1, x2, weight, x, value and chord
    """

    _shown_by = ("gradform.nonsmooth.shown", "convexity_card")

    @cached_property
    def found(self) -> Convexity:
        """What was decided, on the curve itself."""
        return convexity_of(self._question.curve, self._question.domain)

    @property
    def label(self) -> str:
        return self.found.label

    @property
    def proof(self) -> tuple[str, ...]:
        return self.found.proof

    @property
    def domain(self) -> str:
        """The interval on which it was asked."""
        return str(self._question.domain)

    @property
    def latex(self) -> str:
        """The verdict for a paper."""
        return text_latex(str(self).partition("\n")[0])

    @property
    def not_convex(self) -> Witness | None:
        return self.found.not_convex

    @property
    def not_concave(self) -> Witness | None:
        return self.found.not_concave

    @property
    def witness(self) -> Witness | None:
        """Why it is not convex."""
        return self.found.not_convex

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, numbers as exact text."""
        return {
            "function": self._question.source,
            "domain": self.domain,
            "label": self.label,
            "proof": list(self.proof),
            "not_convex": _as_data(self.not_convex),
            "not_concave": _as_data(self.not_concave),
        }

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> Message:
        """The verdict, its proof and the chords against."""
        verdict = say(
            "{source} is {label} on {domain}",
            source=self._question.source,
            label=phrase(self.label),
            domain=self.domain,
        )
        lines = [verdict, *(say("  {line}", line=fact) for fact in self.proof)]
        if self.not_convex is not None:
            lines.append(_above(self.not_convex))
        if self.not_concave is not None:
            lines.append(_below(self.not_concave))
        return joined(lines, "\n")

    def __repr__(self) -> str:
        return f"<{self.label} on {self.domain}>"


def _above(witness: Witness) -> Message:
    return say(
        "  not convex: the graph at x = {x} lies above the chord from {left} to {right}: "
        "{value} against {chord}",
        **_numbers(witness),
    )


def _below(witness: Witness) -> Message:
    return say(
        "  not concave: the graph at x = {x} lies below the chord from {left} to {right}: "
        "{value} against {chord}",
        **_numbers(witness),
    )


def _numbers(witness: Witness) -> dict[str, str]:
    return {
        "x": witness.x.text,
        "left": witness.x1.text,
        "right": witness.x2.text,
        "value": _short(witness.value),
        "chord": _short(witness.chord),
    }


def _as_data(witness: Witness | None) -> dict[str, str] | None:
    if witness is None:
        return None
    facts = ("x1", "x2", "x", "value", "chord")
    numbers = {name: getattr(witness, name).text for name in facts}
    return {**numbers, "weight": str(witness.weight)}


def _short(value: Real) -> str:
    return value.text if len(value.text) <= 24 else f"{float(value):.12g}"
