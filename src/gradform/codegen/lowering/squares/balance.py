"""Products and powers of sums of squares arranged so that no factor leaves the range of numbers.

``x (Σ a x S^(-3/2))`` divides twice before it multiplies: the power goes to the front, where it
meets x. ``(x y' + y x') S^(-2)`` multiplies before it divides: it is multiplied out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

from gradform.codegen.lowering.distribute import with_terms
from gradform.codegen.lowering.squares.forms import square_sum
from gradform.codegen.lowering.squares.roots import holds_root, rooted, take_roots
from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum, exact, topological
from gradform.ir.rebuild import everywhere, rebuild

__all__ = ["balanced"]

_KEY = "balanced"
_Powers: TypeAlias = dict[tuple[Node, tuple[int, ...]], Coefficient]
# A quotient by one root stays in the range of numbers wherever the root does.
_LEAST = -2
_MOST_TERMS = 16


def balanced(root: Node) -> Node:
    """An equal expression, for wherever roots of sums of squares are divided by."""
    if _KEY not in root.memo:
        root.memo[_KEY] = _changed(root)
    changed: Node | None = root.memo[_KEY]
    return root if changed is None else changed


def _changed(root: Node) -> Node | None:
    nodes = topological(root)
    if not any(isinstance(node, Contraction) and _quotients(node) for node in nodes):
        return None
    known = rooted(nodes)
    found = rebuild(root, lambda node: _balanced(node, known)) if known else _without_roots(root)
    return None if found is root else found


def _quotients(node: Contraction) -> list[Factor]:
    """The negative powers of sums of squares in a product."""
    return [f for f in node.factors if f[2] < 0 and square_sum(f[0]) is not None]


def _balanced(node: Node, known: Container[Node]) -> Node:
    if not isinstance(node, Contraction) or len(node.factors) == 1:
        return node
    expanded = _expanded(node)
    return _in_front(node, known) if expanded is None else expanded


_without_roots = everywhere("balanced without roots", lambda node: _balanced(node, ()))


# ---------------------------------------------------------------- multiplied out


def _expanded(node: Contraction) -> Node | None:
    """The product with the terms of a sum that multiply what the product divides by."""
    for total, at, power in _quotients(node):
        if 2 * power > _LEAST:
            continue
        for position, (factor, labels, p) in enumerate(node.factors):
            if p != 1 or not isinstance(factor, Sum) or len(factor.terms) > _MOST_TERMS:
                continue
            if set(at) <= set(labels):
                places = tuple(labels.index(label) for label in at)
                if any(_outgrows(term, total, places) for _, term in factor.terms):
                    return with_terms(node, position, factor)
    return None


def _outgrows(term: Node, total: Node, places: tuple[int, ...]) -> bool:
    """Whether a term is a product of what is squared in a sum with something else."""
    if not isinstance(term, Contraction) or _sizes(term) < 2:
        return False
    return holds_root(term, total, places)


def _sizes(term: Contraction) -> int:
    """How many arrays a product is made of that may be large, each by itself."""
    quotients = _quotients(term)
    arrays = [f for f in term.factors if f not in quotients and not isinstance(f[0], Leaf)]
    closed = [f for f, labels, _ in arrays if isinstance(f, Contraction) and not labels]
    inside = [g for f in closed for g in f.factors if not isinstance(g[0], Leaf)]
    open_ones = [labels for f, labels, _ in arrays if f not in closed]
    return len(inside) + _components(open_ones, term.rank)


def _components(labels: Iterable[Sequence[int]], rank: int) -> int:
    """Groups of label tuples that share summed labels."""
    groups: list[set[int]] = []
    for own in labels:
        summed = {label for label in own if label >= rank}
        touching = [group for group in groups if group & summed]
        groups = [group for group in groups if group not in touching]
        groups.append(summed.union(*touching))
    return len(groups)


# ---------------------------------------------------------------- powers in front of sums


def _in_front(node: Contraction, known: Container[Node]) -> Node:
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
    """To which powers of roots of sums a term grows; what it multiplies, it has to divide."""
    if not isinstance(term, Contraction):
        return {}
    quotients = _quotients(term)
    if not quotients:
        return {}
    _, powers, _, _ = take_roots(term.factors, term.dims, term.rank, known)
    left = {(power.total, power.places): power.power for power in powers}
    found: _Powers = {}
    for node, places, power in quotients:
        total = square_sum(node)
        if total is None or any(label >= term.rank for label in places):
            continue
        if _outgrows(term, node, places):
            found[node, places] = 2 * power + _sizes(term)
        else:
            found[node, places] = left.get((total, places), 0)
    return found


def _times(term: Node, factor: Factor) -> Node:
    out: Sequence[int] = tuple(range(term.rank))
    dims = dict(enumerate(term.axes))
    return build.contract(1, [(term, out, 1), factor], out, dims)
