"""Composite sets: linear images of products, of which sums and shifts are cases."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property

import numpy as np

from gradform.sets.base import ConvexSet
from gradform.sets.entries import Array
from gradform.sets.witness import Witness

__all__ = ["Image"]


class Image(ConvexSet):
    """{Σᵢ Aᵢ·sᵢ + b : sᵢ in Sᵢ}; σ(d) = <b, d> + Σᵢ σᵢ(Aᵢ'·d) (Rockafellar, 16.3).

    A case says how parts are pushed forward, how directions are pulled back, and the
    offset b. Images of bounded sets and of polyhedra are closed; of others the answers
    are about the closure.
    """

    @property
    @abstractmethod
    def parts(self) -> tuple[ConvexSet, ...]:
        """The sets sᵢ are taken from."""

    @abstractmethod
    def push(self, parts: tuple[Array, ...]) -> Array:
        """Σᵢ Aᵢ·sᵢ"""

    @abstractmethod
    def pull(self, d: Array) -> tuple[Array, ...]:
        """Aᵢ'·d for every part."""

    @property
    def gain(self) -> float:
        """A bound of |Aᵢ| for all i."""
        return 1.0

    def magnitude(self, witness: Witness) -> float:
        inner = zip(self.parts, witness.parts, strict=True)
        sizes = sum(part.magnitude(found) for part, found in inner)
        return self.gain * sizes + float(np.linalg.norm(self.shift))

    def pulled(self, d: Array) -> tuple[Array, ...] | None:
        return self.pull(d)

    @property
    def shift(self) -> Array:
        """b"""
        return np.zeros(self.dim)

    @cached_property
    def _is_empty(self) -> bool:
        return any(part.is_empty for part in self.parts)

    @property
    def is_empty(self) -> bool:
        return self._is_empty

    @cached_property
    def _is_bounded(self) -> bool:
        return self._is_empty or all(part.is_bounded for part in self.parts)

    @property
    def is_bounded(self) -> bool:
        """Whether all parts are bounded; an image may be bounded without."""
        return self._is_bounded

    def extreme(self, d: Array) -> Witness:
        directions = self.pull(d)
        found = tuple(p.extreme(e) for p, e in zip(self.parts, directions, strict=True))
        rays = [
            found[i].weight == 0 and not self._is_still(i, found[i].vector, directions[i], d)
            for i in range(len(found))
        ]
        if any(rays):
            return self.rebuilt(
                tuple(f if ray else _still(f) for f, ray in zip(found, rays, strict=True))
            )
        return self.rebuilt(
            tuple(
                p.extreme(np.zeros_like(e)) if f.weight == 0 else f
                for p, f, e in zip(self.parts, found, directions, strict=True)
            )
        )

    def _is_still(self, index: int, ray: Array, direction: Array, d: Array) -> bool:
        """Whether the pulled direction is rounding beside d, so that the ray does not count."""
        reach = self.push(
            tuple(ray if i == index else np.zeros(p.dim) for i, p in enumerate(self.parts))
        )
        least = 1e-12 * float(np.linalg.norm(d) * np.linalg.norm(reach))
        return float(direction @ ray) <= least

    def rebuilt(self, parts: tuple[Witness, ...]) -> Witness:
        """The element made of elements of the parts; a ray if one of them is a ray."""
        weight = min((part.weight for part in parts), default=1.0)
        pushed = self.push(tuple(part.vector for part in parts))
        return Witness(pushed + weight * self.shift if weight else pushed, weight, parts)

    def sampled(self, count: int, rng: np.random.Generator) -> Array:
        samples = [part.sampled(count, rng) for part in self.parts]
        return np.stack(
            [self.push(tuple(s[i] for s in samples)) + self.shift for i in range(count)]
        )


def _still(found: Witness) -> Witness:
    """No motion of a part while another moves along a ray."""
    parts = tuple(_still(part) for part in found.parts)
    return Witness(np.zeros_like(found.vector), 0.0, parts)
