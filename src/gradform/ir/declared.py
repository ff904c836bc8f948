"""Laws that follow from what is declared of a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradform.ir.nodes import Symbol, leaf

if TYPE_CHECKING:
    from gradform.ir.laws import Network

__all__ = ["known_values", "orthogonal"]

_SUM_ONE = frozenset({"simplex", "onehot"})
_ZERO_ONE_ENTRIES = frozenset({"binary", "onehot"})


def known_values(network: Network) -> None:
    """Σ y = 1 for a simplex or onehot y, y² = 1 for ±1 entries, y² = y for 0/1 ones."""
    changed: list[Any] = []
    for node, labels, power in network.factors:
        structure = node.structure if isinstance(node, Symbol) else frozenset()
        if isinstance(power, int) and power not in (0, 1) and structure:
            if "pm1" in structure:
                power %= 2
            elif structure & _ZERO_ONE_ENTRIES and power > 1:
                power = 1
        alone = structure & _SUM_ONE and power == 1 and network.uses(labels[0]) == 1
        if alone and labels[0] in network.summed:
            network.summed.discard(labels[0])
            continue
        if power:
            changed.append((node, labels, power))
    network.factors = changed


def orthogonal(network: Network) -> None:
    """Q'Q = I for a symbol declared orthogonal."""
    for k, (node, labels, power) in enumerate(network.factors):
        if not (isinstance(node, Symbol) and "orthogonal" in node.structure and power == 1):
            continue
        for j in range(k + 1, len(network.factors)):
            other, labels2, power2 = network.factors[j]
            if other is not node or power2 != 1:
                continue
            for a in (0, 1):
                link = labels[a]
                if link == labels2[a] and network.linked_once(link):
                    ends = (labels[1 - a], labels2[1 - a])
                    identity = leaf("delta", (node.axes[0],) * 2)
                    network.replace({j, k}, [(identity, ends, 1)], (link,))
                    network.eliminate_deltas()
                    network.merge_powers()
                    return orthogonal(network)
    return None
