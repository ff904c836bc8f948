"""Arithmetic of ranges and facts: sums, products, and what holds for several parts."""

from __future__ import annotations

from gradform.nonsmooth.line.curve import add
from gradform.nonsmooth.space.curvature.ridges import both_ridges
from gradform.nonsmooth.space.facts import Fact, Range, Ridge
from gradform.nonsmooth.space.folded import Folded

__all__ = ["added", "all_of", "product_range", "sum_range"]


def product_range(left: Range, right: Range) -> Range:
    ends = [0.0 if a == 0 or b == 0 else a * b for a in left for b in right]
    return min(ends), max(ends)


def sum_range(bounds: Range, count: int) -> Range:
    """Of a sum of at most ``count`` entries, and at least one."""
    low, high = bounds
    return count * low if low < 0 else low, count * high if high > 0 else high


def added(facts: list[Fact]) -> Fact:
    """Of the sum."""
    return Fact(
        (sum(fact.range[0] for fact in facts), sum(fact.range[1] for fact in facts)),
        all(fact.convex for fact in facts),
        all(fact.concave for fact in facts),
        all(fact.is_constant for fact in facts),
        _largest_degree(facts),
        _added_ridges(facts),
        _added_folded([fact for fact in facts if not fact.is_constant]),
        log_convex=all(fact.log_convex for fact in facts),
    )


def all_of(facts: list[Fact]) -> Fact:
    """What holds for all of them."""
    return Fact(
        (min(fact.range[0] for fact in facts), max(fact.range[1] for fact in facts)),
        all(fact.convex for fact in facts),
        all(fact.concave for fact in facts),
        all(fact.is_constant for fact in facts),
        _largest_degree(facts),
        linear_pieces=all(fact.linear_pieces for fact in facts),
        upward=all(fact.suits_norms for fact in facts),
        rule=facts[0].rule,
    )


def _largest_degree(facts: list[Fact]) -> int | None:
    degrees = [fact.degree for fact in facts if fact.degree is not None]
    return max(degrees) if len(degrees) == len(facts) else None


def _added_ridges(facts: list[Fact]) -> Ridge | None:
    """Without constants, whose entries may differ."""
    if any(fact.is_constant for fact in facts):
        return None
    ridge = facts[0].ridge
    for fact in facts[1:]:
        ridge = both_ridges(ridge, fact.ridge, add)
    return ridge


def _added_folded(moving: list[Fact]) -> Folded | None:
    if not moving:
        return None
    folded = moving[0].folded
    for fact in moving[1:]:
        folded = folded and fact.folded and folded.plus(fact.folded)
    return folded
