"""Products over joined axes that are Kronecker products."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from gradform.codegen.lowering.contraction.entrywise import plain
from gradform.codegen.lowering.contraction.network import Item, Label, Network, PlacedLeaf
from gradform.codegen.program.operations import Kronecker
from gradform.codegen.program.straight_line import Program, Value

__all__ = ["join_kronecker"]


def join_kronecker(program: Program, network: Network) -> bool:
    """F[I,i,a] F[J,j,b] X_ij Y_ab = (X ⊗ Y)_IJ, and the same for vectors.

    Only joined axes are left among the leaves. False when there is no such product.
    """
    joins = [placed for placed in network.leaves if placed.labels[0] in network.out]
    joins.sort(key=lambda placed: network.out.index(placed.labels[0]))
    for count in (2, 1):
        for chosen in combinations(joins, count):
            slow = [placed.labels[1] for placed in chosen]
            fast = [placed.labels[2] for placed in chosen]
            left = _sole_carrier(network, chosen, slow)
            right = _sole_carrier(network, chosen, fast)
            if left is not None and right is not None and left is not right:
                values = [
                    _laid_out(program, network, left, slow),
                    _laid_out(program, network, right, fast),
                ]
                _put(program, network, chosen, values)
                return True
    return False


def _sole_carrier(
    network: Network, chosen: Sequence[PlacedLeaf], labels: Sequence[Label]
) -> Item | None:
    """The one item that has these labels and no others, where nothing else has them."""
    found = [item for item in network.items if not set(labels).isdisjoint(item.labels)]
    distinct = len(set(labels)) == len(labels)
    if not distinct or len(found) != 1 or sorted(found[0].labels) != sorted(labels):
        return None
    elsewhere = {x for placed in network.leaves if placed not in chosen for x in placed.labels}
    return found[0] if elsewhere.union(network.out).isdisjoint(labels) else None


def _laid_out(program: Program, network: Network, item: Item, labels: Sequence[Label]) -> Value:
    """The array of an item, which leaves the network together with its labels."""
    network.items.remove(item)
    for label in labels:
        network.dims.pop(label)
    item = plain(program, item)
    return program.align(item.value, item.labels, labels)


def _put(
    program: Program, network: Network, chosen: Sequence[PlacedLeaf], values: Sequence[Value]
) -> None:
    joined = tuple(placed.labels[0] for placed in chosen)
    for placed in chosen:
        network.leaves.remove(placed)
    axes = [network.dims[label] for label in joined]
    network.items.append(Item(program.emit(Kronecker(), values, axes), joined))
