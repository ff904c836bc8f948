"""Textbook names: composite functions found again inside an expression.

``logsumexp`` and ``softmax`` are computed as log(Σ exp t) and exp(t)/Σ exp(t), so that
there is one normal form. People read, and stable programs run, the names; an application
along an axis holds the axis as its ``order``.
"""

from __future__ import annotations

from gradform.functions.record import lookup
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
    source = _summed_exponential(node.args[0])
    if source is None:
        return node
    exponential, axis = source
    if axis == 0 and exponential.rank == 0:
        return node
    function = lookup("logsumexp")
    assert function is not None
    return build.apply(function, exponential.args[0], axes=node.axes, order=axis)


def _summed_exponential(node: Node) -> tuple[Apply, int] | None:
    """(exp(t), axis) when ``node`` is Σ exp(t) over all entries (axis 0) or one axis."""
    if not isinstance(node, Contraction) or node.coefficient != 1 or len(node.factors) != 1:
        return None
    source, labels, power = node.factors[0]
    if power != 1 or not isinstance(source, Apply) or source.fn.name != "exp":
        return None
    if len(set(labels)) != len(labels) or len(labels) != len(node.dims):
        return None
    if node.rank == 0:
        return source, 0
    if node.rank == 1 and source.rank == 2:
        return source, 2 if labels[0] == 0 else 1
    return None


def _softmax(node: Contraction) -> Node:
    """exp(t)_i · (Σ exp t)^-1 = softmax(t)_i, as often as it occurs, and Σ softmax = 1."""
    factors = _with_shares_inside(list(node.factors))
    changed = factors != list(node.factors)
    while True:
        pair = _exponential_over_its_sum(factors)
        if pair is None:
            break
        changed = True
        top, bottom, axis = pair
        source, labels, power = factors[top]
        total, places, below = factors[bottom]
        assert isinstance(source, Apply)
        left = [f for k, f in enumerate(factors) if k not in (top, bottom)]
        if power != 1:
            left.append((source, labels, power - 1))
        if below != -1:
            left.append((total, places, below + 1))
        factors = [*left, (_share(source, axis), labels, 1)]
    if not changed:
        return node
    return build.contract(
        node.coefficient, factors, tuple(range(node.rank)), dict(enumerate(node.dims))
    )


def _share(exponential: Apply, axis: int) -> Node:
    function = lookup("softmax")
    assert function is not None
    return build.apply(function, exponential.args[0], axes=exponential.axes, order=axis)


def _with_shares_inside(factors: list[Factor]) -> list[Factor]:
    """(Σ_i exp(t)_i a_i) · (Σ exp t)^-1 = Σ_i softmax(t)_i a_i, between scalar factors."""
    for bottom, (total, places, below) in enumerate(factors):
        found = _summed_exponential(total)
        if found is None or places or not isinstance(below, int) or below >= 0:
            continue
        source = found[0]
        if source.rank != 1:
            continue
        for top, (scalar, labels, power) in enumerate(factors):
            if labels or power != 1 or not isinstance(scalar, Contraction) or scalar is total:
                continue
            inside = _shared_once(scalar, source)
            if inside is None:
                continue
            rest = [f for k, f in enumerate(factors) if k not in (top, bottom)]
            if below != -1:
                rest.append((total, places, below + 1))
            return _with_shares_inside([*rest, (inside, (), 1)])
    return factors


def _shared_once(scalar: Contraction, source: Apply) -> Node | None:
    """The scalar with one factor exp(t) replaced by softmax(t), or None."""
    for k, (factor, labels, power) in enumerate(scalar.factors):
        if factor is not source or not isinstance(power, int) or power < 1:
            continue
        rest = [f for n, f in enumerate(scalar.factors) if n != k]
        if power > 1:
            rest.append((factor, labels, power - 1))
        return build.contract(scalar.coefficient, [*rest, (_share(source, 0), labels, 1)], ())
    return None


def _exponential_over_its_sum(factors: list[Factor]) -> tuple[int, int, int] | None:
    """Positions of exp(t) and of a matching negative power of its sum, and the axis."""
    for bottom, (total, places, power) in enumerate(factors):
        found = _summed_exponential(total)
        if found is None or not isinstance(power, int) or power >= 0:
            continue
        source, axis = found
        if source.rank == 0 or (axis == 0 and source.rank != 1):
            continue
        for top, (node, labels, p) in enumerate(factors):
            if node is not source or not isinstance(p, int) or p < 1:
                continue
            kept = 0 if axis == 2 else 1  # summing over columns keeps the row label
            if axis == 0 or labels[kept] == places[0]:
                return top, bottom, axis
    return None
