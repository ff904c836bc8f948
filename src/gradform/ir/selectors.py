"""Laws of the structured leaves in a product: unit vectors, selections, joined axes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from gradform.ir.nodes import Leaf, leaf

if TYPE_CHECKING:
    from gradform.ir.laws import Network

__all__ = ["simplify_selectors"]

Label = Hashable


def simplify_selectors(network: Network) -> None:
    """Apply the laws until none applies."""
    changed = True
    while changed and network.coefficient != 0:
        changed = (
            _diagonal_ones(network)
            or _units(network)
            or _selections(network)
            or _joined_axes(network)
        )
        if changed:
            network.eliminate_deltas()


def _leaves(network: Network, kind: str) -> list[int]:
    return [
        k
        for k, (node, _, _) in enumerate(network.factors)
        if isinstance(node, Leaf) and node.kind == kind
    ]


def _diagonal_ones(network: Network) -> bool:
    """L[i,i] = 1 for the triangle of ones, which holds its diagonal."""
    for k in _leaves(network, "lower"):
        first, second = network.factors[k][1]
        if first == second:
            del network.factors[k]
            return True
    return False


def _units(network: Network) -> bool:
    """e_k[i] e_k[i] = e_k[i]; e_k[i] e_l[i] = 0; Σ_i e_k[i] = 1."""
    seen: dict[Label, Leaf] = {}
    for k in _leaves(network, "unit"):
        node, (label,), _ = network.factors[k]
        assert isinstance(node, Leaf)
        other = seen.get(label)
        if other is not None:
            if other is node:
                del network.factors[k]
                return True
            if (other.params[0] - node.params[0]).value is not None:
                network.coefficient = 0
                return False
        seen[label] = node
        others = [n for n, f in enumerate(network.factors) if n != k and label in f[1]]
        if label in network.summed and len(others) > 1:
            _split_at(network, node, label, others)
            return True
        if label not in network.out and network.uses(label) == 1:
            del network.factors[k]
            network.summed.discard(label)
            return True
    return False


def _split_at(network: Network, node: Leaf, label: Label, others: list[int]) -> None:
    """Σ_i e_k[i] f[i] g[i] = (Σ_i e_k[i] f[i]) (Σ_i e_k[i] g[i])"""
    for n in others[1:]:
        factor, labels, power = network.factors[n]
        own: Label = ("at", label, n)
        network.dims[own] = network.dims[label]
        network.summed.add(own)
        network.factors[n] = (factor, tuple([own if x == label else x for x in labels]), power)
        network.factors.append((node, (own,), 1))


def _selections(network: Network) -> bool:
    """Rows of the identity: S S' = I, disjoint selections are orthogonal, and a
    selection picks from a unit vector."""
    places = _leaves(network, "select")
    for k in places:
        node, (row, column), _ = network.factors[k]
        assert isinstance(node, Leaf)
        if column in network.out:
            continue
        for j, (other, labels, _) in enumerate(network.factors):
            if j == k or not isinstance(other, Leaf) or column not in labels:
                continue
            if network.uses(column) != 2:
                continue
            done = (
                other.kind == "select"
                and labels[1] == column
                and _select_with_select(network, k, j, node, other, row, labels[0])
            ) or (other.kind == "unit" and _select_with_unit(network, k, j, node, other, row))
            if done:
                network.summed.discard(column)
                return True
    return False


def _select_with_select(
    network: Network, k: int, j: int, node: Leaf, other: Leaf, row: Label, row2: Label
) -> bool:
    gap = (other.params[0] - node.params[0]).value
    same = gap == 0 and node.axes[0] is other.axes[0]
    after = (other.params[0] - node.params[0] - node.axes[0]).value
    before = (node.params[0] - other.params[0] - other.axes[0]).value
    apart = (after is not None and after >= 0) or (before is not None and before >= 0)
    if not same and not apart:
        return False
    drop = {k, j}
    network.factors = [f for n, f in enumerate(network.factors) if n not in drop]
    if same:
        network.factors.append((leaf("delta", (node.axes[0],) * 2), (row, row2), 1))
    else:
        network.coefficient = 0
    return True


def _select_with_unit(
    network: Network, k: int, j: int, node: Leaf, other: Leaf, row: Label
) -> bool:
    inside = other.params[0] - node.params[0]
    low, high = inside.value, (inside - node.axes[0]).value
    if (low is not None and low < 0) or (high is not None and high >= 0):
        network.coefficient = 0
        return True
    if low is None or high is None:
        return False
    network.factors = [f for n, f in enumerate(network.factors) if n not in (k, j)]
    network.factors.append((leaf("unit", (node.axes[0],), (inside,)), (row,), 1))
    return True


def _joined_axes(network: Network) -> bool:
    """F[I,i,j] F[I,k,l] = F[I,i,j] δ_ik δ_jl, F[I,i,j] F[J,i,j] = F[I,i,j] δ_IJ,
    Σ_I F[I,i,j] = 1 and Σ_ij F[I,i,j] = 1."""
    places = _leaves(network, "flatten")
    for a, k in enumerate(places):
        node, labels, _ = network.factors[k]
        if labels[0] not in network.out and network.uses(labels[0]) == 1:
            del network.factors[k]
            network.summed.discard(labels[0])
            return True
        if all(x in network.summed and network.uses(x) == 1 for x in labels[1:]):
            del network.factors[k]
            network.summed.difference_update(labels[1:])
            return True
        for j in places[a + 1 :]:
            other, labels2, _ = network.factors[j]
            if node is not other:
                continue
            if labels[0] == labels2[0]:
                pairs = [(labels[1], labels2[1]), (labels[2], labels2[2])]
            elif labels[1:] == labels2[1:]:
                pairs = [(labels[0], labels2[0])]
            else:
                continue
            del network.factors[j]
            for first, second in pairs:
                size = network.dims[first]
                network.factors.append((leaf("delta", (size, size)), (first, second), 1))
            return True
    return False
