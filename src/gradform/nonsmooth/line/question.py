"""A formula, a variable and a domain, read and checked: what every question starts from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gradform.errors import InputError
from gradform.exact import INFINITY, Real, Undecided
from gradform.formula.tree import Call, Formula, Name, Program, children
from gradform.functions import lookup
from gradform.language import joined, say
from gradform.nonsmooth.line.bounds import range_on
from gradform.nonsmooth.line.compile import CONSTANTS, Need, exact_number, read_curve
from gradform.nonsmooth.line.curve import Curve, sign
from gradform.nonsmooth.line.domain import LINE, Interval, checked
from gradform.nonsmooth.line.germ import Unresolved
from gradform.nonsmooth.line.pieces import pieces_of
from gradform.nonsmooth.line.roots import rational_between
from gradform.nonsmooth.line.signs import Unknown, effort
from gradform.nonsmooth.line.values import holds, value_at
from gradform.records import record
from gradform.syntax.parser import parse_formula

__all__ = ["LineQuestion", "parse_interval", "parse_number", "read_question"]

_STEPS = 60
# Of a sine that is 0 without end some zeros lie nearer than one of these.
_NEAR = (8, 64, 512, 4096)


@record
class LineQuestion:
    """A function of one variable on a domain where it is defined."""

    source: str
    variable: str
    curve: Curve
    domain: Interval

    @property
    def numbers(self) -> dict[str, tuple[int, ...]]:
        """Every name of the formula with its axes: none."""
        return dict.fromkeys(free_names(parse_formula(self.source)), ())


def parse_number(value: Any) -> Real:
    """A number or its exact text."""
    if isinstance(value, Real):
        return value
    if isinstance(value, str):
        return exact_number(value)
    if isinstance(value, int | float | Fraction):
        return _finite(value)
    try:
        return _finite(float(value))
    except (TypeError, ValueError):
        raise InputError(
            say("{text} is not a number.", text=repr(value)),
            kind="number",
            hint=say("Give a number, or its exact text such as '1/3' or 'sqrt(2)'."),
        ) from None


def _finite(value: int | float | Fraction) -> Real:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return INFINITY if value > 0 else -INFINITY
    if value != value:
        raise InputError(say("nan is not a number."), kind="number")
    return Real.of(value)


def parse_interval(text: str | Interval | tuple[object, object]) -> Interval:
    """``[0, 1)``, ``(-inf, inf)``, ``R``; a pair of numbers is closed where finite."""
    if isinstance(text, Interval):
        return checked(text)
    if isinstance(text, tuple):
        low, high = map(parse_number, text)
        return checked(Interval(low, high, low.is_finite, high.is_finite))
    inner = text.strip()
    if inner in ("R", "ℝ", ""):
        return LINE
    ends = _split_at_comma(inner[1:-1])
    if inner[0] not in "[(" or inner[-1] not in "])" or ends is None:
        raise InputError(
            say("'{text}' is not an interval.", text=text),
            kind="domain",
            hint=say("Write it as [0, 1], (0, inf) or (-inf, inf)."),
        )
    low, high = map(exact_number, ends)
    closed = (inner[0] == "[" and low.is_finite, inner[-1] == "]" and high.is_finite)
    return checked(Interval(low, high, *closed))


def _split_at_comma(text: str) -> tuple[str, str] | None:
    """The two parts at the one comma outside brackets."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            return text[:place], text[place + 1 :]
    return None


def read_question(
    source: str,
    variable: str | None = None,
    domain: str | Interval | tuple[object, object] | None = None,
    params: Mapping[str, object] | None = None,
) -> LineQuestion:
    """The question read; without a domain, the largest interval on which f is defined."""
    program = parse_formula(source)
    values = {name: parse_number(value) for name, value in (params or {}).items()}
    name = variable or _only_name(program, values)
    read = read_curve(program, name, values)
    if domain is None:
        return LineQuestion(source, name, read.curve, _natural_domain(read.needs))
    interval = parse_interval(domain)
    for need in read.needs:
        _require(need, interval)
    return LineQuestion(source, name, read.curve, interval)


def _only_name(program: Program, values: Mapping[str, Real]) -> str:
    names = [name for name in free_names(program) if name not in values]
    if len(names) > 1:
        raise InputError(
            say("The formula has several variables: {names}.", names=joined(names)),
            kind="variable",
            hint=say("Say which one with wrt=, and give the others values with params=."),
        )
    return names[0] if names else "x"


def free_names(program: Program, indexed: bool = False) -> list[str]:
    """The names that stand for variables, in the order of the text; with ``indexed`` also
    those of x(1) that are no functions."""
    found: dict[str, None] = {}
    defined = {definition.name for definition in program.definitions}
    stack: list[Formula] = [program.body, *(d.value for d in reversed(program.definitions))]
    while stack:
        node = stack.pop()
        stack.extend(reversed(children(node)))
        if isinstance(node, Name) or (
            indexed and isinstance(node, Call) and lookup(node.name) is None
        ):
            found[node.name] = None
    return [name for name in found if name not in defined and name not in CONSTANTS]


