"""Sums of products of two rows: Σ_r X[r,i] X[r,j] T[r,a,b], with T the same under a ↔ b.

The Hessian of a sum over rows of functions of X·W, such as that of softmax regression, is of
this form: T[r] is the Hessian of the function of row r. The result is the same under i ↔ j and
under a ↔ b, so a quarter of it is enough: pairs i ≤ j of products of X, times pairs a ≤ b of T.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.contraction.plan import planned_size
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum
from gradform.records import record

__all__ = ["PairSum", "pair_sum"]

# With fewer entries in a row of the two arrays of pairs than the least, packing costs more than
# it saves; with more than the most, a block of rows leaves the cache.
_LEAST, _MOST = 24, 2000

_Term: TypeAlias = tuple[Coefficient, Node]


@record
class _Place:
    """Where the factor X stands: its node, whether rows are its last axis, and i < j."""

    matrix: Node
    turned: bool
    sides: tuple[int, int]


@record
class PairSum:
    """``matrix`` X, rows along its last axis where it is ``turned``; ``weights`` T over r, a, b.

    ``order`` are the axes i, j, a, b of the sum, ``rest`` are the other terms.
    """

    matrix: Node
    turned: bool
    weights: Node
    order: tuple[int, int, int, int]
    rest: tuple[_Term, ...]


def pair_sum(node: Sum, sizes: Mapping[str, int]) -> PairSum | None:
    """The terms of a sum that are of the form, if there are several and it pays."""
    if node.rank != 4:
        return None
    found: dict[_Place, list[tuple[_Term, Node]]] = defaultdict(list)
    for coefficient, term in node.terms:
        for place, rest in _readings(term):
            found[place].append(((coefficient, term), rest))
    if not found:
        return None
    place, members = max(found.items(), key=lambda entry: len(entry[1]))
    coupled = any(not _is_diagonal(rest) for _, rest in members)
    if len(members) < 2 or not coupled or not _pays(node.axes, place.sides, sizes):
        return None
    rows = place.matrix.axes[1 if place.turned else 0]
    a, b = (k for k in range(4) if k not in place.sides)
    weights = build.linear_combination(
        [(coefficient, rest) for (coefficient, _), rest in members],
        [rows, node.axes[a], node.axes[b]],
    )
    if build.permute(weights, (0, 2, 1)) is not weights:
        return None
    taken = [term for term, _ in members]
    others = tuple(term for term in node.terms if term not in taken)
    return PairSum(place.matrix, place.turned, weights, (*place.sides, a, b), others)


def _pays(axes: Sequence[Dim], sides: tuple[int, int], sizes: Mapping[str, int]) -> bool:
    i, j = sides
    a, b = (k for k in range(4) if k not in sides)
    if axes[i] != axes[j] or axes[a] != axes[b]:
        return False
    n, k = planned_size(axes[i], sizes), planned_size(axes[a], sizes)
    return min(n, k) > 1 and _LEAST <= (n * (n + 1) + k * (k + 1)) / 2 <= _MOST


def _is_diagonal(weights: Node) -> bool:
    """Whether it is nothing off a = b; then the sum is one product for each a."""
    factors = weights.factors if isinstance(weights, Contraction) else ()
    return any(isinstance(node, Leaf) and set(labels) == {1, 2} for node, labels, _ in factors)


def _readings(term: Node) -> Iterator[tuple[_Place, Node]]:
    """Where X may stand in a term, and the term without X, over r, a, b."""
    if not isinstance(term, Contraction):
        return
    for one, first in enumerate(term.factors):
        for two, second in enumerate(term.factors[one + 1 :], one + 1):
            found = _meeting(first, second)
            if found is None:
                continue
            turned, row, sides = found
            others = [f for k, f in enumerate(term.factors) if k not in (one, two)]
            if row < 4 or any(label in sides for _, labels, _ in others for label in labels):
                continue
            out = (row, *(k for k in range(4) if k not in sides))
            dims = {k: size for k, size in enumerate(term.dims) if k not in sides}
            rest = build.contract(term.coefficient, others, out, dims)
            yield _Place(first[0], turned, (min(sides), max(sides))), rest


def _meeting(first: Factor, second: Factor) -> tuple[bool, int, tuple[int, int]] | None:
    """Two equal matrices with one label in common: its place, itself, and the other two."""
    (node, left, power), (other, right, again) = first, second
    if node is not other or power != 1 or again != 1 or len(left) != 2:
        return None
    for place in (0, 1):
        sides = left[1 - place], right[1 - place]
        if left[place] == right[place] and sides[0] != sides[1] and max(sides) < 4:
            return place == 1, left[place], sides
    return None
