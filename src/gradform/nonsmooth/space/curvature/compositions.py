"""Functions of one variable, applied to every entry of a part."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradform.errors import GradformError
from gradform.exact import Real
from gradform.functions import Function
from gradform.language import phrase, say
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.space.curvature.arithmetic import all_of
from gradform.nonsmooth.space.curvature.ridges import pulled_back
from gradform.nonsmooth.space.entries import line_of
from gradform.nonsmooth.space.entrywise import Entrywise, entrywise_call, interval_of
from gradform.nonsmooth.space.facts import EVERYTHING, Fact, Range, Ridge, substituted
from gradform.nonsmooth.space.folded import Folded
from gradform.nonsmooth.space.model import Model
from gradform.records import replaced

__all__ = ["composed", "of_entrywise", "without_rule"]

_GOING = {
    1: say("increasing"),
    -1: say("decreasing"),
    0: say("constant"),
    None: say("not monotone"),
}


def of_entrywise(record: Function, facts: list[Fact], models: list[Model]) -> Fact:
    """A function of the record, in its only argument that varies."""
    try:
        line = line_of(record, models)
        if line is None:
            found = _differing(record, facts, models) or without_rule(record.name)
        else:
            found = composed(facts[line[0]], line[1], record.name)
    except GradformError as error:
        found = Fact(rule=say("{name}: {message}", name=record.name, message=error.message))
    return _with_logarithms(record, facts, found)


def without_rule(name: str) -> Fact:
    return Fact(rule=say("{name}: no rule", name=name))


def composed(inner: Fact, line: Entrywise, what: str) -> Fact:
    """A function of one variable of every entry, on the range of the argument."""
    interval = interval_of(*inner.range, line.domain)
    if interval is None:
        return Fact(rule=say("outside of its domain"))
    label = line.convexity(interval).label
    direction = line.direction(interval)
    shown = f"[{inner.range[0]:.4g}, {inner.range[1]:.4g}]"
    return Fact(
        _range(line, interval),
        *_curvature(label, direction, inner, line.domain),
        ridge=_ridge(inner, line),
        folded=_folded(inner, line),
        rule=say(
            "{what}: {label} and {going} on {range}",
            what=what,
            label=phrase(label),
            going=_GOING[direction],
            range=shown,
        ),
    )


def _curvature(
    label: str, direction: int | None, inner: Fact, domain: Interval
) -> tuple[bool, bool]:
    """Whether the composition is convex, and concave (Boyd & Vandenberghe, 3.2.4)."""
    # where the domain cuts, {g >= low} must be convex (g concave), {g <= high} too (g convex)
    is_low = not domain.low.is_finite or float(domain.low) <= inner.range[0]
    is_high = not domain.high.is_finite or float(domain.high) >= inner.range[1]
    bends_up, bends_down = inner.convex and is_low, inner.concave and is_high
    rises, falls = direction in (0, 1), direction in (0, -1)
    convex = label in ("convex", "affine") and (
        inner.is_affine or (rises and bends_up) or (falls and bends_down)
    )
    concave = label in ("concave", "affine") and (
        inner.is_affine or (rises and bends_down) or (falls and bends_up)
    )
    return convex, concave


def _range(line: Entrywise, interval: Interval) -> Range:
    try:
        return line.range(interval)
    except (GradformError, ValueError):
        return EVERYTHING


def _ridge(inner: Fact, line: Entrywise) -> Ridge | None:
    if inner.ridge is None:
        return None
    domain = pulled_back(inner.ridge, line.domain)
    if domain is None:
        return None
    curve = substituted(line.curve, inner.ridge.curve)
    return replaced(inner.ridge, curve=curve, domain=domain)


def _folded(inner: Fact, line: Entrywise) -> Folded | None:
    """When the function is linear between its kinks."""
    if inner.folded is None or line.domain.low.is_finite or line.domain.high.is_finite:
        return None
    try:
        slopes = line.slope_curves()
    except GradformError:
        return None
    if not all(curve.is_constant for curve in slopes):
        return None
    if not all(np.isfinite(left) and np.isfinite(right) for _, left, right in line.places):
        return None
    places = [(float(point), left, right) for point, left, right in line.places]
    return inner.folded.bent(places, float(slopes[0].value))


def _differing(record: Function, facts: list[Fact], models: list[Model]) -> Fact | None:
    """Another argument differs from entry to entry: what holds for all of its values."""
    varying = [k for k, fact in enumerate(facts) if not fact.is_constant]
    others = [k for k, fact in enumerate(facts) if fact.is_constant]
    if len(varying) != 1 or len(others) != 1:
        return None
    numbers = np.unique(np.asarray(models[others[0]].value))
    if numbers.size > 50:
        return None
    found = []
    for number in numbers.tolist():
        texts: list[str | None] = [None] * len(facts)
        texts[others[0]] = Real.of(Fraction(repr(number))).text
        line = entrywise_call(record.name, tuple(texts))
        fact = composed(facts[varying[0]], line, record.name)
        found.append(replaced(fact, ridge=None, folded=None))
    return all_of(found)


def _with_logarithms(record: Function, facts: list[Fact], found: Fact) -> Fact:
    """exp of what is convex is log-convex, and the logarithm of that is convex."""
    if record.name == "exp" and facts[0].convex:
        return replaced(found, log_convex=True)
    if record.name in ("log", "log1p") and facts[0].log_convex and not found.is_known:
        rule = say("{name} of a sum of exponentials of convex functions", name=record.name)
        return replaced(found, convex=True, rule=rule)
    return found
