"""Hypersimplices: the subdifferential of the sum of the k largest entries."""

from __future__ import annotations

import numpy as np

from gradform.errors import InputError
from gradform.language import say
from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array, Entries, Number
from gradform.sets.notation import Notation
from gradform.sets.point import Point
from gradform.sets.program import Expression, Program, added, scaled
from gradform.sets.simplex import onto_capped_simplex
from gradform.sets.witness import Witness, leaf

__all__ = ["Hypersimplex", "largest_weights"]


class Hypersimplex(ConvexSet):
    """{w : 0 <= w <= 1, Σw = k}; σ(d) is the sum of the k largest entries of d.

    Source: Overton & Womersley, Optimality conditions for sums of the largest
    eigenvalues (1993), whose vertices are the 0-1 vectors with k ones for integer k.
    """

    def __init__(self, n: int, k: Number) -> None:
        self.n, self.entries = n, Entries([k])
        if not 0 <= self.k <= n:
            raise InputError(say("a hypersimplex needs 0 <= k <= n"), kind="value")

    @property
    def k(self) -> float:
        """The sum of the weights."""
        return float(self.entries.values[0])

    @property
    def dim(self) -> int:
        return self.n

    def extreme(self, d: Array) -> Witness:
        return leaf(largest_weights(d, self.k))

    def closest(self, g: Array) -> Witness:
        return leaf(onto_capped_simplex(g, self.k))

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        spread = rng.exponential(2.0, size=(count, 1))
        return np.stack(
            [onto_capped_simplex(row, self.k) for row in spread * rng.random((count, self.n))]
        )

    def simplified(self) -> ConvexSet:
        """A point where no weight is free."""
        if self.k in (0, self.n):
            return Point([int(self.k > 0)] * self.n)
        return self

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        (k,) = program.numbers(self.entries)
        shares = program.new(self.n, nonnegative=True)
        program.nonnegative += [added([weight, scaled(-1, share)]) for share in shares]
        program.zero.append(added([*shares, scaled(-k, weight)]))
        return shares

    def write(self, notation: Notation) -> str:
        index, most = notation.name("w_i"), notation.at_most
        total = rf"\sum_i {index}" if notation.is_latex else "sum(w)"
        member = f"w {notation.inside} {notation.space(self.n)}"
        k = notation.number(self.entries.listed()[0])
        return notation.such_that(member, f"0 {most} {index} {most} 1", f"{total} = {k}")


def largest_weights(d: Array, k: float) -> Array:
    """Weight 1 on the k largest entries, the rest of k on the next."""
    weights = np.zeros(d.size)
    order = np.argsort(-d, kind="stable")
    whole = int(k)
    weights[order[:whole]] = 1.0
    if whole < d.size and k > whole:
        weights[order[whole]] = k - whole
    return weights
