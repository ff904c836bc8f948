"""Textbook names inside a product: means and norms.

Composite functions are expressions over primitives; here they are found again, so that
people see ``mean(x)``. Each finder states the equation it reads from right to left.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node
from gradform.records import record

__all__ = ["Recognised", "half_of_row_square", "half_of_square", "recognise"]


@record(frozen=False)
class Recognised:
    """A product sorted for reading.

    ``scalars`` (node, power); ``calls`` (name, argument, power): scalar functions;
    ``factors``: what has labels.
    """

    scalars: list[tuple[Node, Coefficient]]
    calls: list[tuple[str, Node, Coefficient]]
    factors: list[Factor]


def recognise(node: Contraction) -> Recognised:
    """The factors of ``node``, with textbook functions found."""
    found = Recognised([], [], [])
    for factor in node.factors:
        if factor[1]:
            found.factors.append(factor)
        else:
            found.scalars.append((factor[0], factor[2]))
    _mean(found)
    return found


def _mean(found: Recognised) -> None:
    """mean(t)^p = (Σ t)^p / n^p."""
    for j, (node, power) in enumerate(found.scalars):
        if not isinstance(node, Contraction) or node.rank:
            continue
        inner = _plain_sum(node)
        if inner is None:
            continue
        wanted = list(inner.axes)
        used = []
        for k, (other, other_power) in enumerate(found.scalars):
            if not (isinstance(other, Leaf) and other.kind == "size" and other_power == -power):
                continue
            if other.params[0] in wanted:
                wanted.remove(other.params[0])
                used.append(k)
        if wanted or not used:
            continue
        gone = {*used, j}
        found.scalars = [s for n, s in enumerate(found.scalars) if n not in gone]
        found.calls.append(("mean", inner, power))
        return


def _plain_sum(node: Contraction) -> Node | None:
    """t when node = Σ t over all entries of an entrywise product t."""
    labels = {labels for _, labels, _ in node.factors}
    if len(labels) != 1:
        return None
    (places,) = labels
    if len(set(places)) != len(places) or len(places) != len(node.dims):
        return None
    axes = {place: node.dims[place] for place in places}
    return build.contract(1, node.factors, places, axes)


def half_of_square(node: Node) -> Node | None:
    """t when node = Σ t² up to its coefficient, else None.

    Either every factor has an even power, or cutting one or two labels leaves two equal
    halves (x'A'Ax is the square of Ax).
    """
    if not isinstance(node, Contraction) or node.rank or not node.dims:
        return None
    known: Node | None
    if "half" in node.memo:
        known = node.memo["half"]
        return known
    known = _even_powers(node) or _equal_halves(node)
    node.memo["half"] = known
    return known


def _even_powers(node: Contraction) -> Node | None:
    places: list[int] = []
    halves: list[Factor] = []
    for factor, labels, power in node.factors:
        if not isinstance(power, int) or power % 2:
            return None
        halves.append((factor, labels, power // 2))
        places.extend(label for label in labels if label not in places)
    if len(places) > 2 or len(places) != len(node.dims):
        return None
    if any(len(set(labels)) != len(labels) for _, labels, _ in halves):
        return None
    return build.contract(1, halves, sorted(places))


def _equal_halves(node: Contraction) -> Node | None:
    if len(node.factors) % 2 or any(power != 1 for _, _, power in node.factors):
        return None
    labels = range(len(node.dims))
    cuts = [(a,) for a in labels] + [(a, b) for a in labels for b in labels if a < b]
    for cut in cuts:
        parts = _split(node, set(cut))
        if parts is None:
            continue
        first = build.contract(1, parts[0], cut)
        if build.contract(1, parts[1], cut) is first:
            return first
    return None


def half_of_row_square(factors: Sequence[Factor], dims: Sequence[Dim]) -> Node | None:
    """H with v[i] = Σ_k H[i,k]², for a vector v whose label is 0; else None."""
    for cut in range(1, len(dims)):
        parts = _sides(list(factors), {cut, 0})
        if parts is None:
            continue
        first = build.contract(1, parts[0], (0, cut))
        if build.contract(1, parts[1], (0, cut)) is first:
            return first
    return None


def _split(node: Contraction, cut: set[int]) -> tuple[list[Factor], list[Factor]] | None:
    return _sides(list(node.factors), cut)


def _sides(factors: list[Factor], cut: set[int]) -> tuple[list[Factor], list[Factor]] | None:
    """The two equally large sides of a network without the labels ``cut``, if they exist."""
    half = len(factors) // 2
    if 2 * half != len(factors) or not half:
        return None
    side = [factors[0]]
    rest = list(factors[1:])
    reached = set(factors[0][1]) - cut
    grew = True
    while grew:
        grew = False
        for factor in list(rest):
            if reached & set(factor[1]):
                side.append(factor)
                rest.remove(factor)
                reached |= set(factor[1]) - cut
                grew = True
    if len(side) != half or any(reached & set(f[1]) for f in rest):
        return None
    inside = {label for f in side for label in f[1]}
    outside = {label for f in rest for label in f[1]}
    return (side, rest) if cut <= inside and cut <= outside else None
