"""Powers: of entries with a constant exponent, reciprocals, roots of sums of squares."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradform.exact import INFINITY, Real
from gradform.formula.tree import Power
from gradform.language import say
from gradform.nonsmooth.line.curve import X, power
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.space.curvature.compositions import composed
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.entrywise import Entrywise, entrywise_power
from gradform.nonsmooth.space.facts import Fact, fixed
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.squares import Hidden
from gradform.records import replaced

__all__ = ["of_hidden_norm", "of_power", "reciprocal"]


def of_power(node: Power, parts: Parts) -> Fact:
    base = parts.fact(node.base)
    model = parts.model(node.exponent)
    exact = model.exact.fractions() if model.exact is not None else None
    if not parts.fact(node.exponent).is_constant or model.size != 1 or exact is None:
        return Fact()
    if parts.model(node.base).size > 1 and not node.elementwise:
        return Fact()
    degree = 2 if exact[0] == 2 and base.is_affine else None
    return replaced(_raised(base, exact[0], say("a power")), degree=degree)


def of_hidden_norm(hidden: Hidden, parts: Parts) -> Fact:
    """norm2(bases)^exponent"""
    norm = _norm([parts.fact(square.base) for square in hidden.squares])
    return norm if hidden.exponent == 1 else _raised(norm, hidden.exponent, say("a power"))


def reciprocal(fact: Fact, model: Model) -> Fact:
    """1/u"""
    if fact.is_constant:
        with np.errstate(divide="ignore"):
            return fixed(1.0 / np.asarray(model.value))
    return _raised(fact, Fraction(-1), say("a reciprocal"))


def _norm(bases: list[Fact]) -> Fact:
    if all(base.is_affine for base in bases):
        return Fact((0.0, np.inf), True, False, rule=say("a norm of affine functions"))
    nonnegative = all(base.suits_norms for base in bases)
    return Fact((0.0, np.inf), nonnegative, False, rule=say("a norm of convex functions >= 0"))


def _raised(base: Fact, exponent: Fraction, what: str) -> Fact:
    """A power; whole negative ones only where the base keeps its sign."""
    low, high = base.range
    if exponent.denominator == 1 and exponent < 0 and low < 0:
        if high > 0:
            return Fact(rule=say("{what} of what changes its sign", what=what))
        line = Entrywise(power(X, exponent), Interval(-INFINITY, Real.of(0)))
        return composed(base, line, what)
    return composed(base, entrywise_power(exponent), what)
