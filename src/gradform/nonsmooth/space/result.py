"""What people get: the subdifferential at a point of several variables, and convexity."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gradform.errors import CannotError
from gradform.formula.tree import Add, Neg
from gradform.language import Message, joined, phrase, say
from gradform.markup.rich import Rich
from gradform.nonsmooth.space.cells import Cells, TooMany, cells_of
from gradform.nonsmooth.space.changes import Array, Change, mapped
from gradform.nonsmooth.space.curvature import Analysis
from gradform.nonsmooth.space.disproof import SpaceWitness, search
from gradform.nonsmooth.space.domain import falls_vertically, leaves_a_ball, qualified
from gradform.nonsmooth.space.indicators import Outside
from gradform.nonsmooth.space.optimality import Optimality, optimality_of
from gradform.nonsmooth.space.question import SpaceQuestion
from gradform.nonsmooth.space.reading import NotSublinear, clarke_outer, read
from gradform.nonsmooth.space.selection import numpy_source
from gradform.notation.latex_symbols import text_latex
from gradform.notation.text import to_text
from gradform.records import record
from gradform.sets import Box, ConvexSet, Empty, Hull, Point, Scaled

__all__ = ["Clarke", "SpaceConvexity", "SpaceSubdifferential"]


class SpaceConvexity(Rich):
    """Whether a function of several variables is convex on its domain, with the proof.

    ``label``  convex, concave, affine (both), neither or undecided
    ``proof``  the rules used, one line each, or what was tried
    ``not_convex``, ``not_concave``  chords that show it, verified
    """

    _shown_by = ("gradform.nonsmooth.shown", "convexity_card")

    def __init__(self, question: SpaceQuestion) -> None:
        self._question = question

    @cached_property
    def _analysis(self) -> Analysis:
        return Analysis(self._question)

    @cached_property
    def _witnesses(self) -> dict[str, SpaceWitness]:
        """Against both; with both proved or one disproved only what is asked for."""
        found = search(self._question)
        if len(found) < 2 and not self._analysis.fact.is_known:
            found = {**search(self._question, more=True), **found}
        return found

    @cached_property
    def label(self) -> str:
        fact = self._analysis.fact
        if fact.is_affine:
            return "affine"
        if fact.is_known:
            return "convex" if fact.convex else "concave"
        return "neither" if len(self._witnesses) == 2 else "undecided"

    @cached_property
    def proof(self) -> tuple[str, ...]:
        lines = self._analysis.proof()
        if self.label == "affine":
            return (say("an affine function"),)
        if self.label in ("convex", "concave"):
            return tuple(lines)
        lines += [witness.text for witness in self._witnesses.values()]
        if self.label == "undecided":
            lines.append(
                say("tried: composition rules, quadratic forms, planes of kinks, random chords")
            )
        return tuple(lines)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Where the verdict holds, when a function is taken on part of where it has values."""
        return tuple(self._analysis.domains)

    @property
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The names in it with their axes."""
        return self._question.extents

    @property
    def latex(self) -> str:
        """The verdict for a paper."""
        return text_latex(str(self).partition("\n")[0])

    @property
    def not_convex(self) -> SpaceWitness | None:
        if self.label in ("convex", "affine"):
            return None
        return self._witnesses.get("convex")

    @property
    def not_concave(self) -> SpaceWitness | None:
        if self.label in ("concave", "affine"):
            return None
        return self._witnesses.get("concave")

    @property
    def witness(self) -> SpaceWitness | None:
        """Why it is not convex."""
        return self.not_convex

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "function": self._question.source,
            "label": self.label,
            "proof": list(self.proof),
            "conditions": list(self.conditions),
            "not_convex": _as_data(self.not_convex),
            "not_concave": _as_data(self.not_concave),
        }

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> Message:
        """The verdict and its proof."""
        verdict = _verdict(self._question.source, self.label)
        return joined([verdict, *(say("  {line}", line=line) for line in self.proof)], "\n")

    def __repr__(self) -> str:
        return f"<{self.label}>"


def _verdict(source: str, label: str) -> Message:
    return say("{source} is {label}", source=source, label=phrase(label))


def _as_data(witness: SpaceWitness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "y": witness.y.tolist(),
        "z": witness.z.tolist(),
        "f_y": witness.f_y,
        "f_z": witness.f_z,
        "f_mid": witness.f_mid,
        "verified": witness.verified,
    }


@record(eq=False)
class Clarke:
    """The Clarke subdifferential (EXACT) or a set that contains it (OUTER)."""

    set: ConvexSet
    status: str
    why: Message

    @property
    def text(self) -> str:
        return self.set.text


class SpaceSubdifferential(Rich):
    """The subgradients at a point as a convex set; or a refusal with its reason.

    ``status``  EXACT; OUTER (``set`` contains the subdifferential); INNER (``set`` lies in it:
                the sum rule's qualification is not decided); REFUSED (neither convex nor
                concave: see ``witness`` and ``clarke``); UNDECIDED (see ``proof``)
    ``sense``   "sub", "super" (f is concave: affine functions above) or None
    ``set``     of flat vectors, variables in order, matrices row by row; None when refused
    """

    _shown_by = ("gradform.nonsmooth.shown", "space_card")

    def __init__(self, question: SpaceQuestion, sense: str | None = None) -> None:
        self._question = question
        self._wanted = sense
        self.convexity = SpaceConvexity(question)
        self.set: ConvexSet | None = None
        self.status = "UNDECIDED"
        self._notes: list[Message] = []
        self._answer()

    # ------------------------------------------------------------ the answer

    def _answer(self) -> None:
        try:
            change = self._question.model.change
        except Outside as reason:
            self._outside(reason)
            return
        label = self.convexity.label
        if self.sense is None:
            self.status = "UNDECIDED" if label == "undecided" else "REFUSED"
            return
        dimension = self._question.dimension
        if change is None:
            self.set, self.status = Point(self._zeros()), "EXACT"
            return
        if self.sense == "super":
            change = mapped(np.array([[-1.0]]), change)
        found = qualified(change, dimension)
        self._notes += found.notes
        self.set, self.status = self._read(found.change)
        if self.set is not None and self.set.is_empty and not self._is_steep(found.change):
            self.set, self.status = None, "UNDECIDED"
            self._notes.append(say("the graph is vertical where no direction of the domain leads"))
        if self.set is not None and self.sense == "super":
            self.set = Scaled(-1, self.set).simplified()
        if found.holds is None and self.set is not None:
            self.status = "INNER"

    def _outside(self, reason: Outside) -> None:
        self._notes.append(say("{reason}, so there are no subgradients", reason=reason.message))
        self.set, self.status = Empty(self._question.dimension), "EXACT"

    def _zeros(self) -> Any:
        size = self._question.dimension
        return [0] * size if size <= 1000 else np.zeros(size)

    def _is_steep(self, change: Change) -> bool:
        return falls_vertically(change, self._question.dimension)

    def _read(self, change: Change) -> tuple[ConvexSet | None, str]:
        dimension = self._question.dimension
        try:
            return tidied(read(change, dimension)), "EXACT"
        except NotSublinear:
            self._notes.append(
                say("parts cancel: the set is the hull of the gradients on all cells")
            )
        try:
            return _hull(cells_of(change, dimension)), "EXACT"
        except TooMany:
            self._notes.append(say("the kinks are too many or curved: a set that contains it"))
        try:
            return clarke_outer(change, dimension), "OUTER"
        except NotSublinear:
            return None, "UNDECIDED"

    @property
    def sense(self) -> str | None:
        """Which inequality the subgradients satisfy."""
        label = self.convexity.label if self._known_outside is None else "convex"
        if label == "affine":
            return self._wanted or "sub"
        if label == "convex" and self._wanted in (None, "sub"):
            return "sub"
        if label == "concave" and self._wanted in (None, "super"):
            return "super"
        return None

    @cached_property
    def _known_outside(self) -> Outside | None:
        try:
            self._question.model  # noqa: B018  reads the formula, or raises
        except Outside as reason:
            return reason
        return None

    # ------------------------------------------------------------ questions about the set

    def _set(self) -> ConvexSet:
        if self.set is None:
            raise CannotError(
                say(
                    "{source} is {label}, so no subdifferential is given.",
                    source=self._question.source,
                    label=phrase(self.convexity.label),
                ),
                kind="not_convex",
                hint=say("See .witness for a chord that shows it, and .clarke for the Clarke set."),
            )
        return self.set

    def contains(self, g: npt.ArrayLike, tolerance: float = 1e-9) -> bool:
        """Whether g is a subgradient, up to a relative tolerance."""
        return self._set().contains(g, tolerance)

    @property
    def is_empty(self) -> bool:
        """Whether there is no subgradient at the point."""
        return self._set().is_empty

    @property
    def is_differentiable(self) -> bool:
        """Whether the set is a single vector."""
        return isinstance(self.set, Point)

    def support(self, d: npt.ArrayLike) -> float:
        """sup <g, d> over the set; for a convex f it is f'(x; d)."""
        return self._set().support(d)

    @cached_property
    def min_norm(self) -> Array | None:
        """The shortest subgradient; None for the empty set."""
        return self._set().min_norm

    def sample(self, n: int) -> Array:
        """Subgradients, one a row."""
        return self._set().sample(n)

    def directional_derivative(self, d: npt.ArrayLike) -> float:
        """f'(x; d), which exists whether f is convex or not; inf where d leaves the domain.

        Along the border of a ball, which curves away, it is inf; for semidefinite
        constraints it is the closure, σ(d), there.
        """
        if self._known_outside is not None:
            raise CannotError(self._known_outside.message, kind="outside_domain")
        change = self._question.model.change
        flat = np.asarray(d, dtype=np.float64).ravel()
        if change is None:
            return 0.0
        return np.inf if leaves_a_ball(change, flat) else float(change.at(flat)[0])

    # ------------------------------------------------------------ optimality

    @property
    def is_optimal(self) -> bool:
        """0 is a subgradient: a global minimum of a convex f, a maximum of a concave one."""
        return self.set is not None and self.optimality.is_optimal is True

    @cached_property
    def optimality(self) -> Optimality:
        """The certificate either way."""
        return self.optimality_within(self._question.ties.tolerance)

    def optimality_within(self, distance: float) -> Optimality:
        """The certificate that takes subgradients up to this length for 0."""
        return optimality_of(self._set(), self._terms(), self.sense or "sub", distance)

    def _terms(self) -> list[tuple[str, ConvexSet]]:
        """The set of each term of the formula, where they are all sets."""
        body = self._question.program.body
        terms, signs = (body.terms, body.signs) if isinstance(body, Add) else ((body,), (1,))
        found: list[tuple[str, ConvexSet]] = []
        turn = -1.0 if self.sense == "super" else 1.0
        for term, sign in zip(terms, signs, strict=True):
            change = self._question.reader.known[id(term)].change
            shown = to_text(term if sign > 0 else Neg(term))
            if change is None:
                continue
            if sign * turn < 0:
                change = mapped(np.array([[-1.0]]), change)
            try:
                s = read(change, self._question.dimension)
            except NotSublinear:
                return []
            found.append((shown, s if turn > 0 else Scaled(-1, s).simplified()))
        return found if self._qualified_plainly else []

    @property
    def _qualified_plainly(self) -> bool:
        return not any("do not meet" in note for note in self._notes)

    # ------------------------------------------------------------ where there is none

    @property
    def witness(self) -> SpaceWitness | None:
        """A chord that shows that f is not convex, or not concave if that was asked for."""
        if self.set is not None:
            return None
        wanted = self.convexity.not_concave if self._wanted == "super" else None
        return wanted or self.convexity.not_convex

    @cached_property
    def clarke(self) -> Clarke | None:
        """Limits of gradients nearby, convexified; None where there is no first-order model."""
        if self._known_outside is not None:
            return None
        change = self._question.model.change
        dimension = self._question.dimension
        if change is None:
            return Clarke(Point(self._zeros()), "EXACT", say("f is constant nearby"))
        if self.set is not None and self.status == "EXACT" and self.set.is_bounded:
            return Clarke(self.set, "EXACT", say("f is convex or concave"))
        try:
            cells = cells_of(change, dimension)
        except TooMany:
            return self._clarke_outer(change, dimension)
        why = say(
            "the hull of the gradients on {count} cells of directions", count=len(cells.gradients)
        )
        flat = self.convexity._analysis.is_piecewise_linear
        if flat or cells.is_generic:
            return Clarke(_hull(cells), "EXACT", why)
        outer = self._clarke_outer(change, dimension)
        return outer

    def _clarke_outer(self, change: Change, dimension: int) -> Clarke | None:
        try:
            found = clarke_outer(change, dimension)
        except NotSublinear:
            return None
        why = say("by Clarke's sum and chain rules, which are inclusions")
        return Clarke(found, "OUTER", why)

    # ------------------------------------------------------------ as text

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the answer rests on besides proof."""
        domains = () if self._known_outside else self.convexity.conditions
        return (*sorted(self._question.ties.assumed), *domains, *self._notes)

    @property
    def proof(self) -> tuple[str, ...]:
        """The rules used, one line each."""
        if self._known_outside is not None:
            return tuple(self._notes)
        verdict = _verdict(self._question.source, self.convexity.label)
        lines: list[str] = [verdict, *self.convexity.proof]
        if self.set is not None:
            lines.append(
                say("the set has the directional derivative f'(x; ·) for support function")
            )
        return (*lines, *self._notes)

    @property
    def text(self) -> str:
        """The set, or why there is none."""
        return say("no subdifferential") if self.set is None else self.set.text

    @property
    def unicode(self) -> str:
        """The same for a terminal."""
        return say("no subdifferential") if self.set is None else self.set.unicode

    @property
    def latex(self) -> str:
        if self.set is None:
            return rf"\text{{{say('no subdifferential')}}}"
        return self.set.latex

    @property
    def numpy_source(self) -> str:
        """A Python function that gives one subgradient at any point; its choice is documented."""
        return numpy_source(self._question)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        known = self.status not in ("REFUSED", "UNDECIDED")
        least = self.min_norm if known else None
        return {
            "function": self._question.source,
            "variables": [each.name for each in self._question.variables],
            "point": self._question.point.tolist(),
            "status": self.status,
            "sense": self.sense,
            "set": self.text if known else None,
            "min_norm": None if least is None else least.tolist(),
            "is_optimal": self.is_optimal if known else None,
            "clarke": None if known or self.clarke is None else self.clarke.text,
            "conditions": list(self.conditions),
            "convexity": self.convexity.to_dict(),
            "proof": list(self.proof),
        }

    @property
    def function(self) -> str:
        """The function, as it was typed."""
        return self._question.source

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        """The names in it with their axes."""
        return self._question.extents

    @property
    def dimension(self) -> int:
        """How many numbers the variables are."""
        return self._question.dimension

    def __str__(self) -> str:
        if self.set is not None:
            return self.text if self.status == "EXACT" else f"{phrase(self.status)}: {self.text}"
        return f"{phrase(self.status)}\n{self.convexity}"

    def __repr__(self) -> str:
        return f"<{self.status} {self.text}>"


_MOST_POINTS = 80


def _hull(cells: Cells) -> ConvexSet:
    """The hull of the gradients, without those inside."""
    points = [_tidy(row) for row in cells.gradients]
    if 2 < len(points) <= _MOST_POINTS:
        kept = list(points)
        for point in points:
            others = [other for other in kept if other is not point]
            if len(others) > 1 and Hull(np.array(others)).contains(point, 1e-10):
                kept = others
        points = kept
    return Hull(np.array(points)).simplified()


def tidied(s: ConvexSet) -> ConvexSet:
    """Numbers within rounding of short fractions are those fractions."""
    match s:
        case Point() if s.dim <= 1000:
            return Point(_tidy(s.v))
        case Box() if s.dim <= 1000:
            return Box(_tidy(s.lo), _tidy(s.hi))
        case Hull() if s.points.size <= 1000:
            return Hull(_tidy(s.points))
        case _:
            return s


def _tidy(values: Array) -> Array:
    with np.errstate(invalid="ignore"):
        near = np.rint(values * 360) / 360
        close = np.abs(values - near) <= 4e-16 * np.maximum(1.0, np.abs(values))
    return np.where(close, near, values) + 0.0
