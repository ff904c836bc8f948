"""Sums of squares, told by their form.

``Σ (A x - b)²`` is one however it was written, ``x' A' A x`` too: a product that is its own
mirror image is the square of one half of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum, exact
from gradform.ir.sign import is_nonnegative
from gradform.records import record

__all__ = ["Square", "SquareSum", "orders", "square_sum"]

_KEY = "square sum"
# Longer products are not searched for mirror images, longer sums not at all.
_MOST_FACTORS = 12
_MOST_TERMS = 12

_Labels: TypeAlias = tuple[int, ...]
_Twins: TypeAlias = dict[int, int]


@record
class Square:
    """``coefficient · Σ root[labels]²``, or the coefficient itself.

    Labels below the rank of the sum are its axes, the others are summed. ``parts`` are the
    factors of the root under the same labels, and under ``inner`` ones, which only they have.
    """

    coefficient: Coefficient
    root: Node | None
    labels: tuple[int, ...] = ()
    parts: tuple[Factor, ...] = ()
    inner: frozenset[int] = frozenset()


@record
class SquareSum:
    """A positive combination of squares."""

    terms: tuple[Square, ...]
    axes: tuple[Dim, ...]

    @property
    def roots(self) -> tuple[Node, ...]:
        """What is squared."""
        return tuple(term.root for term in self.terms if term.root is not None)

    @property
    def is_summed(self) -> bool:
        """Whether there are sums over axes, so that the root is a norm of arrays."""
        rank = len(self.axes)
        return any(label >= rank for term in self.terms for label in term.labels)


def square_sum(node: Node) -> SquareSum | None:
    """The node as a sum of several squares, or None."""
    if _KEY not in node.memo:
        node.memo[_KEY] = _found(node)
    found: SquareSum | None = node.memo[_KEY]
    return found


def _found(node: Node) -> SquareSum | None:
    if isinstance(node, Contraction) and len(node.dims) > node.rank:
        single = _square(1, node)
        return None if single is None else SquareSum((single,), node.axes)
    if not isinstance(node, Sum) or len(node.terms) > _MOST_TERMS:
        return None
    terms: list[Square] = []
    for coefficient, term in node.terms:
        square = _square(coefficient, term)
        if square is None:
            return None
        terms.append(square)
    found = SquareSum(tuple(terms), node.axes)
    # The sum of a number and of something known to be positive is no sum of squares.
    return found if any(_is_square(term) for term in terms) else None


def _is_square(term: Square) -> bool:
    return any(isinstance(power, int) for _, _, power in term.parts)


def _square(coefficient: Coefficient, node: Node) -> Square | None:
    number = build.constant_value(node)
    if number is not None:
        whole = exact(coefficient * number)
        return Square(whole, None) if whole > 0 else None
    factors: Sequence[Factor] = [(node, tuple(range(node.rank)), 1)]
    dims: tuple[Dim, ...] = node.axes
    if isinstance(node, Contraction):
        coefficient, factors, dims = coefficient * node.coefficient, node.factors, node.dims
    carried = {label for _, labels, _ in factors for label in labels}
    # A summed label that nothing has counts every term several times.
    if coefficient <= 0 or not carried.issuperset(range(node.rank, len(dims))):
        return None
    half = _halved(factors, node.rank)
    if half is None:
        return None
    parts, inner = half
    labels = tuple(sorted({label for _, own, _ in parts for label in own} - inner))
    if not inner and all(len(set(own)) < len(labels) for _, own, _ in parts):
        return None  # the root would be larger than all that it is made of
    root = build.contract(1, parts, labels, {label: dims[label] for label in (*labels, *inner)})
    return Square(exact(coefficient), root, labels, tuple(parts), frozenset(inner))


def _halved(factors: Sequence[Factor], rank: int) -> tuple[list[Factor], set[int]] | None:
    """The factors of a square root and the labels that only they have, or None."""
    left = list(factors)
    parts: list[Factor] = []
    inner: set[int] = set()
    while True:
        single = [factor for factor in left if _root_of(factor) is None]
        if not single:
            break
        mirrored = _mirrored(left, single[0], rank)
        if mirrored is None:
            return None
        half, twins, left = mirrored
        parts += half
        inner |= twins
    return [*parts, *(root for factor in left if (root := _root_of(factor)))], inner


def _root_of(factor: Factor) -> Factor | None:
    """The square root of a factor, up to its sign, where that is real for sure."""
    node, labels, power = factor
    if isinstance(node, Leaf) and node.rank:
        return None
    if isinstance(power, int) and power % 2 == 0:
        return node, labels, power // 2
    return (node, labels, exact(Fraction(power) / 2)) if is_nonnegative(node) else None


# ---------------------------------------------------------------- mirror images


def _mirrored(
    factors: Sequence[Factor], start: Factor, rank: int
) -> tuple[list[Factor], set[int], list[Factor]] | None:
    """One of two mirrored halves that has ``start``, its own labels, and what is in neither.

    The halves meet in labels that both have, and share no others.
    """
    if len(factors) > _MOST_FACTORS:
        return None
    for other in _equals(start, factors):
        found = _grown(factors, start, other, rank)
        if found is not None:
            return found
    return None


def _equals(factor: Factor, factors: Sequence[Factor]) -> Iterator[tuple[Factor, _Labels]]:
    """The same node and power elsewhere, with labels in the order of its axes or turned."""
    node, labels, power = factor
    for other in factors:
        if other[0] is node and other[2] == power and other is not factor:
            for theirs in orders(node, other[1]):
                if theirs != labels:
                    yield other, theirs


def orders(node: Node, labels: _Labels) -> list[_Labels]:
    """The labels of a factor; a symmetric matrix may as well have them the other way round."""
    return [labels, labels[::-1]] if len(labels) == 2 and build.is_symmetric(node) else [labels]


def _grown(
    factors: Sequence[Factor], start: Factor, other: tuple[Factor, _Labels], rank: int
) -> tuple[list[Factor], set[int], list[Factor]] | None:
    left = list(factors)
    twins: _Twins = {}
    half: list[Factor] = []
    pair: tuple[Factor, tuple[Factor, _Labels]] | None = (start, other)
    while pair is not None:
        one, (two, theirs) = pair
        joined = _joined(twins, one[1], theirs, rank)
        if joined is None:
            return None
        twins = joined
        half.append(one)
        left = [factor for factor in left if factor is not one and factor is not two]
        pair = _neighbours(left, twins, rank)
    held = {*twins, *twins.values()}
    whole = all(held.isdisjoint(labels) for _, labels, _ in left)
    return (half, set(twins), left) if whole else None


def _neighbours(
    left: Sequence[Factor], twins: _Twins, rank: int
) -> tuple[Factor, tuple[Factor, _Labels]] | None:
    """The next factor of a half with its mirror image."""
    for one in left:
        if twins.keys().isdisjoint(one[1]):
            continue
        for two, theirs in _equals(one, left):
            if _joined(twins, one[1], theirs, rank) is not None:
                return one, (two, theirs)
    return None


def _joined(twins: _Twins, one: _Labels, two: _Labels, rank: int) -> _Twins | None:
    """The labels of one half with those of the other, where these fit together."""
    found = dict(twins)
    for a, b in zip(one, two, strict=True):
        if a == b and a not in {*found, *found.values()}:
            continue
        if a == b or min(a, b) < rank or a in found.values() or b in found:
            return None
        if found.setdefault(a, b) != b:
            return None
    return found if len(set(found.values())) == len(found) else None
