"""Quadratic forms and functions: convex where a matrix is semidefinite, by LDL'."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradform.formula.tree import Formula, Mul, Transpose
from gradform.language import say
from gradform.nonsmooth.space.changes import dense
from gradform.nonsmooth.space.curvature.arithmetic import added
from gradform.nonsmooth.space.curvature.compositions import composed
from gradform.nonsmooth.space.curvature.parts import Parts
from gradform.nonsmooth.space.entrywise import entrywise_power
from gradform.nonsmooth.space.facts import EVERYTHING, Fact
from gradform.nonsmooth.space.model import Model
from gradform.nonsmooth.space.quadratic import definiteness
from gradform.notation.text import to_text
from gradform.records import replaced

__all__ = ["of_quadratic", "of_square"]


def of_quadratic(terms: list[Formula], signs: list[int], facts: list[Fact], parts: Parts) -> Fact:
    """A sum that is a quadratic function, by its Hessian."""
    hessian = parts.question.hessian_of(terms, signs)
    if hessian is None:
        return added(facts)
    up, down = definiteness(hessian)
    return Fact(
        convex=up is True,
        concave=down is True,
        degree=2,
        rule=say("a quadratic function, its Hessian semidefinite by LDL'"),
    )


def of_square(node: Mul, parts: Parts) -> Fact | None:
    """u'·P·u with P constant, u.*u"""
    varying = [k for k, factor in enumerate(node.factors) if not parts.fact(factor).is_constant]
    if len(varying) != 2:
        return None
    begin, end = varying
    weight = _weight(node, begin, end, parts)
    if weight is None:
        return None
    first, second = node.factors[begin], node.factors[end]
    between = [parts.model(factor) for factor in node.factors[begin + 1 : end]]
    inner, size = parts.fact(second), parts.model(second).shape
    is_same = to_text(first) == to_text(second) and parts.model(first).size == 1
    if is_same and not between and weight > 0:
        return _square(inner, weight)
    if isinstance(first, Transpose) and to_text(first.operand) == to_text(second):
        return _form(inner, size[0], between, weight) if size[1] == 1 else None
    return None


def _weight(node: Mul, begin: int, end: int, parts: Parts) -> float | None:
    """The product of the factors outside, if all are numbers."""
    divided = [k for k, op in enumerate(node.ops) if op in ("/", "./")]
    if any(k <= end for k in divided):
        return None
    outside = [k for k in range(len(node.factors)) if not begin <= k <= end]
    if any(parts.model(node.factors[k]).size != 1 for k in outside):
        return None
    numbers = [parts.model(node.factors[k]).number for k in outside]
    powers = [n if k not in divided else 1 / n for k, n in zip(outside, numbers, strict=True)]
    return float(np.prod(powers or [1.0]))


def _square(inner: Fact, weight: float) -> Fact:
    """weight·u², weight > 0"""
    found = composed(inner, entrywise_power(Fraction(2)), say("a square"))
    low, high = found.range
    return replaced(
        found,
        range=(weight * low, weight * high),
        degree=2 if inner.is_affine else None,
        ridge=None,
        folded=None,
    )


def _form(inner: Fact, size: int, between: list[Model], weight: float) -> Fact:
    """weight·u'·P·u, P the product of what is between."""
    matrix = np.eye(size)
    for part in between:
        matrix = matrix * part.number if part.size == 1 else matrix @ dense(part.value)
    up, down = definiteness((matrix + matrix.T) * weight)
    nonnegative = inner.convex and inner.range[0] >= 0 and (matrix * weight >= 0).all()
    return Fact(
        (0.0, np.inf) if up else (-np.inf, 0.0) if down else EVERYTHING,
        bool(up) and (inner.is_affine or bool(nonnegative)),
        bool(down) and inner.is_affine,
        degree=2 if inner.is_affine else None,
        rule=say("a quadratic form, its matrix semidefinite by LDL'"),
    )
