"""Powers of sums of squares moved out of sums, to where they meet what is squared.

``x (Σ a x S^(-3/2))`` divides twice before it multiplies, which may leave the range of numbers;
``x S^(-1) (Σ a x S^(-1/2))`` does not, as every factor is as large as a power of S says.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.codegen.lowering.roots import rooted, take_roots
from gradform.codegen.lowering.squares import square_sum
from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Factor, Node, Sum, exact, topological
from gradform.ir.rebuild import rebuild

__all__ = ["balanced"]

_KEY = "balanced"
_Powers: TypeAlias = dict[tuple[Node, tuple[int, ...]], Coefficient]
# A quotient by one root stays in the range of numbers wherever the root does.
_LEAST = -2


def balanced(root: Node) -> Node:
    """The expression with negative powers of sums of squares in front of sums in products."""
    if _KEY not in root.memo:
        root.memo[_KEY] = _changed(root)
    changed: Node | None = root.memo[_KEY]
    return root if changed is None else changed


def _changed(root: Node) -> Node | None:
    nodes = topological(root)
    if not any(map(_divides_by_roots, nodes)):
        return None
    known = rooted(nodes)
    found = rebuild(root, lambda node: _balanced(node, known))
    return None if found is root else found


def _divides_by_roots(node: Node) -> bool:
    return isinstance(node, Contraction) and any(map(_is_quotient, node.factors))


def _is_quotient(factor: Factor) -> bool:
    node, _, power = factor
    return power < 0 and square_sum(node) is not None


def _balanced(node: Node, known: Container[Node]) -> Node:
    if not isinstance(node, Contraction) or len(node.factors) == 1:
        return node
    factors: list[Factor] = []
    for factor, labels, power in node.factors:
        apart = _apart(factor, known) if power == 1 and isinstance(factor, Sum) else None
        if apart is None:
            factors.append((factor, labels, power))
            continue
        rest, (total, places, outer) = apart
        factors.append((rest, labels, 1))
        factors.append((total, tuple(labels[k] for k in places), outer))
    if len(factors) == len(node.factors):
        return node
    out = tuple(range(node.rank))
    return build.contract(node.coefficient, factors, out, dict(enumerate(node.dims)))


def _apart(node: Sum, known: Container[Node]) -> tuple[Node, Factor] | None:
    """The sum without a power that all its terms have, and that power."""
    powers = [_powers(term, known) for _, term in node.terms]
    for total, places in powers[0]:
        found = [power.get((total, places)) for power in powers]
        each = [power for power in found if power is not None]
        if len(each) < len(found) or max(each) > _LEAST:
            continue
        outer = exact(Fraction(max(each)) / 2)
        terms = [(c, _times(term, (total, places, exact(-outer)))) for c, term in node.terms]
        return build.linear_combination(terms, node.axes), (total, places, outer)
    return None


def _powers(term: Node, known: Container[Node]) -> _Powers:
    """To which powers of roots of sums a term grows, of those it divides by."""
    if not isinstance(term, Contraction):
        return {}
    divisors = [factor for factor in term.factors if _is_quotient(factor)]
    if not divisors:
        return {}
    _, powers, _, _ = take_roots(term.factors, term.dims, term.rank, known)
    left = {(power.total, power.places): power.power for power in powers}
    found: _Powers = {}
    for node, places, _ in divisors:
        total = square_sum(node)
        if total is not None and all(label < term.rank for label in places):
            found[node, places] = left.get((total, places), 0)
    return found


def _times(term: Node, factor: Factor) -> Node:
    out: Sequence[int] = tuple(range(term.rank))
    dims = dict(enumerate(term.axes))
    return build.contract(1, [(term, out, 1), factor], out, dims)
