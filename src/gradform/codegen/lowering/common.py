"""Common factors of the terms of a sum: one product where there would be several.

``X' R + X' T = X' (R + T)`` for matrices, ``s∘R + s∘T = s∘(R + T)`` entry by entry. A form to
choose from, as it may hide what is cheaper in another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from gradform.codegen.lowering.distribute import has_exponentials
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.memo import remembered
from gradform.ir.nodes import Coefficient, Contraction, Factor, Leaf, Node, Sum
from gradform.ir.rebuild import everywhere

__all__ = ["factors_taken_out"]

# Longer sums of longer products are left as they are: the search is quadratic.
_MOST_TERMS = 12
_MOST_FACTORS = 32

_Term: TypeAlias = tuple[Coefficient, Node]
# The node, its power, and its labels: those of outputs as they are, the summed one as -1.
_Key: TypeAlias = tuple[Node, Coefficient, tuple[int, ...]]
_LINK = -1


def _factored(node: Sum) -> Node:
    terms: list[_Term] = list(node.terms)
    if len(terms) > _MOST_TERMS:
        return node
    while len(terms) > 1:
        groups: dict[_Key, list[int]] = {}
        for k, (_, term) in enumerate(terms):
            for key in _keys(term):
                groups.setdefault(key, []).append(k)
        shared = [(key, members) for key, members in groups.items() if len(members) > 1]
        if not shared:
            break
        # Of those that most terms have, a matrix saves more than an entrywise factor.
        key, members = max(shared, key=lambda group: (len(group[1]), _LINK in group[0][2]))
        joint = _in_front(key, [terms[k] for k in members], node.axes)
        terms = [term for k, term in enumerate(terms) if k not in members] + [(1, joint)]
    return build.linear_combination(terms, node.axes)


@remembered
def _keys(term: Node) -> Mapping[_Key, int]:
    """The factors of a term that may stand in front, each with its first position."""
    if not isinstance(term, Contraction) or not 1 < len(term.factors) <= _MOST_FACTORS:
        return {}
    found: dict[_Key, int] = {}
    for position in range(len(term.factors)):
        key = _key(term, position)
        if key is not None:
            found.setdefault(key, position)
    return found


def _key(term: Contraction, k: int) -> _Key | None:
    node, labels, power = term.factors[k]
    others = [factor for j, factor in enumerate(term.factors) if j != k]
    # Exponentials stay beside their sums: apart, both may be too large.
    if isinstance(node, Leaf) or has_exponentials(node):
        return None
    summed = {label for label in labels if label >= term.rank}
    own = [label for label in labels if label < term.rank]
    if not summed:
        return (node, power, labels) if _covers(term, others) else None
    elsewhere = {label for _, places, _ in others for label in places}
    apart = own and not elsewhere.intersection(own) and len(set(labels)) == len(labels)
    # One side of X' D X is no common factor: the product would no longer be half of the work.
    outputs = range(term.rank)
    alone = all(x is not node or not {*outputs}.intersection(at) for x, at, _ in others)
    if len(summed) != 1 or not apart or power != 1 or not summed <= elsewhere or not alone:
        return None
    return node, power, tuple(label if label < term.rank else _LINK for label in labels)


def _covers(term: Contraction, factors: Sequence[Factor]) -> bool:
    """Whether there is a sum or an array left that is worth taking a factor out of."""
    return any(labels for _, labels, _ in factors) or len(term.dims) > term.rank


def _in_front(key: _Key, terms: Sequence[_Term], axes: Sequence[Dim]) -> Node:
    """The factor times the sum of what is left of the terms."""
    node, power, labels = key
    outputs = list(range(len(axes)))
    gone = [label for label in labels if label != _LINK] if _LINK in labels else []
    inner = [label for label in outputs if label not in gone]
    if _LINK in labels:
        inner.insert(min(gone), _LINK)
    sizes: dict[build.Label, Dim] = dict(zip(labels, node.axes, strict=True))
    sizes |= {label: axes[label] for label in outputs}
    rest = [(c, _left_of(term, key, inner)) for c, term in terms]
    total = build.linear_combination(rest, [sizes[label] for label in inner])
    if isinstance(total, Sum):
        total = _factored(total)
    return build.contract(1, [(node, labels, power), (total, inner, 1)], outputs, sizes)


def _left_of(term: Node, key: _Key, inner: Sequence[int]) -> Node:
    """A term without the factor, over the labels of the sum that it is put into."""
    assert isinstance(term, Contraction)
    position = _keys(term)[key]
    link = next((x for x in term.factors[position][1] if x >= term.rank), _LINK)
    out = [link if label == _LINK else label for label in inner]
    rest = [factor for k, factor in enumerate(term.factors) if k != position]
    dims: dict[build.Label, Dim] = dict(enumerate(term.dims))
    kept = {label: size for label, size in dims.items() if label in out or _is_used(label, rest)}
    return build.contract(term.coefficient, rest, out, kept)


def _is_used(label: build.Label, factors: Sequence[Factor]) -> bool:
    return any(label in labels for _, labels, _ in factors)


factors_taken_out = everywhere(
    "factors taken out", lambda node: _factored(node) if isinstance(node, Sum) else node
)
"""The expression with common factors in front of sums, from the inside out."""
