"""Which engine answers: one variable that is a number, or several numbers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gradform.errors import CannotError, InputError
from gradform.exact import Real, Undecided
from gradform.language import joined, say
from gradform.nonsmooth.extents import extents_of
from gradform.nonsmooth.line.answer import one_sided_at
from gradform.nonsmooth.line.convexity_result import LineConvexity
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.map_result import SubdifferentialMap
from gradform.nonsmooth.line.question import (
    LineQuestion,
    free_names,
    parse_number,
    read_question,
)
from gradform.nonsmooth.line.result import LineSubdifferential
from gradform.nonsmooth.space.question import SpaceQuestion, space_question
from gradform.nonsmooth.space.result import SpaceConvexity, SpaceSubdifferential
from gradform.syntax.parser import parse_formula

__all__ = ["Asked", "OneSided", "convexity", "one_sided", "subdifferential"]

Domain = str | Interval | tuple[object, object]


class OneSided(NamedTuple):
    """The one-sided derivatives, exact; None beyond an end of the domain."""

    left: Real | None
    right: Real | None

    def __str__(self) -> str:
        left, right = (
            say("none") if value is None else value.text for value in (self.left, self.right)
        )
        return say("left: {left}, right: {right}", left=left, right=right).told()


class Asked(NamedTuple):
    """What is asked of a formula, as people give it."""

    source: str
    wrt: str | Sequence[str] | None = None
    at: Mapping[str, Any] | Any = None
    domain: Mapping[str, Domain] | Domain | None = None
    params: Mapping[str, Any] | None = None
    shapes: Mapping[str, Sequence[Any]] | None = None
    sense: str | None = None
    assume: Mapping[str, Any] | None = None

    @property
    def is_line(self) -> bool:
        """Whether all is about one variable that is a number."""
        points = self._values().values() if isinstance(self.at, Mapping) else [self.at]
        given = [*points, *(self.params or {}).values()]
        if any(not _is_number(value) for value in given):
            return False
        if any(len(tuple(shape)) for shape in (self.shapes or {}).values()):
            return False
        if self.wrt is not None:
            return isinstance(self.wrt, str) or len(self.wrt) == 1
        return len(self._values()) <= 1 and (bool(self._values()) or len(self._free()) <= 1)

    def _values(self) -> Mapping[str, Any]:
        return self.at if isinstance(self.at, Mapping) else {}

    def _free(self) -> list[str]:
        known = {*(self.params or {})}
        return [name for name in free_names(parse_formula(self.source)) if name not in known]

    def _indexed(self) -> list[str]:
        known = {*(self.params or {})}
        names = free_names(parse_formula(self.source), indexed=True)
        return [name for name in names if name not in known] or ["x"]

    def space(self) -> SpaceQuestion:
        """The question for several numbers at once."""
        if self.domain is not None:
            raise InputError(
                say("A domain is only meant for one variable that is a number."),
                kind="domain",
                hint=say("Add an indicator function instead, such as ind_box(x, 0, 1)."),
            )
        at = self.at
        if not isinstance(at, Mapping):
            name = self.wrt if isinstance(self.wrt, str) else (self.wrt or self._indexed())[0]
            at = _anywhere(self, name) if at is None else {name: at}
        shapes = extents_of({**(self.params or {}), **at}, self.shapes or {})
        return space_question(self.source, self.wrt, at, self.params, shapes or None, self.assume)

    def line(self) -> LineQuestion:
        """The question for one variable that is a number."""
        name = self.variable()
        domain = self.domain
        if isinstance(domain, Mapping):
            unknown = [key for key in domain if key != name]
            if unknown:
                raise InputError(
                    say(
                        "The variable is {name}; there is no domain of {other}.",
                        name=name,
                        other=unknown[0],
                    ),
                    kind="domain",
                )
            domain = domain.get(name)
        others = {key: value for key, value in self._values().items() if key != name}
        return read_question(self.source, name, domain, {**(self.params or {}), **others})

    def variable(self) -> str:
        """The one variable."""
        if isinstance(self.wrt, str):
            return self.wrt
        if self.wrt is not None:
            return self.wrt[0]
        if isinstance(self.at, Mapping) and len(self.at) == 1:
            return str(next(iter(self.at)))
        names = self._free()
        if len(names) > 1:
            raise InputError(
                say("The formula has several variables: {names}.", names=joined(names)),
                kind="variable",
                hint=say("Say which one with wrt=, and give the others values with params=."),
            )
        return names[0] if names else "x"

    def point(self) -> Real:
        """The point, a number."""
        value = self.at
        if isinstance(value, Mapping):
            name = self.variable()
            if name not in value:
                raise InputError(
                    say("The point gives no value of {name}.", name=name), kind="point"
                )
            value = value[name]
        return parse_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, str | int | float | Fraction | Real) or np.ndim(value) == 0


_SIZE = 3


def _anywhere(asked: Asked, name: str) -> dict[str, Any]:
    """Some point with positive entries, definite where a square matrix is wanted: for questions
    whose answer does not depend on the point."""
    names = [name] if isinstance(asked.wrt, str) else list(asked.wrt or asked._indexed())
    point = {}
    for each in names:
        shape = (asked.shapes or {}).get(each, ())
        extent = tuple(size if isinstance(size, int) else _SIZE for size in shape)
        ramp = 1 + np.arange(float(np.prod(extent, dtype=int))).reshape(extent) / 8
        square = len(extent) == 2 and extent[0] == extent[1]
        point[each] = ramp + ramp.T + 8 * np.eye(extent[0]) if square else ramp
    return point


def subdifferential(
    asked: Asked,
) -> LineSubdifferential | SubdifferentialMap | SpaceSubdifferential:
    """The set at a point, or the whole map when no point is given."""
    if not asked.is_line:
        if asked.at is None:
            raise InputError(
                say("A function of several variables is asked about at a point."),
                kind="point",
                hint=say("Give it: at={{'x': [1, 0]}}"),
            )
        return SpaceSubdifferential(asked.space(), asked.sense)
    question = asked.line()
    if asked.at is None:
        return SubdifferentialMap(question)
    return LineSubdifferential(question, asked.point(), asked.sense)


def one_sided(asked: Asked) -> OneSided:
    """Both one-sided derivatives at a point."""
    try:
        return OneSided(*one_sided_at(asked.line(), asked.point()))
    except (Unresolved, Undecided) as error:
        raise CannotError(
            say("A one-sided derivative was not found: {error}.", error=error), kind="undecided"
        ) from None


def convexity(asked: Asked) -> LineConvexity | SpaceConvexity:
    """The label with its proof."""
    return LineConvexity(asked.line()) if asked.is_line else SpaceConvexity(asked.space())