# ---------------------------------------------------------------- where it is defined


def _is_met_by_range(need: Need, domain: Interval) -> bool:
    """Whether the range of the curve alone shows it; at closed ends by continuity."""
    found = range_on(need.curve, domain.low, domain.high)
    open_domain = not (domain.low_closed or domain.high_closed)
    if need.relation in (">", "!=") and found.sign == 1:
        return open_domain or found.low > 0
    if need.relation == "!=" and found.sign == -1:
        return open_domain or found.high < 0
    return need.relation == ">=" and bool(found.low >= 0)


def _require(need: Need, domain: Interval) -> None:
    """Raises InputError with a point of the domain where the need is not met."""
    if _is_met_by_range(need, domain):
        return
    point = _first_violation(need, domain)
    if point is not None:
        raise InputError(
            say(
                "The function is not defined on all of {domain}: {what} at {point} has no value.",
                domain=domain,
                what=need.what,
                point=point.text,
            ),
            kind="expr_undefined_on_domain",
            hint=say("Give a smaller domain."),
        )


def _first_violation(need: Need, domain: Interval) -> Real | None:
    """A point of the domain where the need is not met; of what has zeros without end, as the
    sine, one near 0. None also where that is not known."""
    try:
        with effort(_STEPS):
            return _violation(need, domain)
    except (Unknown, Unresolved, Undecided, OverflowError):
        pass  # what is not found below is found, if it is so, where the curve is looked at
    for bound in _NEAR:
        part = _within(domain, Real.of(bound))
        with suppress(Unknown, Unresolved, Undecided, OverflowError), effort(_STEPS):
            point = None if part.is_empty else _violation(need, part)
            if point is not None:
                return point
    return None


def _within(domain: Interval, bound: Real) -> Interval:
    """The part of a domain from -bound to bound."""
    below, above = domain.low < -bound, domain.high > bound
    return Interval(
        -bound if below else domain.low,
        bound if above else domain.high,
        not below and domain.low_closed,
        not above and domain.high_closed,
    )


def _violation(need: Need, domain: Interval) -> Real | None:
    for point in _test_points(need, domain):
        if all(_holds(relation, guard, point) for relation, guard in need.guards) and not _holds(
            need.relation, need.curve, point
        ):
            return point
    return None


def _holds(relation: str, curve: Curve, point: Real) -> bool:
    try:
        return holds(relation, value_at(curve, point).sign(numerical=True))
    except ValueError:
        return True  # what is undefined here is another need


def _test_points(need: Need, domain: Interval) -> list[Real]:
    """All roots of what is compared, the closed ends, and a point of each gap between."""
    if domain.is_point:
        return [domain.low]
    cuts: list[Real] = []
    for curve in (need.curve, *(guard for _, guard in need.guards)):
        cuts += pieces_of(sign(curve), domain.low, domain.high).points
    cuts = sorted(set(cuts))
    ends = [domain.low, *cuts, domain.high]
    inside = [Real.of(rational_between(a, b)) for a, b in pairwise(ends)]
    closed = [
        end
        for end, is_closed in ((domain.low, domain.low_closed), (domain.high, domain.high_closed))
        if is_closed
    ]
    return [*closed, *inside, *cuts]


def _natural_domain(needs: tuple[Need, ...]) -> Interval:
    """The interval where all needs without a guard are met."""
    found = LINE
    for need in needs:
        found = _met(need, found)
    for need in needs:
        _require(need, found)
    return found


def _met(need: Need, domain: Interval) -> Interval:
    if need.guards or _is_met_by_range(need, domain):
        return domain
    try:
        with effort(_STEPS):
            cuts = pieces_of(sign(need.curve), domain.low, domain.high).points
    except (Unknown, Unresolved, Undecided, OverflowError):
        return domain
    ends = [domain.low, *cuts, domain.high]
    closed = [domain.low_closed, *[holds(need.relation, 0)] * len(cuts), domain.high_closed]
    kept = [
        k
        for k in range(len(ends) - 1)
        if _holds(need.relation, need.curve, Real.of(rational_between(ends[k], ends[k + 1])))
    ]
    joined = [k for k in kept[1:] if k - 1 in kept and closed[k]]
    if len(kept) - len(joined) != 1:
        raise InputError(
            say("The function is defined on several intervals, because of {what}.", what=need.what),
            kind="domain",
            hint=say("Say which one is meant: domain='(0, inf)'."),
        )
    first, last = kept[0], kept[-1] + 1
    return Interval(ends[first], ends[last], closed[first], closed[last])
