"""Expressions in which exponentials are divided by their sums before anything is added.

A product that has the exponentials exp(t) as often above as below, however they are summed, has
the shares softmax(t) in their places: these stay in the range of numbers, exp(t) does not.
Likewise log(Σ w exp(t)) = log(Σ exp(t)) + log(Σ w softmax(t)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from gradform.codegen.lowering.exponentials.merged import merged
from gradform.codegen.lowering.exponentials.sums import exponential_sum, is_exponential
from gradform.codegen.lowering.exponentials.units import units_in_front
from gradform.functions.elementwise import log
from gradform.functions.shares import Total, divided, power_sum, with_shares
from gradform.ir import build
from gradform.ir.nodes import Apply, Coefficient, Contraction, Factor, Node, Sum
from gradform.ir.rebuild import everywhere

__all__ = ["in_shares"]

# A factor with its labels in a product around it; None is one that is summed before.
_Placed: TypeAlias = tuple[Node, tuple[int | None, ...], Coefficient]

# Sums of exponentials are looked for so deep in a product.
_DEEPEST = 4


def _in_shares(node: Node) -> Node:
    if isinstance(node, Apply) and node.fn is log:
        return _logarithm(node)
    if not isinstance(node, Contraction):
        return node
    for change in (units_in_front, merged):
        changed = change(node)
        if not isinstance(changed, Contraction):
            return changed
        node = changed
    factors = with_shares(_balanced(_apart_below(node.factors)))
    if factors == list(node.factors):
        return node
    sizes = dict(enumerate(node.dims))
    return build.contract(node.coefficient, factors, tuple(range(node.rank)), sizes)


def _apart_below(factors: Iterable[Factor]) -> list[Factor]:
    """The factors of a product with sums of exponentials apart where it is divided by them."""
    return [(_apart(node) if power < 0 else node, labels, power) for node, labels, power in factors]


def _apart(node: Node) -> Node:
    """Σ (exp(s) + exp(t)) = Σ exp(s) + Σ exp(t): each has its own shares and logarithm."""
    if isinstance(node, Sum):
        parts = [(c, _apart(term)) for c, term in node.terms]
        apart = build.linear_combination(parts, node.axes) if parts != [*node.terms] else node
        return node if exponential_sum(apart) is None else apart
    if not isinstance(node, Contraction) or len(node.factors) != 1 or len(node.dims) == node.rank:
        return node
    ((inside, labels, power),) = node.factors
    if not isinstance(inside, Sum) or power != 1 or exponential_sum(inside) is None:
        return node
    sizes, outputs = dict(enumerate(node.dims)), tuple(range(node.rank))
    terms = [
        (c * node.coefficient, build.contract(1, [(term, labels, 1)], outputs, sizes))
        for c, term in inside.terms
    ]
    apart = build.linear_combination(terms, node.axes)
    return node if exponential_sum(apart) is None else apart


def _balanced(factors: list[Factor]) -> list[Factor]:
    """The factors of a product with shares of all that is above as often as below."""
    for total, places in dict.fromkeys(_totals(factors)):
        parts = [divided(node, labels, total, places) for node, labels, _ in factors]
        degree: Coefficient = sum(
            power * count for (_, _, power), (_, count) in zip(factors, parts, strict=True)
        )
        if degree == 0:
            factors = [
                (inside, labels, power)
                for (_, labels, power), (inside, _) in zip(factors, parts, strict=True)
            ]
    return factors


def _logarithm(node: Apply) -> Node:
    """log(Σ w exp(t)) with shares: the logarithm of the sum of all takes what they leave."""
    inner = _apart(node.args[0])
    labels = tuple(range(inner.rank))
    terms: list[tuple[Coefficient, Node]] = []
    for total, places in dict.fromkeys(_weighted(inner, labels)):
        inside, degree = divided(inner, labels, total, places)
        if degree > 0:
            whole = build.apply(log, _sum(total))
            spread = build.contract(1, [(whole, places, 1)], labels, dict(enumerate(inner.axes)))
            terms.append((degree, spread))
            inner = inside
    rest = (1, build.apply(log, inner))
    return build.linear_combination([*terms, rest], inner.axes)


def _sum(total: Total) -> Node:
    return build.total(total.exponential, total.axis - 1 if total.axis else None)


def _totals(
    factors: Iterable[_Placed], deep: int = 0
) -> Iterator[tuple[Total, tuple[int | None, ...]]]:
    """The sums of all exponentials of which a product is divided by some, with their labels."""
    for node, labels, power in factors:
        total = power_sum(node) if power < 0 else None
        if total is not None and None not in labels:
            yield total, labels
            continue
        if power < 0:
            yield from _weighted(node, labels)
        if deep < _DEEPEST:
            yield from _totals(_inside(node, labels), deep + 1)


def _weighted(
    node: Node, labels: tuple[int | None, ...], deep: int = 0
) -> Iterator[tuple[Total, tuple[int | None, ...]]]:
    """Sums of the exponentials that a node sums with weights, with the labels that they keep.

    One exponential in each: of two, one may be largest where the other is smallest.
    """
    if isinstance(node, Contraction) and power_sum(node) is None:
        exponentials = [factor for factor in node.factors if is_exponential(factor[0])]
        for factor, axes, power in exponentials if len(exponentials) == 1 else ():
            kept = [label for label in axes if label < node.rank]
            if power > 0 and len(kept) < len(set(axes)) == len(axes) <= 2:
                axis = 0 if not kept else 2 if axes[0] in kept else 1
                places = tuple(labels[label] for label in kept)
                if isinstance(factor, Apply) and None not in places:
                    yield Total(factor, axis), places
    if deep < _DEEPEST:
        for part, own, _ in _inside(node, labels):
            yield from _weighted(part, own, deep + 1)


def _inside(node: Node, labels: tuple[int | None, ...]) -> Iterator[_Placed]:
    """The factors of a node, or of all its terms, with the labels they have outside of it."""
    if isinstance(node, Sum):
        for _, term in node.terms:
            yield term, labels, 1
    elif isinstance(node, Contraction):
        for factor, own, power in node.factors:
            yield factor, tuple(labels[k] if k < node.rank else None for k in own), power


in_shares = everywhere("in shares", _in_shares)
"""An equal expression, for programs."""
