"""Balls of the norms norm1, norm2 and norminf."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.box import Box
from gradform.sets.entries import Array, Entries, Given, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Empty, Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.simplex import onto_l1_ball
from gradform.sets.witness import Witness, leaf

__all__ = ["Ball", "Norm"]

Norm = Literal["l1", "l2", "linf"]
_NAMES = {"l1": "1", "l2": "2", "linf": "inf"}


class Ball(ConvexSet):
    """{g : |g - c| <= r}: the subdifferential of the dual norm at 0, shifted and scaled.

    σ(d) = <d, c> + r·|d|* with the dual norm (Rockafellar, 15).
    """

    def __init__(self, norm: Norm, center: Given, radius: Number = 1) -> None:
        if norm not in _NAMES:
            raise InputError(
                say("no ball of norm {norm}; there are l1, l2 and linf", norm=repr(norm)),
                kind="value",
            )
        self.norm: Norm = norm
        self.center = Entries(center)
        self.size = Entries([radius])

    @property
    def c(self) -> Array:
        """The centre."""
        return self.center.values.ravel()

    @property
    def radius(self) -> float:
        """The radius."""
        return float(self.size.values[0])

    @property
    def dim(self) -> int:
        return len(self.center)

    @property
    def is_empty(self) -> bool:
        return self.radius < 0

    def extreme(self, d: Array) -> Witness:
        return leaf(self.c + self.radius * _aligned(self.norm, d))

    def closest(self, g: Array) -> Witness:
        away, radius = g - self.c, self.radius
        match self.norm:
            case "l1":
                return leaf(self.c + onto_l1_ball(away, radius))
            case "linf":
                return leaf(np.clip(g, self.c - radius, self.c + radius))
            case _:
                size = float(np.linalg.norm(away))
                return leaf(g.copy() if size <= radius else self.c + radius / size * away)

    def decided(self, g: list[Fraction]) -> bool | None:
        """|g - c|² <= r² without rounding."""
        centre, radius = self.center.rationals(), self.size.rationals()
        if self.norm != "l2" or centre is None or radius is None:
            return None
        square = sum(((v - c) ** 2 for v, c in zip(g, centre, strict=True)), Fraction(0))
        return square <= radius[0] ** 2

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        towards = rng.standard_normal((count, self.dim))
        order = {"l1": 1, "l2": 2, "linf": np.inf}[self.norm]
        sizes = np.linalg.norm(towards, ord=order, axis=1, keepdims=True)
        shares = np.minimum(rng.uniform(0.0, 1.3, (count, 1)), 1.0)
        return np.asarray(self.c + self.radius * shares * towards / np.maximum(sizes, 1e-300))

    def simplified(self) -> ConvexSet:
        """A point for radius 0; a box for linf and in one dimension."""
        if self.is_empty:
            return Empty(self.dim)
        if self.radius == 0:
            return Point(self.center)
        if self.norm == "linf" or self.dim == 1:
            return self._as_box()
        return self

    def _as_box(self) -> Box:
        centre, radius = self.center.rationals(), self.size.rationals()
        if self.center.given is None or centre is None or radius is None:
            return Box(self.c - self.radius, self.c + self.radius)
        exact = [(c - radius[0], c + radius[0]) for c in centre]
        return Box([lo for lo, _ in exact], [hi for _, hi in exact])

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (radius,) = program.numbers(self.size)
        limit = scaled(radius, weight)
        centre = [scaled(c, weight) for c in program.numbers(self.center)]
        match self.norm:
            case "l1":
                ups, downs = (program.new(self.dim, nonnegative=True) for _ in range(2))
                program.nonnegative.append(added([limit, *(scaled(-1, e) for e in ups + downs)]))
                away = [added([u, scaled(-1, d)]) for u, d in zip(ups, downs, strict=True)]
            case "linf":
                away = program.new(self.dim)
                for e in away:
                    program.nonnegative += [added([limit, e]), added([limit, scaled(-1, e)])]
            case _:
                away = program.new(self.dim)
                program.second_order_cone(limit, away)
        return [added([c, e]) for c, e in zip(centre, away, strict=True)]

    def write(self, notation: Notation) -> str:
        norm = notation.normed(_NAMES[self.norm], notation.minus("g", self.center))
        radius = notation.number(self.size.listed()[0])
        return notation.such_that("g", f"{norm} {notation.at_most} {radius}")


def _aligned(norm: Norm, d: Array) -> Array:
    """The element of the unit ball furthest in direction d."""
    if norm == "linf":
        return np.sign(d)
    if norm == "l2":
        size = float(np.linalg.norm(d))
        return d / size if size else np.zeros_like(d)
    found = np.zeros_like(d)
    if d.size:
        at = int(np.argmax(np.abs(d)))
        found[at] = np.sign(d[at])
    return found
