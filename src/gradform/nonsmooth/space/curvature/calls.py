"""Function calls: which rule each function has."""

from __future__ import annotations

import numpy as np

from gradform.formula.tree import Call
from gradform.functions import lookup
from gradform.language import say
from gradform.nonsmooth.space.curvature.atoms import domains_of, of_atom
from gradform.nonsmooth.space.curvature.cases import of_cases
from gradform.nonsmooth.space.curvature.compositions import of_entrywise, without_rule
from gradform.nonsmooth.space.curvature.families import EXTREMES, FILLED, LINEAR
from gradform.nonsmooth.space.curvature.order import of_clip, of_extreme, of_median
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.curvature.sums import of_entry_sum
from gradform.nonsmooth.space.entries import is_entrywise
from gradform.nonsmooth.space.facts import EVERYTHING, Fact
from gradform.nonsmooth.space.squares import squares_of
from gradform.records import replaced

__all__ = ["of_call"]


def of_call(node: Call, parts: Parts) -> Fact:
    """A call of a function that has a record."""
    record = lookup(node.name)
    assert record is not None
    facts, models = parts.facts_in(node), parts.models_in(node)
    if record.name in EXTREMES:
        return of_extreme(EXTREMES[record.name], facts, models, parts.question.dimension)
    if record.name == "piecewise":
        return of_cases(node, facts, models, parts.question.point)
    if record.name == "clip":
        return of_clip(record, facts, models)
    if record.name == "median":
        return of_median(facts[0])
    if record.name == "sum" and models[0].size <= 4096:
        return of_entry_sum(node, facts[0], models[0])
    if record.elementwise or record.elementary or is_entrywise(record):
        return of_entrywise(record, facts, models)
    if record.name in FILLED:
        return replaced(facts[0], ridge=None, folded=None)
    is_affine = all(fact.is_affine for fact in facts)
    if record.name in LINEAR and sum(not fact.is_constant for fact in facts) == 1:
        return Fact(EVERYTHING, True, True, degree=1) if is_affine else without_rule(record.name)
    if squares_of(node, parts.reader) is not None and is_affine:
        return Fact((0.0, np.inf), True, False, degree=2, rule=say("a sum of squares"))
    parts.domains.update(dict.fromkeys(domains_of(record)))
    return of_atom(record, facts, models)
