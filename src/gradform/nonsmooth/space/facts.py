"""What is known of a part of a formula on the whole domain: range, curvature, form."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from gradform.language import Message
from gradform.nonsmooth.line.curve import (
    Curve,
    absolute,
    constant,
    extreme,
    floor,
    multiply,
    rebuilt,
    sign,
    walk,
    where,
)
from gradform.nonsmooth.line.domain import Interval
from gradform.nonsmooth.space.changes import Array
from gradform.nonsmooth.space.folded import Folded
from gradform.records import record, replaced

__all__ = ["EVERYTHING", "Fact", "Range", "Ridge", "fixed", "substituted"]

Range: TypeAlias = tuple[float, float]
EVERYTHING: Range = (-np.inf, np.inf)


@record(eq=False)
class Ridge:
    """All entries are one curve of linear forms tᵢ of the variables, which ``key`` names.

    ``direction`` is the change of x along which t₁ grows by 1.
    """

    key: bytes
    direction: Array
    curve: Curve
    domain: Interval


@record(eq=False)
class Fact:
    """``convex`` and ``concave`` are proved, both for affine; ``degree`` 0, 1, 2 of polynomials.

    ``range`` bounds all entries at all points of the domain; ``linear_pieces``: piecewise linear;
    ``upward``: every entry is affine, or convex and never negative, as norms want it;
    ``log_convex``: the logarithm of every entry is convex, -inf included, so that sums are
    log-convex too (Boyd & Vandenberghe, 3.5.2).
    """

    range: Range = EVERYTHING
    convex: bool = False
    concave: bool = False
    is_constant: bool = False
    degree: int | None = None
    ridge: Ridge | None = None
    folded: Folded | None = None
    linear_pieces: bool = False
    upward: bool = False
    log_convex: bool = False
    rule: Message | None = None

    @property
    def is_affine(self) -> bool:
        return self.convex and self.concave

    @property
    def is_known(self) -> bool:
        return self.convex or self.concave

    @property
    def suits_norms(self) -> bool:
        return self.is_affine or self.upward or (self.convex and self.range[0] >= 0)

    def turned(self) -> Fact:
        """Of the negative."""
        low, high = self.range
        ridge = self.ridge
        if ridge is not None:
            ridge = replaced(ridge, curve=multiply(constant(-1), ridge.curve))
        return replaced(
            self,
            range=(-high, -low),
            convex=self.concave,
            concave=self.convex,
            upward=False,
            log_convex=False,
            ridge=ridge,
            folded=None if self.folded is None else self.folded.scaled(-1.0),
        )


def fixed(value: Array) -> Fact:
    """A constant."""
    low, high = (float(value.min()), float(value.max())) if value.size else (0.0, 0.0)
    return Fact(
        (low, high), True, True, is_constant=True, degree=0, linear_pieces=True,
        log_convex=low >= 0,
    )  # fmt: skip


def substituted(outer: Curve, inner: Curve) -> Curve:
    """outer(inner(t))"""
    return walk(outer, lambda node, below: inner if node.op == "x" else _again(node, below))


def _again(node: Curve, args: list[Curve]) -> Curve:
    """The operation of a node on other arguments."""
    match node.op:
        case "abs":
            return absolute(args[0])
        case "sign":
            return sign(args[0])
        case "floor":
            return floor(args[0])
        case "max" | "min":
            return extreme(node.op, *args)
        case "where":
            return where(node.data, *args)
        case "const" | "add" | "mul" | "pow" | "fn":
            return rebuilt(node, args)
    raise AssertionError(node.op)
