"""Canonical order of the factors of a contraction (α-equivalence).

Colour refinement on the label graph: a label is coloured by where it occurs, a factor
by its node and the colours of its labels, until nothing changes. Ties that remain are
broken by individualising one label at a time; a tie between labels that no automorphism
exchanges may leave two forms of one expression, which costs a like term, never a value.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Node, number_hash
from gradform.ir.structure import noted_symmetric

__all__ = ["canonical_order"]

Label = Hashable
Entry = tuple[Node, tuple[Label, ...], Coefficient]


def canonical_order(
    factors: Sequence[Entry], out: Sequence[Label], dims: Mapping[Label, Dim]
) -> tuple[list[Entry], list[Label]]:
    """Factors in canonical order, and all labels: outputs first, then summed ones."""
    colour: dict[Label, int] = {label: k for k, label in enumerate(out)}
    free: list[Label] = []
    for _, labels, _ in factors:
        for label in labels:
            if label not in colour:
                colour[label] = hash((dims[label].hash, -7))
                free.append(label)
    base = [hash((node.hash, number_hash(power))) for node, _, power in factors]
    if len(free) > 1:
        _refine(factors, base, colour, free)
    keyed: list[tuple[int, Entry]] = []
    for b, (node, labels, power) in zip(base, factors, strict=True):
        shades = [colour[x] for x in labels]
        if len(shades) == 2 and shades[0] > shades[1] and noted_symmetric(node):
            shades.reverse()
            labels = labels[::-1]
        keyed.append((hash((b, *shades)), (node, labels, power)))
    keyed.sort(key=lambda pair: pair[0])
    ordered = [entry for _, entry in keyed]
    names = list(out)
    seen = set(out)
    for _, labels, _ in ordered:
        for label in labels:
            if label not in seen:
                seen.add(label)
                names.append(label)
    return ordered, names


def _refine(
    factors: Sequence[Entry], base: list[int], colour: dict[Label, int], free: list[Label]
) -> None:
    """Refine the colours of the summed labels until they are all distinct."""
    distinct = 0
    salt = 0
    even = [len(labels) == 2 and noted_symmetric(node) for node, labels, _ in factors]
    while True:
        hints: dict[Label, list[int]] = {label: [] for label in free}
        for b, symmetric, (_, labels, _) in zip(base, even, factors, strict=True):
            shades = [colour[x] for x in labels]
            key = hash((b, *(sorted(shades) if symmetric else shades)))
            for position, label in enumerate(labels):
                if label in hints:
                    hints[label].append(key if symmetric else hash((key, position)))
        for label in free:
            colour[label] = hash((colour[label], *sorted(hints[label])))
        now = len({colour[label] for label in free})
        if now == len(free):
            return
        if now == distinct:
            groups: dict[int, list[Label]] = {}
            for label in free:
                groups.setdefault(colour[label], []).append(label)
            tied = min(c for c, group in groups.items() if len(group) > 1)
            salt += 1
            colour[groups[tied][0]] = hash((tied, salt, 5))
            now = 0
        distinct = now
