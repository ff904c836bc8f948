"""Which engine answers: one variable that is a number, or several numbers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradform.errors import InputError
from gradform.exact import Real
from gradform.nonsmooth.line.answer import one_sided_at
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.line.question import (
    LineQuestion,
    free_names,
    parse_number,
    read_question,
)
from gradform.nonsmooth.line.result import (
    LineConvexity,
    LineSubdifferential,
    SubdifferentialMap,
)
from gradform.syntax.parser import parse_formula

__all__ = ["Asked", "OneSided", "convexity", "one_sided", "subdifferential"]

Domain = str | Interval | tuple[object, object]


class OneSided(NamedTuple):
    """The one-sided derivatives, exact; None beyond an end of the domain."""

    left: Real | None
    right: Real | None

    def __str__(self) -> str:
        sides = (("left", self.left), ("right", self.right))
        return ", ".join(
            f"{side}: {'none' if value is None else value.text}" for side, value in sides
        )


class Asked(NamedTuple):
    """What is asked of a formula, as people give it."""

    source: str
    wrt: str | Sequence[str] | None = None
    at: Mapping[str, Any] | Any = None
    domain: Mapping[str, Domain] | Domain | None = None
    params: Mapping[str, Any] | None = None
    shapes: Mapping[str, Sequence[Any]] | None = None
    sense: str | None = None

    def line(self) -> LineQuestion:
        """The question for one variable that is a number."""
        name = self.variable()
        domain = self.domain
        if isinstance(domain, Mapping):
            unknown = [key for key in domain if key != name]
            if unknown:
                raise InputError(
                    f"The variable is {name}; there is no domain of {unknown[0]}.",
                    kind="domain",
                )
            domain = domain.get(name)
        return read_question(self.source, name, domain, self.params)

    def variable(self) -> str:
        """The one variable."""
        if isinstance(self.wrt, str):
            return self.wrt
        if self.wrt is not None:
            return self.wrt[0]
        if isinstance(self.at, Mapping) and len(self.at) == 1:
            return str(next(iter(self.at)))
        names = [n for n in free_names(parse_formula(self.source)) if n not in (self.params or {})]
        if len(names) > 1:
            raise InputError(
                f"The formula has several variables: {', '.join(names)}.",
                kind="variable",
                hint="Say which one with wrt=, and give the others values with params=.",
            )
        return names[0] if names else "x"

    def point(self) -> Real:
        """The point, a number."""
        value = self.at
        if isinstance(value, Mapping):
            name = self.variable()
            if name not in value:
                raise InputError(f"The point gives no value of {name}.", kind="point")
            value = value[name]
        return parse_number(value)


def subdifferential(asked: Asked) -> LineSubdifferential | SubdifferentialMap:
    """The set at a point, or the whole map when no point is given."""
    question = asked.line()
    if asked.at is None:
        return SubdifferentialMap(question)
    return LineSubdifferential(question, asked.point(), asked.sense)


def one_sided(asked: Asked) -> OneSided:
    return OneSided(*one_sided_at(asked.line(), asked.point()))


def convexity(asked: Asked) -> LineConvexity:
    return LineConvexity(asked.line())
