"""Sums: of terms, which are decided together where each alone is not, and of entries."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradform.formula.tree import Add, Call, Formula
from gradform.language import joined, say
from gradform.nonsmooth.line.curve import add
from gradform.nonsmooth.space.arithmetic import scaled
from gradform.nonsmooth.space.curvature.arithmetic import added, sum_range
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.curvature.quadratic_forms import of_quadratic
from gradform.nonsmooth.space.curvature.ridges import one_form
from gradform.nonsmooth.space.curvature.strengthening import strengthened
from gradform.nonsmooth.space.facts import Fact, Ridge
from gradform.nonsmooth.space.model import Model
from gradform.records import replaced

__all__ = ["of_entry_sum", "of_sum"]


def of_sum(node: Add, parts: Parts) -> Fact:
    facts = [parts.fact(term) for term in node.terms]
    signed = [f if s > 0 else f.turned() for f, s in zip(facts, node.signs, strict=True)]
    found = added(signed)
    if found.ridge is None and not found.is_affine:
        found = replaced(found, ridge=_ridge(node, signed, parts))
    if found.is_known:
        return replaced(found, rule=say("a sum of such"))
    groups = _grouped(node, signed, parts)
    together = added(groups)
    rules = joined(dict.fromkeys(g.rule for g in groups if g.rule), "; ")
    rule = say("terms taken together: {rules}", rules=rules)
    return replaced(found, convex=together.convex, concave=together.concave, rule=rule)


def of_entry_sum(node: Call, fact: Fact, model: Model) -> Fact:
    """The sum of all entries, or of those along an axis."""
    folded = None
    if fact.folded is not None and len(node.args) == 1 and len(fact.folded.linear) == model.size:
        folded = fact.folded.mapped(np.ones((1, model.size)))
    return Fact(
        sum_range(fact.range, model.size),
        fact.convex,
        fact.concave,
        degree=fact.degree,
        folded=folded,
        log_convex=fact.log_convex,
        rule=say("a sum of such entries"),
    )


def _ridge(node: Add, signed: list[Fact], parts: Parts) -> Ridge | None:
    """Terms of one linear form, with constants among them."""
    models = [
        scaled(Fraction(sign), parts.model(term))
        for term, sign in zip(node.terms, node.signs, strict=True)
    ]
    form = one_form(list(zip(signed, models, strict=True)))
    if form is None:
        return None
    first, curves, domain = form
    return Ridge(first.key, first.direction, add(*curves), domain)


def _grouped(node: Add, signed: list[Fact], parts: Parts) -> list[Fact]:
    """Terms of one linear form together, and quadratic ones."""
    rest: list[Fact] = []
    ridges: dict[bytes, list[Fact]] = {}
    quadratic: list[tuple[Formula, int, Fact]] = []
    crossed = any(f.degree == 2 and f.ridge is None and not f.is_affine for f in signed)
    for term, sign, fact in zip(node.terms, node.signs, signed, strict=True):
        if fact.is_affine:
            rest.append(fact)
        elif fact.ridge is not None and not (crossed and fact.degree == 2):
            ridges.setdefault(fact.ridge.key, []).append(fact)
        elif fact.degree == 2 and parts.model(term).size == 1:
            quadratic.append((term, sign, fact))
        else:
            rest.append(fact)
    for group in ridges.values():
        together = added(group)
        if not together.is_known:
            together = strengthened(node, replaced(together, folded=None), parts)
        rest.append(together)
    if quadratic:
        rest.append(_quadratic(quadratic, not ridges, parts))
    return rest


def _quadratic(terms: list[tuple[Formula, int, Fact]], alone: bool, parts: Parts) -> Fact:
    """``alone``: without curves of linear forms beside them; then rules may do."""
    nodes, signs, facts = (list(column) for column in zip(*terms, strict=True))
    if alone and all(fact.is_known for fact in facts):
        known = added(facts)
        if known.is_known:
            return known
    return of_quadratic(nodes, signs, facts, parts)
