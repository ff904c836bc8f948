"""Sets of chain rules: {Σ sᵢ·gᵢ : s in S, gᵢ in Eᵢ}, and the part of a ball with s >= 0."""

from __future__ import annotations

import numpy as np

from gradform.sets import Ball, ConvexSet, HullOf, MatrixBall, Point, Scaled
from gradform.sets.entries import Array
from gradform.sets.notation import Notation, bracketed
from gradform.sets.program import Expression, Program, added
from gradform.sets.witness import Witness, combination, leaf

__all__ = ["Composite", "Nonnegative", "PsdBall"]


class Nonnegative(ConvexSet):
    """{s in a ball about 0 of an absolute norm : s >= 0}; σ(d) = σ_ball(max(d, 0))."""

    def __init__(self, ball: Ball | MatrixBall) -> None:
        self.ball = ball

    @property
    def dim(self) -> int:
        return self.ball.dim

    def extreme(self, d: Array) -> Witness:
        if not (d > 0).any():
            return leaf(np.zeros(self.dim))
        return leaf(np.where(d > 0, self.ball.extreme(np.maximum(d, 0.0)).vector, 0.0))

    def closest(self, g: Array) -> Witness:
        """Projections onto balls of absolute norms keep signs."""
        return self.ball.closest(np.maximum(g, 0.0))

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        return np.abs(self.ball.sampled(count, rng))

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        found = self.ball.lift(program, weight)
        shares = program.new(self.dim, nonnegative=True)
        minus = [{v: -c for v, c in share.items()} for share in shares]
        program.zero += [added([e, m]) for e, m in zip(found, minus, strict=True)]
        return found

    def write(self, notation: Notation) -> str:
        cone = notation.power(notation.reals, self.dim)
        both = "and" if notation.is_text else r"\cap" if notation.is_latex else "∩"
        return f"{self.ball.write(notation)} {both} {cone}_+"


class PsdBall(ConvexSet):
    """{S psd : |S| <= 1} in the Frobenius norm, of n×n matrices; σ(D) = |D₊|."""

    def __init__(self, n: int) -> None:
        self.n = n

    @property
    def dim(self) -> int:
        return self.n * self.n

    def _positive(self, d: Array) -> Array:
        matrix = d.reshape(self.n, self.n)
        values, basis = np.linalg.eigh((matrix + matrix.T) / 2)
        return np.asarray((basis * np.maximum(values, 0.0) @ basis.T).ravel())

    def extreme(self, d: Array) -> Witness:
        inside = self._positive(d)
        size = float(np.linalg.norm(inside))
        return leaf(inside / size if size > 0 else inside)

    def closest(self, g: Array) -> Witness:
        inside = self._positive(g)
        return leaf(inside / max(1.0, float(np.linalg.norm(inside))))

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        return np.stack([self.closest(d).vector for d in rng.standard_normal((count, self.dim))])

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        matrix = program.new_symmetric(self.n)
        program.semidefinite_cone(matrix)
        entries = [entry for row in matrix for entry in row]
        program.second_order_cone(weight, entries)
        return entries

    def write(self, notation: Notation) -> str:
        psd = "S psd" if notation.is_text else r"S \succeq 0" if notation.is_latex else "S ⪰ 0"
        member = f"S {notation.inside} {notation.space(self.n, self.n)}"
        size = f"{notation.normed('fro', 'S')} {notation.at_most} 1"
        return notation.such_that(member, psd, size)


class Composite(ConvexSet):
    """{Σ sᵢ·gᵢ : s in S, gᵢ in Eᵢ}, where sᵢ >= 0 on S unless Eᵢ is a point.

    The chain rule of a convex function that does not decrease in arguments that bend
    (Hiriart-Urruty & Lemaréchal, VI.4.3); σ(d) = σ_S(σ_E₁(d), …, σ_Eₘ(d)).
    """

    def __init__(self, outer: ConvexSet, inner: tuple[ConvexSet, ...]) -> None:
        self.outer, self.inner = outer, inner

    @property
    def parts(self) -> tuple[ConvexSet, ...]:
        return (self.outer, *self.inner)

    @property
    def dim(self) -> int:
        return self.inner[0].dim

    def extreme(self, d: Array) -> Witness:
        found = [part.extreme(d) for part in self.inner]
        outer = self.outer.extreme(np.array([float(w.point @ d) for w in found]))
        return self.rebuilt((outer, *found))

    def rebuilt(self, parts: tuple[Witness, ...]) -> Witness:
        """Elements of the Eᵢ get the weights that s has."""
        outer, *inner = parts
        chosen = [self._weighted(i, float(s), inner[i]) for i, s in enumerate(outer.vector)]
        vector = np.sum([w.vector for w in chosen], axis=0)
        return Witness(vector, outer.weight, (outer, *chosen))

    def _weighted(self, place: int, share: float, found: Witness) -> Witness:
        if found.weight == 0:
            found = self.inner[place].extreme(np.zeros(self.dim))
        return combination([share / found.weight], [found])

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        shares = self.outer.sampled(count, rng)
        inner = np.stack([part.sampled(count, rng) for part in self.inner])
        return np.asarray(np.einsum("ci,icd->cd", shares, inner))

    def lift(self, program: Program, weight: Expression) -> list[Expression]:
        shares = program.element(self.outer, weight)
        parts = [program.element(e, s) for e, s in zip(self.inner, shares, strict=True)]
        return [added(column) for column in zip(*parts, strict=True)]

    def simplified(self) -> ConvexSet:
        """With only one part that is not {0}, the hull of its multiples."""
        inner = tuple(e.simplified() for e in self.inner)
        moving = [i for i, e in enumerate(inner) if not (isinstance(e, Point) and not e.v.any())]
        if len(moving) > 1:
            return Composite(self.outer.simplified(), inner)
        if not moving:
            return Point([0] * self.dim)
        unit = np.eye(1, len(inner), moving[0]).ravel()
        ends = -self.outer.support(-unit) + 0.0, self.outer.support(unit)
        part = inner[moving[0]]
        return HullOf(*(Scaled(end, part) for end in ends)).simplified()

    def write(self, notation: Notation) -> str:
        terms = []
        for i, part in enumerate(self.inner):
            text = part.write(notation)
            share = notation.subscript("s", f"s{i + 1}") if not notation.is_text else f"s{i + 1}"
            terms.append(notation.product(share, bracketed(text)))
        shown = terms if len(terms) <= 4 else [*terms[:3], notation.dots]
        return notation.such_that(
            " + ".join(shown), f"s {notation.inside} {self.outer.write(notation)}"
        )
