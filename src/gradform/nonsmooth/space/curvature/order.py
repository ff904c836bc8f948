"""Functions that compare numbers: the largest, the smallest, the middle, clip."""

from __future__ import annotations

import numpy as np

from gradform.functions import Function
from gradform.language import say
from gradform.nonsmooth.space.curvature.compositions import of_entrywise, without_rule
from gradform.nonsmooth.space.facts import Fact
from gradform.nonsmooth.space.folded import Folded
from gradform.nonsmooth.space.model import Model
from gradform.records import replaced

__all__ = ["of_clip", "of_extreme", "of_median"]


def of_extreme(sign: int, facts: list[Fact], models: list[Model], dimension: int) -> Fact:
    """The largest, or with ``sign`` -1 the smallest, as minus the largest of the negatives."""
    turned = facts if sign > 0 else [fact.turned() for fact in facts]
    found = Fact(
        (max(fact.range[0] for fact in turned), max(fact.range[1] for fact in turned)),
        all(fact.convex for fact in turned),
        False,
        folded=_largest(turned, models, dimension, sign),
        rule=say("a {name} of such", name="max" if sign > 0 else "min"),
    )
    return found if sign > 0 else found.turned()


def of_clip(record: Function, facts: list[Fact], models: list[Model]) -> Fact:
    known = of_entrywise(record, facts, models)
    if known.is_known:
        return known
    _, low, high = facts
    bounds = (min(low.range[0], high.range[0]), high.range[1])
    return replaced(without_rule("clip"), range=bounds, ridge=known.ridge)


def of_median(fact: Fact) -> Fact:
    return Fact(fact.range, rule=say("an order statistic"))


def _largest(facts: list[Fact], models: list[Model], dimension: int, sign: int) -> Folded | None:
    """Of two numbers, or entry by entry of two arrays; ``sign`` is in the facts already."""
    if len(facts) == 1 and facts[0].folded is not None and models[0].size == 2:
        return facts[0].folded.row(0).larger(facts[0].folded.row(1))
    if len(facts) != 2 or not all(fact.folded is not None or fact.is_constant for fact in facts):
        return None
    left, right = (
        fact.folded or Folded.affine(np.zeros((model.size, dimension)), sign * model.flat)
        for fact, model in zip(facts, models, strict=True)
    )
    if left is None or right is None:
        return None
    size = max(model.size for model in models)
    return left.spread(size).larger(right.spread(size))
