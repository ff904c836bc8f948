"""Gaussians over their tails: exp(-u²)/erfc(u) = 1/erfcx(u), where both are zero to rounding.

The slope of log Φ is such a quotient, with Φ(x) = (1 + erf(x/√2))/2 = erfc(-x/√2)/2.
"""

from __future__ import annotations

from fractions import Fraction

from gradform.codegen.lowering.sums import complement_of
from gradform.functions.elementwise import exp
from gradform.functions.special import erfc, erfcx
from gradform.ir.expr import Expr
from gradform.ir.nodes import Apply, Coefficient, Factor, Node, exact

__all__ = ["over_tails"]


def over_tails(
    coefficient: Coefficient, factors: tuple[Factor, ...]
) -> tuple[Coefficient, tuple[Factor, ...]]:
    """The same product with erfcx for the tails that a Gaussian is divided by."""
    for k, (node, labels, power) in enumerate(factors):
        found = _tail(node) if isinstance(power, int) and power < 0 else None
        if found is None:
            continue
        number, u = found
        for n, (above, places, p) in enumerate(factors):
            if places == labels and _is_gaussian(above, p, u, power):
                rest = [each for m, each in enumerate(factors) if m not in (k, n)]
                scaled: Factor = (erfcx.apply(u), labels, power)
                return over_tails(
                    exact(coefficient * Fraction(number) ** int(power)), (*rest, scaled)
                )
    return coefficient, factors


def _tail(node: Node) -> tuple[Coefficient, Node] | None:
    """c and u where the node is c·erfc(u)."""
    number, found = complement_of(node) or (1, node)
    if not isinstance(found, Apply) or found.fn is not erfc:
        return None
    return number, found.args[0]


def _is_gaussian(node: Node, power: Coefficient, u: Node, below: Coefficient) -> bool:
    """Whether node^power is exp(-u²) as often as erfc(u) stands below."""
    if not isinstance(node, Apply) or node.fn is not exp:
        return False
    return (Expr(node.args[0]) * power).node is (Expr(u) ** 2 * below).node
