"""Sums of squares, told from the form of an expression.

Σ_i (Σ_j A_ij x_j)² is kept as Σ_ijk A_ij x_j A_ik x_k: with i held the factors fall into two
equal groups, one with the label j and one with k, and their product is a square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from gradform.ir.nodes import Contraction, Factor, Node, Sum
from gradform.ir.sign import is_nonnegative

__all__ = ["is_never_negative"]

# All subsets of so many labels are tried.
_MOST_LABELS = 8


def is_never_negative(node: Node) -> bool:
    """Whether every entry is known to be >= 0; sound, False when in doubt."""
    if is_nonnegative(node):
        return True
    match node:
        case Sum(terms=terms):
            return all(c > 0 and is_never_negative(term) for c, term in terms)
        case Contraction(coefficient=coefficient) if coefficient > 0:
            return any(map(_pairs_up, _groupings(node)))
        case _:
            return False


def _groupings(node: Contraction) -> Iterator[list[list[Factor]]]:
    """The factors in groups that share no label but held ones, for all choices of those."""
    outer, labels = set(range(node.rank)), range(node.rank, len(node.dims))
    if len(labels) > _MOST_LABELS:
        return
    for count in range(len(labels) + 1):
        for chosen in combinations(labels, count):
            yield _groups(node.factors, outer | set(chosen))


def _groups(factors: Sequence[Factor], held: set[int]) -> list[list[Factor]]:
    groups: list[tuple[set[int], list[Factor]]] = []
    for factor in factors:
        free = {label for label in factor[1] if label not in held}
        joined = [group for group in groups if group[0] & free]
        groups = [group for group in groups if not group[0] & free]
        free = free.union(*(labels for labels, _ in joined))
        groups.append((free, [each for _, members in joined for each in members] + [factor]))
    return [_renamed(members, held) for _, members in groups]


def _renamed(group: list[Factor], held: set[int]) -> list[Factor]:
    """The group in an order, and with names of its own labels, that equal groups share."""

    def pattern(factor: Factor) -> Any:
        node, labels, power = factor
        return id(node), power, tuple(label if label in held else -1 for label in labels)

    names: dict[int, int] = {}
    found: list[Factor] = []
    for node, labels, power in sorted(group, key=pattern):
        own = (
            label if label in held else names.setdefault(label, -1 - len(names)) for label in labels
        )
        found.append((node, tuple(own), power))
    return found


def _pairs_up(groups: list[list[Factor]]) -> bool:
    """Whether each group is there an even number of times, or is never negative itself."""
    counts = Counter(tuple(group) for group in groups if not all(map(_is_plainly, group)))
    return all(count % 2 == 0 for count in counts.values())


def _is_plainly(factor: Factor) -> bool:
    node, _, power = factor
    return (isinstance(power, int) and power % 2 == 0) or is_never_negative(node)
