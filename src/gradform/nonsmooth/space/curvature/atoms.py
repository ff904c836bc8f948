"""Functions of whole arrays: curvature and monotonicity as their records tell."""

from __future__ import annotations

import numpy as np

from gradform.functions import Function
from gradform.language import Message, phrase, say
from gradform.nonsmooth.space.atoms import NONNEGATIVE
from gradform.nonsmooth.space.curvature.arithmetic import sum_range
from gradform.nonsmooth.space.curvature.families import ALSO_CONVEX, INCREASING_ON_NONNEGATIVE
from gradform.nonsmooth.space.facts import EVERYTHING, Fact, Range
from gradform.nonsmooth.space.folded import Folded
from gradform.nonsmooth.space.model import Model

__all__ = ["domains_of", "of_atom"]


def of_atom(record: Function, facts: list[Fact], models: list[Model]) -> Fact:
    curvature = "convex" if record.name in ALSO_CONVEX else record.curvature
    bounds = _range_of(record.name, facts, models)
    if curvature is None:
        return Fact(bounds, rule=say("{name}: no curvature is known", name=record.name))
    return Fact(
        bounds,
        curvature in ("convex", "affine") and _all_fit(record, facts, turned=False),
        curvature in ("concave", "affine") and _all_fit(record, facts, turned=True),
        degree=facts[0].degree if curvature == "affine" else None,
        folded=_norm1_folded(facts[0], models[0]) if record.name == "norm1" else None,
        rule=say("{name} is {curvature}", name=record.name, curvature=phrase(curvature)),
    )


def domains_of(record: Function) -> list[Message]:
    """Where a function is meant that is convex only there."""
    return [
        say(
            "{name} is meant on arguments that are {structure}",
            name=record.name,
            structure=phrase(structure),
        )
        for structure in record.convex_on
        if structure is not None
    ]


def _all_fit(record: Function, facts: list[Fact], turned: bool) -> bool:
    return all(_fits(record, place, fact, turned) for place, fact in enumerate(facts))


def _fits(record: Function, place: int, fact: Fact, turned: bool) -> bool:
    """Whether an argument keeps a convex (``turned``: concave) function so."""
    if fact.is_affine:
        return True
    goes = record.monotone[place] if place < len(record.monotone) else None
    along, against = (fact.concave, fact.convex) if turned else (fact.convex, fact.concave)
    if goes == "increasing":
        return along
    if goes == "decreasing":
        return against
    if record.name in INCREASING_ON_NONNEGATIVE and place == 0 and not turned:
        return fact.suits_norms
    return False


def _norm1_folded(fact: Fact, model: Model) -> Folded | None:
    bent = fact.folded and fact.folded.bent([(0.0, -1.0, 1.0)], -1.0)
    return bent and bent.mapped(np.ones((1, model.size)))


def _range_of(name: str, facts: list[Fact], models: list[Model]) -> Range:
    if name in NONNEGATIVE:
        return (0.0, np.inf)
    if name in ("mean", "sum_largest", "tr", "sum") and facts:
        return sum_range(facts[0].range, 1 if name == "mean" else models[0].size)
    if name == "negentropy":
        return (-models[0].size * 0.37, np.inf)
    return EVERYTHING
