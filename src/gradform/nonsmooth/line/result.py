"""What people get: the subdifferential at a point, the whole map, convexity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, NamedTuple

from gradform.errors import CannotError, InputError
from gradform.exact import INFINITY, Real, Undecided
from gradform.exact.assumed import noting_zeros
from gradform.formula.tree import Formula
from gradform.language import Message, joined, phrase, say
from gradform.markup.rich import Rich
from gradform.nonsmooth.line.answer import (
    LineSet,
    MapPiece,
    MapPoint,
    at_point,
    clarke_at,
    one_sided_at,
    sense_of,
    supporting,
    supporting_slopes,
    whole_map,
)
from gradform.nonsmooth.line.code import subgradient_source
from gradform.nonsmooth.line.convexity import Convexity, convexity_of
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.picture import picture
from gradform.nonsmooth.line.question import LineQuestion, parse_number
from gradform.nonsmooth.line.signs import Unknown
from gradform.nonsmooth.line.witness import Witness
from gradform.nonsmooth.line.written import number_written, written
from gradform.notation.latex import to_latex
from gradform.notation.latex_symbols import text_latex
from gradform.notation.spelled import spell_latex, spell_unicode
from gradform.notation.text import to_text
from gradform.notation.unicode import to_unicode

__all__ = ["LineConvexity", "LineSubdifferential", "SubdifferentialMap"]


class LineConvexity(Rich):
    """Whether a function of one variable is convex on its domain, with the proof.

    ``label``      convex, concave, affine (both), neither or undecided
    ``proof``      facts that show it, one line each
    ``not_convex``, ``not_concave``  for ``neither``: x1, x2, weight, x, value and chord
    """

    _shown_by = ("gradform.nonsmooth.shown", "convexity_card")

    def __init__(self, question: LineQuestion) -> None:
        self._question = question

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
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The numbers in it, which have no axes."""
        return self._question.numbers

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


class LineSubdifferential(Rich):
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
        self._question = question
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
        return self._told(_number_unicode, UNICODE)

    @property
    def latex(self) -> str:
        return self._told(_number_latex, LATEX)

    def _told(self, write: Callable[[Real], str], words: Words) -> str:
        if self._found is None:
            return say("no subdifferential")
        return set_written(self._found, write, words)

    @property
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The numbers in it, which have no axes."""
        return self._question.numbers

    @property
    def point_latex(self) -> str:
        """The point for a paper."""
        return _number_latex(self.point)

    @property
    def numpy_source(self) -> str:
        """``subgradient(x)`` in Python: the derivative, at kinks the element nearest to 0."""
        self._set()
        return SubdifferentialMap(self._question).numpy_source

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


class Words(NamedTuple):
    """The signs of one notation."""

    empty: str
    line: str
    infinity: str
    braces: tuple[str, str]
    where: str


TEXT = Words("{}", "(-inf, inf)", "inf", ("{", "}"), " for ")
UNICODE = Words("∅", "ℝ", "∞", ("{", "}"), " for ")
LATEX = Words(r"\emptyset", r"\mathbb{R}", r"\infty", (r"\{", r"\}"), r" \quad ")


def _in_unicode(formula: Formula) -> str:
    return to_unicode(formula, spell=spell_unicode)


def _in_latex(formula: Formula, shapes: Mapping[str, Sequence[int]] | None = None) -> str:
    return to_latex(formula, spell=spell_latex, shapes=shapes)


def _number_unicode(value: Real) -> str:
    return _in_unicode(number_written(value))


def _number_latex(value: Real) -> str:
    return _in_latex(number_written(value))


def set_written(found: LineSet, write: Callable[[Real], str], words: Words) -> str:
    """``[-1, 1]``, ``{2}``, ``(-inf, 3]``, ``{}``"""
    if found.low is None or found.high is None:
        return words.empty
    if found.kind == "line":
        return words.line
    if found.kind == "point":
        return f"{words.braces[0]}{write(found.low)}{words.braces[1]}"
    left = f"[{write(found.low)}" if found.low.is_finite else f"(-{words.infinity}"
    right = f"{write(found.high)}]" if found.high.is_finite else f"{words.infinity})"
    return f"{left}, {right}"


class SubdifferentialMap(Rich):
    """The subdifferential of a function of one variable at every point of its domain.

    ``pieces``  (low, high, derivative): open intervals on which f is differentiable
    ``points``  (point, set): where the set is more, or less, than one number
    """

    _shown_by = ("gradform.nonsmooth.shown", "map_card")

    def __init__(self, question: LineQuestion) -> None:
        self._question = question
        self.convexity = LineConvexity(question)
        verdict = self.convexity.found
        self.pieces: list[MapPiece] = []
        self.points: list[MapPoint] = []
        if verdict.is_convex or verdict.is_concave:
            try:
                self.pieces, self.points = whole_map(question, self.sense or "sub")
            except (Undecided, Unresolved) as error:
                raise CannotError(say("{error}", error=error), kind="undecided") from None

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
        return self._told(_in_unicode, _number_unicode, UNICODE)

    @property
    def latex(self) -> str:
        shapes = self._question.numbers
        rows = self._rows(partial(_in_latex, shapes=shapes), _number_latex, LATEX)
        body = r" \\ ".join(f"{found} & {where}" for found, where in rows)
        return rf"\begin{{cases}} {body} \end{{cases}}"

    @property
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variable(self) -> str:
        """Its variable."""
        return self._question.variable

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The numbers in it, which have no axes."""
        return self._question.numbers

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
