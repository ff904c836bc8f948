"""Decisions by the form of a part, where the rules have none."""

from __future__ import annotations

from gradform.errors import GradformError
from gradform.formula.tree import Add, Call, Formula, Mul, Name, Neg, Stack, Transpose
from gradform.functions import lookup
from gradform.language import say
from gradform.nonsmooth.line.domain import LINE
from gradform.nonsmooth.space.curvature.affine import of_affine
from gradform.nonsmooth.space.curvature.families import FILLED, LINEAR, LINEAR_PIECES
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.entries import is_entrywise, line_of
from gradform.nonsmooth.space.entrywise import Entrywise
from gradform.nonsmooth.space.facts import Fact
from gradform.nonsmooth.space.folded import absolute_sum
from gradform.nonsmooth.space.squares import hidden_norm
from gradform.records import replaced

__all__ = ["strengthened"]


def strengthened(node: Formula, fact: Fact, parts: Parts) -> Fact:
    """What the form adds to the fact that rules found; affine models as such."""
    if fact.is_constant:
        return fact
    if not fact.linear_pieces and (fact.is_affine or _keeps_pieces(node, parts)):
        fact = replaced(fact, linear_pieces=True)
    if fact.is_affine:
        return _as_affine(node, fact, parts)
    if fact.is_known:
        return fact
    return _by_line(fact) or _by_planes(fact) or fact


def _as_affine(node: Formula, fact: Fact, parts: Parts) -> Fact:
    model = parts.model_if_read(node)
    if model is None or model.change is None or fact.ridge is not None:
        return fact
    return replaced(of_affine(model, parts.question.point), range=fact.range)


def _by_line(fact: Fact) -> Fact | None:
    """A function of one linear form, by the one-variable engine."""
    if fact.ridge is None:
        return None
    line = Entrywise(fact.ridge.curve, fact.ridge.domain)
    label = line.convexity(fact.ridge.domain).label
    if label not in ("convex", "concave", "affine"):
        return None
    return replaced(
        fact,
        convex=label != "concave",
        concave=label != "convex",
        rule=say("a function of one linear form, by its second derivative"),
    )


def _by_planes(fact: Fact) -> Fact | None:
    """A sum of absolute values of affine functions."""
    if fact.folded is None or len(fact.folded.linear) != 1:
        return None
    weights = [weight for _, weight in absolute_sum(fact.folded)]
    return replaced(
        fact,
        convex=all(w >= 0 for w in weights),
        concave=all(w <= 0 for w in weights),
        rule=say("the slopes across each plane of kinks, added up, never fall")
        if all(w >= 0 for w in weights)
        else fact.rule,
    )


def _keeps_pieces(node: Formula, parts: Parts) -> bool:
    """Whether a part is piecewise linear, when its parts are."""
    if hidden_norm(node, parts.reader) is not None:
        return False
    facts = parts.facts_in(node)
    if not all(fact.linear_pieces for fact in facts):
        return False
    varying = [k for k, fact in enumerate(facts) if not fact.is_constant]
    match node:
        case Name():
            return parts.named[node.name].linear_pieces if node.name in parts.named else True
        case Neg() | Add() | Transpose() | Stack():
            return True
        case Mul():
            return varying in ([], [0]) or (
                len(varying) == 1 and node.ops[varying[0]] not in ("/", "./")
            )
        case Call():
            if node.name in parts.named:
                return parts.named[node.name].linear_pieces
            if node.name in FILLED:
                return True
            if node.name in LINEAR:
                return len(varying) <= 1
            return node.name in LINEAR_PIECES or _has_linear_pieces(node, parts)
    return False


def _has_linear_pieces(node: Call, parts: Parts) -> bool:
    """Of a function of entries: linear between its kinks."""
    record = lookup(node.name)
    if record is None or not (record.elementwise or is_entrywise(record)):
        return False
    try:
        found = line_of(record, parts.models_in(node))
        if found is None or found[1].domain != LINE:
            return False
        return all(curve.is_constant for curve in found[1].slope_curves())
    except GradformError:
        return False
