"""Products multiplied out where only that keeps together what belongs together.

``(Σ exp t · x - Z' exp(t)) / Σ exp t`` overflows as it stands; term by term it is
``x - Z' softmax(t)``. So do Gaussians beside sums of quotients by their tails,
``exp(-u²) (y/erfc(u) - z/erfc(-u))``. A sum of diagonals is a full matrix as it stands; in a
product, each of them is a scaling.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradform.codegen.lowering.exponentials.sums import exponential_sum, is_exponential
from gradform.codegen.lowering.exponentials.tails import gaussians_of
from gradform.functions.softmax import softmax
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.memo import remembered
from gradform.ir.nodes import Apply, Contraction, Factor, Leaf, Node, Sum

__all__ = ["exponents", "has_exponentials", "multiplied_out", "with_terms"]

_MOST_TERMS = 64
_HIGHEST_POWER = 3
_MOST_DIAGONALS = 4


def multiplied_out(node: Contraction) -> Node | None:
    """An equal sum of products when exponentials meet their sums, or diagonals what they are
    multiplied with, only so; else None."""
    for position, (factor, _, power) in enumerate(node.factors):
        if power == 1 and isinstance(factor, Sum) and _is_banded(factor) and len(node.factors) > 1:
            return with_terms(node, position, factor)
    above, below = exponents(node.factors)
    shares = _shares(node.factors)
    if not above and not below and not shares:
        return None
    for position, (factor, _, power) in enumerate(node.factors):
        whole = isinstance(power, int) and 0 < power <= _HIGHEST_POWER
        if not whole or not isinstance(factor, Sum) or len(factor.terms) > _MOST_TERMS:
            continue
        inside = [exponents(_factors(term)) for _, term in factor.terms]
        if any(up & below or down & above for up, down in inside):
            return with_terms(node, position, factor)
        # A' diag(p) A - (A'p) (A'p)' is of one sweep, (A' - A'p) diag(p) A is not.
        if any(shares & _shares(_factors(term)) for _, term in factor.terms):
            return with_terms(node, position, factor)
    return None


def with_terms(node: Contraction, position: int, total: Sum) -> Node:
    """The product with each term of the sum in its place; of a power, in one of its factors."""
    dims: dict[build.Label, Dim] = dict(enumerate(node.dims))
    products = []
    for coefficient, term in total.terms:
        factors = list(node.factors)
        _, labels, power = factors[position]
        factors[position] = (term, labels, 1)
        if power != 1:
            factors.append((total, labels, power - 1))
        product = build.contract(node.coefficient, factors, tuple(range(node.rank)), dims)
        products.append((coefficient, product))
    return build.linear_combination(products, node.axes)


@remembered
def has_exponentials(node: Node) -> bool:
    """Whether a factor is an exponential, or a sum of products with exponentials."""
    parts = [term for _, term in node.terms] if isinstance(node, Sum) else [node]
    return any(any(exponents(_factors(part))) for part in parts) or any(
        exponential_sum(part) is not None for part in (node, *parts)
    )


def _is_banded(node: Sum) -> bool:
    """A matrix that is a sum of few diagonals."""
    few = node.rank == 2 and len(node.terms) <= _MOST_DIAGONALS
    return few and all(_is_diagonal(term) for _, term in node.terms)


def _is_diagonal(node: Node) -> bool:
    """A matrix that is zero outside one diagonal."""
    if isinstance(node, Contraction):
        whole = (factor for factor, labels, _ in node.factors if set(labels) == {0, 1})
        return any(isinstance(factor, Leaf) and _is_diagonal(factor) for factor in whole)
    return isinstance(node, Leaf) and node.kind in ("delta", "select")


def _factors(node: Node) -> tuple[Factor, ...]:
    if isinstance(node, Contraction) and exponential_sum(node) is None:
        return node.factors
    return ((node, tuple(range(node.rank)), 1),)


def exponents(factors: Iterable[Factor]) -> tuple[set[Node], set[Node]]:
    """Exponents of the exponentials, and of sums of them, that stand above and below; of an
    entry or a slice, also the array that it is of. Those of Gaussians over their tails, too."""
    above: set[Node] = set()
    below: set[Node] = set()
    for node, _, power in factors:
        below.update(gaussians_of(node, power))
        total = exponential_sum(node)
        if total is not None:
            (above if power > 0 else below).update(total.exponents)
        elif isinstance(node, Apply) and is_exponential(node) and power > 0:
            above.update(_picked_from(node.args[0]))
        elif isinstance(node, Contraction) and not node.axes and power == 1:
            above.update(
                exponent
                for factor, _, p in node.factors
                if p > 0 and isinstance(factor, Apply) and is_exponential(factor)
                for exponent in _picked_from(factor.args[0])
            )
    return above, below


def _shares(factors: Iterable[Factor]) -> set[Node]:
    """The softmax factors of a product that are over all entries."""
    return {
        node
        for node, _, _ in factors
        if isinstance(node, Apply) and node.fn is softmax and not node.order
    }


def _picked_from(node: Node) -> list[Node]:
    """A node, and the array that it is an entry or a slice of."""
    if not isinstance(node, Contraction):
        return [node]
    arrays = [factor for factor, _, _ in node.factors if not isinstance(factor, Leaf)]
    return [node, *arrays] if len(arrays) == 1 else [node]
