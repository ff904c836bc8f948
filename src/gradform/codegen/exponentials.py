"""Sums of exponentials, found so that they can be computed without overflow.

The expression writes log(Σ exp t) and exp(t)_i · (Σ exp t)^-1. Both are small numbers made
of numbers that overflow; the logarithm of the sum is computed as a whole instead, and an
exponential is divided by its sum before anything else is multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from gradform.codegen.network import Item
from gradform.codegen.operations import Call, LogAddExp, LogSumExp, Softmax
from gradform.codegen.products import multiply
from gradform.codegen.program import Program
from gradform.functions.record import Function
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum

__all__ = ["ExponentialSum", "Ratio", "Term", "exponential_sum", "is_exponential", "take_ratios"]

_EXP = "exp"


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient · Σ exp(exponent[labels])``, or the coefficient itself.

    Labels below the rank of the sum are its axes, the others are summed.
    """

    coefficient: Coefficient
    exponent: Node | None
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExponentialSum:
    """A positive combination of exponentials with so many axes."""

    terms: tuple[Term, ...]
    rank: int

    @property
    def exponents(self) -> Iterator[Node]:
        return (term.exponent for term in self.terms if term.exponent is not None)


@dataclass(frozen=True, slots=True)
class Ratio:
    """``exp(t)[labels] / total[places]``; labels and places are those of one product."""

    exponential: Apply
    labels: tuple[int, ...]
    total: ExponentialSum
    places: tuple[int, ...]


def is_exponential(node: Node) -> bool:
    return isinstance(node, Apply) and node.fn.name == _EXP


def exponential_sum(node: Node) -> ExponentialSum | None:
    """The node as a sum of at least two exponentials, or None."""
    if isinstance(node, Sum):
        terms = [_term(coefficient, term) for coefficient, term in node.terms]
        known = [term for term in terms if term is not None]
        if len(known) < len(terms) or all(term.exponent is None for term in known):
            return None
        return ExponentialSum(tuple(known), node.rank)
    if isinstance(node, Contraction) and len(node.dims) > node.rank:
        found = _term(1, node)
        return None if found is None else ExponentialSum((found,), node.rank)
    return None


def _term(coefficient: Coefficient, node: Node) -> Term | None:
    if isinstance(node, Apply) and is_exponential(node):
        labels = tuple(range(node.rank))
        return Term(coefficient, node.args[0], labels) if coefficient > 0 else None
    if not isinstance(node, Contraction):
        return None
    coefficient *= node.coefficient
    if coefficient <= 0:
        return None
    if not node.factors and len(node.dims) == node.rank:
        return Term(coefficient, None, ())
    if len(node.factors) != 1:
        return None
    factor, labels, power = node.factors[0]
    single = power == 1 and len(set(labels)) == len(labels)
    if not single or not isinstance(factor, Apply) or not is_exponential(factor):
        return None
    # A summed label that the exponential lacks would count terms twice.
    if any(label not in labels for label in range(node.rank, len(node.dims))):
        return None
    return Term(coefficient, factor.args[0], labels)


def take_ratios(factors: list[Factor]) -> tuple[list[Ratio], list[Factor]]:
    """Pair exponentials with negative powers of sums of exponentials, as often as possible.

    What is left over is sound by itself: a power of the sum that over- or underflows does
    so because the true value of the product is that large or small.
    """
    rest = list(factors)
    ratios: list[Ratio] = []
    for position, (node, places, power) in enumerate(factors):
        total = exponential_sum(node) if power < 0 else None
        if total is None:
            continue
        for other in _partners(rest, total, places):
            top, labels, above = rest[other]
            below = rest[position][2]
            count = int(min(above, -below))
            if count < 1:
                continue
            assert isinstance(top, Apply)
            ratios.extend([Ratio(top, labels, total, places)] * count)
            rest[other] = (top, labels, above - count)
            rest[position] = (node, places, below + count)
    return ratios, [factor for factor in rest if factor[2] != 0]


def _partners(
    factors: list[Factor], total: ExponentialSum, places: tuple[int, ...]
) -> list[int]:
    """Positions of exponentials that vary along all axes of the sum, its own terms first."""
    found = [
        k
        for k, (node, labels, power) in enumerate(factors)
        if power > 0 and is_exponential(node) and set(places) <= set(labels)
    ]
    own = set(total.exponents)

    def is_other(k: int) -> bool:
        node = factors[k][0]
        return not (isinstance(node, Apply) and node.args[0] in own)

    return sorted(found, key=is_other)
