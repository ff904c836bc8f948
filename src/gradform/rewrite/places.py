"""Terms of a sum that are put in the same place, added up before they are put there.

A unit vector or a selection on an output axis puts a term in a place: e_k·a + e_k·b is
e_k·(a + b), so that a gradient by entries or slices reads as a stack of blocks.
"""

from __future__ import annotations

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum
from gradform.rewrite.factor import factor_sum

__all__ = ["by_place"]

Place = tuple[tuple[Node, int], ...]
"""Each selection or unit vector with the output axis it is on."""


def by_place(node: Node) -> Node:
    """The sum with the terms of one place added up and their common factors taken out."""
    if not isinstance(node, Sum):
        return node
    groups: dict[Place, list[tuple[Coefficient, Node]]] = {}
    for coefficient, term in node.terms:
        place, inner = _taken_out(term)
        groups.setdefault(place, []).append((coefficient, inner))
    if not any(groups):
        return node
    terms = []
    for place, members in groups.items():
        total = build.linear_combination(members, members[0][1].axes)
        inner = factor_sum(total) if isinstance(total, Sum) else total
        terms.append(_put(inner, place, node.axes))
    return build.add(*terms)


def _taken_out(term: Node) -> tuple[Place, Node]:
    """The place of a term, and what is put there.

    An axis that a selection is on becomes that of its rows, one with a unit vector goes.
    """
    if not isinstance(term, Contraction):
        return (), term
    placing = {f[1][-1]: f for f in term.factors if _places(f, term)}
    if not placing:
        return (), term
    rest: list[build.Term] = [f for f in term.factors if f not in placing.values()]
    dims = dict(enumerate(term.dims))
    out: list[int] = []
    for axis in range(term.rank):
        if axis not in placing:
            out.append(axis)
            continue
        labels = placing[axis][1]
        if len(labels) == 1:
            continue
        row = labels[0]
        if row in out:  # one row is on two axes: the second is tied to the first
            second = len(dims)
            dims[second] = dims[row]
            rest.append((build.delta(dims[row]), (row, second), 1))
            row = second
        out.append(row)
    place = tuple((placing[axis][0], axis) for axis in sorted(placing))
    return place, build.contract(term.coefficient, rest, out, {x: dims[x] for x in out})


def _places(factor: Factor, term: Contraction) -> bool:
    node, labels, _ = factor
    if not (isinstance(node, Leaf) and node.kind in ("unit", "select")):
        return False
    if labels[-1] >= term.rank or (labels[0] < term.rank and len(labels) == 2):
        return False
    return sum(labels[-1] in other for _, other, _ in term.factors) == 1


def _put(inner: Node, place: Place, axes: tuple[Dim, ...]) -> Node:
    """What was taken out, in its place again."""
    leaves = {axis: leaf for leaf, axis in place}
    factors: list[build.Term] = []
    labels: list[build.Label] = []
    for axis in range(len(axes)):
        leaf = leaves.get(axis)
        if leaf is None:
            labels.append(axis)
        elif leaf.rank == 1:
            factors.append((leaf, (axis,), 1))
        else:
            factors.append((leaf, (("row", axis), axis), 1))
            labels.append(("row", axis))
    factors.append((inner, tuple(labels), 1))
    return build.contract(1, factors, tuple(range(len(axes))), dict(enumerate(axes)))
