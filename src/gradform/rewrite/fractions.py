"""Sums over a common denominator, and sums over sums."""

from __future__ import annotations

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Node, Sum
from gradform.rewrite.weight import weight

__all__ = ["over_common_denominator", "sum_of_sum", "sums_together"]


def over_common_denominator(node: Node) -> Node:
    """a/s + b = (a + b s)/s, taken where the numerator gets no longer: 1 - u²/(1 + u²) is
    1/(1 + u²)."""
    if isinstance(node, Contraction):
        return _inside_product(node)
    if not isinstance(node, Sum):
        return node
    for factor, labels, power in _denominators(node):
        numerator = _times(node, factor, labels, -power)
        if weight(numerator) <= weight(node) - 2:
            out = tuple(range(node.rank))
            terms = [(over_common_denominator(numerator), out, 1), (factor, labels, power)]
            joint = build.contract(1, terms, out, dict(enumerate(node.axes)))
            return over_common_denominator(joint)
    return node


def _inside_product(node: Contraction) -> Node:
    """(a/s + b)·t over the common denominator, where the numerator then cancels with t."""
    best: Node = node
    for k, (factor, labels, power) in enumerate(node.factors):
        if power != 1 or not isinstance(factor, Sum) or len(node.factors) < 2:
            continue
        for below, places, p in _denominators(factor):
            if not isinstance(below, Sum):
                continue
            numerator = _times(factor, below, places, -p)
            rest = [f for n, f in enumerate(node.factors) if n != k]
            spread = tuple(labels[x] for x in places)
            tried = build.contract(
                node.coefficient,
                [*rest, (numerator, labels, 1), (below, spread, p)],
                tuple(range(node.rank)),
                dict(enumerate(node.dims)),
            )
            if weight(tried) < weight(best):
                best = tried
    return best


def _denominators(node: Sum) -> list[Factor]:
    """Factors with a negative power in some term, over output labels only."""
    found: dict[tuple[Node, tuple[int, ...]], Coefficient] = {}
    for _, term in node.terms:
        if not isinstance(term, Contraction):
            continue
        for factor, labels, power in term.factors:
            if power < 0 and all(label < node.rank for label in labels):
                key = (factor, labels)
                found[key] = min(found.get(key, 0), power)
    return [(factor, labels, power) for (factor, labels), power in found.items()]


def _times(node: Sum, factor: Node, labels: tuple[int, ...], power: Coefficient) -> Node:
    """Every term times factor^power; a sum that ends up with power 1 is multiplied out."""
    out = tuple(range(node.rank))
    dims = dict(enumerate(node.axes))
    terms: list[tuple[Coefficient, Node]] = []
    for coefficient, term in node.terms:
        product = build.contract(1, [(term, out, 1), (factor, labels, power)], out, dims)
        terms.extend((coefficient * c, t) for c, t in _opened(product, factor))
    return build.linear_combination(terms, node.axes)


def _opened(product: Node, factor: Node) -> list[tuple[Coefficient, Node]]:
    """The product with the sum ``factor`` multiplied out where it stands with power 1."""
    if isinstance(product, Sum):
        return list(product.terms)
    if not isinstance(product, Contraction) or not isinstance(factor, Sum):
        return [(1, product)]
    for k, (node, labels, power) in enumerate(product.factors):
        if node is factor and power == 1:
            rest = [f for n, f in enumerate(product.factors) if n != k]
            return [(c, _with_term(product, rest, t, labels)) for c, t in factor.terms]
    return [(1, product)]


def _with_term(
    product: Contraction, rest: list[Factor], term: Node, labels: tuple[int, ...]
) -> Node:
    return build.contract(
        product.coefficient,
        [*rest, (term, labels, 1)],
        tuple(range(product.rank)),
        dict(enumerate(product.dims)),
    )


def sum_of_sum(node: Node) -> Node:
    """Σ_i (a_i + b_i) = Σ a + Σ b, where something cancels: Σ (x_i - mean(x)) = 0."""
    if not isinstance(node, Contraction) or node.rank or not node.dims:
        return node
    wide = [k for k, f in enumerate(node.factors) if f[1]]
    if len(wide) != 1:
        return node
    factor, labels, power = node.factors[wide[0]]
    if power != 1 or not isinstance(factor, Sum):
        return node
    rest = [f for k, f in enumerate(node.factors) if k != wide[0]]
    parts = [(c, _with_term(node, rest, t, labels)) for c, t in factor.terms]
    apart = build.linear_combination(parts, ())
    return apart if weight(apart) < weight(node) else node


def sums_together(node: Node) -> Node:
    """Σ a + Σ b = Σ (a + b), where one sum is shorter than two."""
    if not isinstance(node, Sum) or node.rank:
        return node
    groups: dict[tuple[Dim, ...], list[tuple[Coefficient, Node]]] = {}
    for coefficient, term in node.terms:
        inner = _summed(term)
        if inner is not None:
            groups.setdefault(inner.axes, []).append((coefficient, inner))
    rest = [(c, t) for c, t in node.terms if _summed(t) is None]
    if all(len(members) < 2 for members in groups.values()):
        return node
    totals = [
        (1, build.total(build.linear_combination(members, axes)))
        for axes, members in groups.items()
    ]
    joint = build.linear_combination([*rest, *totals], ())
    return joint if weight(joint) < weight(node) else node


def _summed(node: Node) -> Node | None:
    """t when the node is Σ t over all entries, but no norm and no inner product."""
    if not isinstance(node, Contraction) or node.rank or not 0 < len(node.dims) <= 2:
        return None
    places = tuple(range(len(node.dims)))
    if any(sorted(labels) != list(places) for _, labels, _ in node.factors):
        return None
    powers = [power for _, _, power in node.factors]
    if powers == [1, 1] or all(power % 2 == 0 for power in powers):
        return None
    return build.contract(1, node.factors, places)
