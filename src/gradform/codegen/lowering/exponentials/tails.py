"""Gaussians over their tails: exp(-u²)/erfc(u) = 1/erfcx(u), where both are zero to rounding.

The slope of log Φ is such a quotient, with Φ(x) = (1 + erf(x/√2))/2 = erfc(-x/√2)/2.
"""

from __future__ import annotations

from fractions import Fraction

from gradform.codegen.lowering.sums import complement_of, multiple_of
from gradform.functions.elementwise import exp
from gradform.functions.special import erfc, erfcx
from gradform.ir.expr import Expr
from gradform.ir.memo import remembered
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum, exact

__all__ = ["gaussians_of", "over_tails"]


def over_tails(
    coefficient: Coefficient, factors: tuple[Factor, ...]
) -> tuple[Coefficient, tuple[Factor, ...]]:
    """The same product with erfcx(u)^k for erfc(u)^k exp(k u²), as often as that is there."""
    if not any(isinstance(node, Apply) and node.fn is exp for node, _, _ in factors):
        return coefficient, factors
    for k, (node, labels, power) in enumerate(factors):
        found = _tail(node) if isinstance(power, int) else None
        if found is None:
            continue
        number, u = found
        for n, (other, places, p) in enumerate(factors):
            merged = _merged(u, int(power), other, p) if places == labels else ()
            if merged:
                rest = [each for m, each in enumerate(factors) if m not in (k, n)]
                new: list[Factor] = [(each, labels, q) for each, q in merged]
                number = exact(coefficient * Fraction(number) ** int(power))
                return over_tails(number, (*rest, *new))
    return coefficient, factors


def gaussians_of(node: Node, power: Coefficient) -> frozenset[Node]:
    """The exponents -u², -2u², … of what belongs above a power of a number times erfc(u), and
    those of the terms of a sum."""
    if power == 1 and isinstance(node, Sum):
        return _inside(node)
    found = _tail(node) if isinstance(power, int) and power < 0 else None
    if found is None:
        return frozenset()
    square = Expr(found[1]) ** 2
    return frozenset((square * -k).node for k in range(1, 1 - int(power)))


@remembered
def _inside(node: Sum) -> frozenset[Node]:
    products = [term for _, term in node.terms if isinstance(term, Contraction)]
    factors = [factor for term in products for factor in term.factors]
    return frozenset().union(*(gaussians_of(each, power) for each, _, power in factors))


def _tail(node: Node) -> tuple[Coefficient, Node] | None:
    """c and u where the node is c·erfc(u)."""
    number, found = complement_of(node) or (1, node)
    if not isinstance(found, Apply) or found.fn is not erfc:
        return None
    return number, found.args[0]


def _merged(
    u: Node, power: int, other: Node, p: Coefficient
) -> tuple[tuple[Node, Coefficient], ...]:
    """Factors equal to erfc(u)^power · other^p with erfcx(u); none where other is no exp(k u²)
    with k of the sign of the power, and at least 1 or at most -1."""
    if not isinstance(other, Apply) or other.fn is not exp:
        return ()
    square = (Expr(u) ** 2).node
    own, core = multiple_of(square)
    times, like = multiple_of(other.args[0])
    left = Fraction(times) * p / Fraction(own)
    whole = min(abs(power), int(abs(left)))
    if core is not like or left * power <= 0 or not whole:
        return ()
    taken = whole if power > 0 else -whole
    remainder = exp.apply((Expr(square) * exact(left - taken)).node)
    parts = (
        (erfcx.apply(u), taken),
        (erfc.apply(u), power - taken),
        (remainder, int(left != taken)),
    )
    return tuple((each, q) for each, q in parts if q)
