"""Functions by cases: curves of one linear form, when all tests and values are."""

from __future__ import annotations

from fractions import Fraction

from gradform.formula.tree import Call, Compare
from gradform.language import say
from gradform.nonsmooth.line.curve import add, where
from gradform.nonsmooth.space.arithmetic import scaled, total_of
from gradform.nonsmooth.space.changes import Array
from gradform.nonsmooth.space.curvature.affine import of_affine
from gradform.nonsmooth.space.curvature.ridges import one_form
from gradform.nonsmooth.space.facts import Fact, Ridge
from gradform.nonsmooth.space.model import Model
from gradform.records import replaced

__all__ = ["of_cases"]


def of_cases(node: Call, facts: list[Fact], models: list[Model], point: Array) -> Fact:
    """piecewise(left ~ right, value, …, last value)"""
    found = Fact(rule=say("a function by cases"))
    if any(model.size > 1 for model in models):
        return found
    pairs: list[tuple[Fact, Model]] = []
    for k in range(0, len(facts) - 1, 3):  # left, right, value, …, and the last value
        pairs += [_difference(facts[k : k + 2], models[k : k + 2], point)]
        pairs += [(facts[k + 2], models[k + 2])]
    pairs += [(facts[-1], models[-1])]
    form = one_form(pairs)
    if form is None:
        return found
    first, curves, domain = form
    relations = tuple(test.operator for test in node.args if isinstance(test, Compare))
    return replaced(
        found, ridge=Ridge(first.key, first.direction, where(relations, *curves), domain)
    )


def _difference(facts: list[Fact], models: list[Model], point: Array) -> tuple[Fact, Model]:
    """left - right, whose sign is tested."""
    left, right = facts
    negative = scaled(Fraction(-1), models[1])
    model = total_of([models[0], negative])
    if left.is_affine and right.is_affine and not (left.is_constant and right.is_constant):
        return of_affine(model, point), model
    form = one_form([(left, models[0]), (right.turned(), negative)])
    if form is None:
        return Fact(), model
    first, curves, domain = form
    return Fact(ridge=Ridge(first.key, first.direction, add(*curves), domain)), model
