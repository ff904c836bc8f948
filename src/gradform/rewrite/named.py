"""Textbook names: composite functions found again inside an expression.

``logsumexp`` and ``softmax`` are computed as log(Σ exp t) and exp(t)/Σ exp(t), so that
there is one normal form. People read, and stable programs run, the names; an application
along an axis holds the axis as its ``order``.
"""

from __future__ import annotations

from gradform.functions.shares import Total, share, summed_exponential, with_shares
from gradform.functions.softmax import logsumexp
from gradform.ir import build
from gradform.ir.nodes import Apply, Contraction, Factor, Node

__all__ = ["named"]


def named(node: Node) -> Node:
    """The node with softmax and logsumexp at its top written as such."""
    if isinstance(node, Apply) and node.fn.name == "log":
        return _logsumexp(node)
    if isinstance(node, Contraction):
        return _softmax(node)
    return node


def _logsumexp(node: Apply) -> Node:
    """log(Σ exp t) = logsumexp(t)."""
    total = summed_exponential(node.args[0])
    if total is None:
        return node
    return build.apply(logsumexp, total.exponential.args[0], axes=node.axes, order=total.axis)


def _softmax(node: Contraction) -> Node:
    """exp(t)_i · (Σ exp t)^-1 = softmax(t)_i, as often as it occurs, and Σ softmax = 1."""
    factors = with_shares(node.factors)
    changed = factors != list(node.factors)
    while True:
        pair = _exponential_over_its_sum(factors)
        if pair is None:
            break
        changed = True
        top, bottom, found = pair
        source, labels, power = factors[top]
        total, places, below = factors[bottom]
        left = [f for k, f in enumerate(factors) if k not in (top, bottom)]
        if power != 1:
            left.append((source, labels, power - 1))
        if below != -1:
            left.append((total, places, below + 1))
        factors = [*left, (share(found), labels, 1)]
    if not changed:
        return node
    return build.contract(
        node.coefficient, factors, tuple(range(node.rank)), dict(enumerate(node.dims))
    )


def _exponential_over_its_sum(factors: list[Factor]) -> tuple[int, int, Total] | None:
    """Positions of exp(t) and of a matching negative power of its sum, and that sum."""
    for bottom, (node, places, power) in enumerate(factors):
        total = summed_exponential(node)
        if total is None or not isinstance(power, int) or power >= 0:
            continue
        if not total.is_named:
            continue
        for top, (other, labels, p) in enumerate(factors):
            if other is not total.exponential or not isinstance(p, int) or p < 1:
                continue
            if total.meets(labels, places):
                return top, bottom, total
    return None
