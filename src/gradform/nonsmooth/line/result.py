"""The subdifferential of a function of one variable at a point, as people get it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradform.errors import CannotError, InputError
from gradform.exact import INFINITY, Real, Undecided
from gradform.exact.assumed import noting_zeros
from gradform.language import phrase, say
from gradform.nonsmooth.line.about import AboutLine
from gradform.nonsmooth.line.answer import (
    LineSet,
    at_point,
    clarke_at,
    decided_map,
    one_sided_at,
    sense_of,
    supporting,
    supporting_slopes,
)
from gradform.nonsmooth.line.code import subgradient_source
from gradform.nonsmooth.line.convexity_result import LineConvexity
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.notations import (
    LATEX,
    TEXT,
    UNICODE,
    Words,
    number_latex,
    number_unicode,
    set_written,
)
from gradform.nonsmooth.line.picture import picture
from gradform.nonsmooth.line.question import LineQuestion, parse_number
from gradform.nonsmooth.line.signs import Unknown
from gradform.nonsmooth.line.witness import Witness

__all__ = ["LineSubdifferential"]


class LineSubdifferential(AboutLine):
    """The set of slopes of supporting lines at a point, exact; or a refusal with its reason.

    ``status``  EXACT, REFUSED (neither convex nor concave: see ``witness`` and ``clarke``) or
                UNDECIDED (see ``proof`` for what was tried)
    ``sense``   "sub" (the line stays below f), "super" (above, for concave f) or None
    ``kind``    point, interval, ray, line, empty or refuse
    ``bounds``  (low, high), exact numbers, infinite for rays; None when empty or refused
    ``left``, ``right``  the one-sided derivatives; None beyond an end of the domain
    """

    _shown_by = ("gradform.nonsmooth.shown", "line_card")

    def __init__(self, question: LineQuestion, point: Real, sense: str | None = None) -> None:
        super().__init__(question)
        self._wanted = sense
        self.point = point
        self.convexity = LineConvexity(question)
        self._found: LineSet | None = None
        self._reason: Exception | None = None
        self.left: Real | None = None
        self.right: Real | None = None
        with noting_zeros() as zeros:
            self._answer()
        self._assumed = tuple(zeros)

    def _answer(self) -> None:
        at_point(self._question, self.point)
        try:
            self.left, self.right = one_sided_at(self._question, self.point)
        except (Unresolved, Undecided) as error:
            self._reason = error
            return
        except ValueError as error:
            raise InputError(
                say(
                    "{source} has no value at {point}: {error}.",
                    source=self._question.source,
                    point=self.point.text,
                    error=error,
                ),
                kind="expr_undefined_on_domain",
            ) from None
        if self.sense is not None:
            self._found = supporting(self.left, self.right, self.sense)

    # ------------------------------------------------------------ the set

    @property
    def status(self) -> str:
        if self._found is not None:
            return "EXACT"
        return "REFUSED" if self.convexity.label == "neither" else "UNDECIDED"

    @property
    def sense(self) -> str | None:
        return sense_of(self.convexity.found, self._wanted)

    @property
    def kind(self) -> str:
        return "refuse" if self._found is None else self._found.kind

    @property
    def bounds(self) -> tuple[Real, Real] | None:
        if self._found is None or self._found.low is None or self._found.high is None:
            return None
        return self._found.low, self._found.high

    @property
    def is_empty(self) -> bool:
        """Whether no line supports the graph at the point."""
        return self._set().is_empty

    @property
    def is_differentiable(self) -> bool:
        """Whether the two one-sided derivatives exist and agree."""
        if self.left is None or self.right is None:
            return False
        return self.left.is_finite and self.left == self.right

    def _set(self) -> LineSet:
        if self._found is None:
            raise CannotError(
                say(
                    "{source} is {label} on {domain}, so it has no subdifferential.",
                    source=self._question.source,
                    label=phrase(self.convexity.label),
                    domain=self._question.domain,
                ),
                kind="not_convex",
                hint=say("See .witness for a chord that shows it, and .clarke for the Clarke set."),
            )
        return self._found

    def contains(self, slope: object) -> bool:
        """Whether a slope (a number or its exact text) is in the set."""
        return self._set().contains(parse_number(slope))

    def support(self, direction: object) -> Real:
        """sup of direction·slope over the set: f'(x; direction); -inf for the empty set."""
        along = parse_number(direction)
        if self.bounds is None:
            self._set()
            return -INFINITY
        if along.sign() == 0:
            return Real.of(0)
        end = self.bounds[1] if along.sign() > 0 else self.bounds[0]
        return along * end if end.is_finite else INFINITY

    @property
    def min_norm(self) -> Real | None:
        """The element nearest to 0; None for the empty set."""
        if self.bounds is None:
            self._set()
            return None
        low, high = self.bounds
        if low.sign() > 0:
            return low
        return high if high.sign() < 0 else Real.of(0)

    def sample(self, count: int) -> list[Real]:
        """Elements spread over the set, its finite ends among them."""
        if self.bounds is None:
            self._set()
            return []
        low, high = self.bounds
        if self.kind == "point":
            return [low] * count
        start = low if low.is_finite else (high - count if high.is_finite else Real.of(-count))
        stop = high if high.is_finite else (low + count if low.is_finite else Real.of(count))
        steps = max(count - 1, 1)
        return [start + (stop - start) * Fraction(k, steps) for k in range(count)]

    @property
    def is_optimal(self) -> bool:
        """0 is in the set: the point is a minimum of a convex f, a maximum of a concave one."""
        return self._found is not None and self._found.contains(Real.of(0))

    # ------------------------------------------------------------ where there is none

    @property
    def witness(self) -> Witness | None:
        """A chord that shows that f is not convex, when refused."""
        return self.convexity.not_convex if self._found is None else None

    @cached_property
    def clarke(self) -> tuple[Real, Real] | None:
        """The Clarke subdifferential [low, high]; None where f is not locally Lipschitz."""
        found = clarke_at(self._question, self.point)
        return (
            None
            if found is None or found.low is None or found.high is None
            else (
                found.low,
                found.high,
            )
        )

    @cached_property
    def global_slopes(self) -> tuple[Real, Real] | None:
        """[low, high]: the slopes of lines through the point that stay below the whole graph,
        also where f is not convex; None when there are none or they were not found."""
        if self._found is not None and self.sense == "sub":
            return self.bounds
        try:
            found = supporting_slopes(self._question, self.point)
        except (Unknown, Unresolved, Undecided, ValueError, OverflowError):
            return None
        return None if found.low is None or found.high is None else (found.low, found.high)

    # ------------------------------------------------------------ as text

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the answer rests on besides proof."""
        assumed = (
            say("{number} = 0, which 4096 bits confirm and no proof does", number=text)
            for text in self._assumed
        )
        return (say("on {domain}", domain=self._question.domain), *assumed)

    @property
    def proof(self) -> tuple[str, ...]:
        """The steps that show the answer."""
        variable, point = self._question.variable, self.point.text
        if self._reason is not None:
            return (say("the one-sided derivatives were not found: {reason}", reason=self._reason),)
        return (
            say(
                "{source} is {label}",
                source=self._question.source,
                label=phrase(self.convexity.label),
            ),
            *self.convexity.proof,
            say(
                "left derivative at {variable} = {point}: {slope}",
                variable=variable,
                point=point,
                slope=_or_none(self.left),
            ),
            say(
                "right derivative at {variable} = {point}: {slope}",
                variable=variable,
                point=point,
                slope=_or_none(self.right),
            ),
        )

    @property
    def text(self) -> str:
        """The set in the input language's numbers, or why there is none."""
        return self._told(lambda value: value.text, TEXT)

    @property
    def unicode(self) -> str:
        """The same for a terminal."""
        return self._told(number_unicode, UNICODE)

    @property
    def latex(self) -> str:
        return self._told(number_latex, LATEX)

    def _told(self, write: Callable[[Real], str], words: Words) -> str:
        if self._found is None:
            return say("no subdifferential")
        return set_written(self._found, write, words)

    @property
    def point_latex(self) -> str:
        """The point for a paper."""
        return number_latex(self.point)

    @property
    def numpy_source(self) -> str:
        """``subgradient(x)`` in Python: the derivative, at kinks the element nearest to 0."""
        self._set()
        sense = sense_of(self.convexity.found, None) or "sub"
        return subgradient_source(self._question, *decided_map(self._question, sense), sense)

    def svg(self, *, styled: bool = True) -> str:
        """The graph with the wedge of all supporting lines, or the chord that refutes them.

        Without its own rules, ``styled`` false, it suits pages that have ``pictures.RULES``.
        """
        return picture(self._question, self.point, self._found, self.witness, styled=styled)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, numbers as exact text."""
        return {
            "function": self._question.source,
            "variable": self._question.variable,
            "domain": str(self._question.domain),
            "point": self.point.text,
            "status": self.status,
            "sense": self.sense,
            "kind": self.kind,
            "bounds": None if self.bounds is None else [each.text for each in self.bounds],
            "left": None if self.left is None else self.left.text,
            "right": None if self.right is None else self.right.text,
            "is_optimal": self.is_optimal,
            "convexity": self.convexity.to_dict(),
            "clarke": None if self.clarke is None else [each.text for each in self.clarke],
            "proof": list(self.proof),
        }

    def __str__(self) -> str:
        if self._found is not None:
            return self.text
        return f"{phrase(self.status)}\n{self.convexity}"

    def __repr__(self) -> str:
        return f"<{self.status} {self.text}>"


def _or_none(value: Real | None) -> str:
    return say("beyond the domain") if value is None else value.text
