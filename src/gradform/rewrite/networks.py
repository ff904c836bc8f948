"""Terms of a sum as networks over common output labels, and what two of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import cached_property

from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Coefficient, Contraction, Node
from gradform.records import record
from gradform.rewrite.weight import weight

__all__ = [
    "Match",
    "Network",
    "as_network",
    "common_parts",
    "rest_of",
    "same_network",
    "with_diagonal",
]

Label = Hashable


class Network:
    """coefficient · Π factors over labels; labels below ``rank`` are the outputs.

    ``scalars`` are the factors of each scalar such as x'*A*x. ``weight`` is that of the whole
    product, ``tag`` its number, odd for one with a diagonal as a factor.
    """

    def __init__(
        self,
        coefficient: Coefficient,
        factors: list[tuple[Node, tuple[Label, ...], Coefficient]],
        dims: dict[Label, Dim],
        rank: int,
        weight: int = 0,
        tag: int = 0,
    ) -> None:
        self.coefficient = coefficient
        self.factors = factors
        self.dims = dims
        self.rank = rank
        self.weight = weight
        self.tag = tag
        self.scalars: list[range] = []

    @property
    def is_apart(self) -> bool:
        """Whether it comes from :func:`with_diagonal`."""
        return self.tag % 2 == 1

    @cached_property
    def nodes(self) -> Counter[Node]:
        """How often each node is a factor."""
        return Counter(node for node, _, _ in self.factors)

    @cached_property
    def heaviest_first(self) -> list[int]:
        """The positions of the factors, by their weights."""
        return sorted(range(len(self.factors)), key=lambda k: -weight(self.factors[k][0]))


def as_network(coefficient: Coefficient, node: Node, tag: int) -> Network:
    """A term with its summed labels made distinct from those of other terms.

    Scalars such as x'*A*x are opened, because part of one may be common.
    """
    dims: dict[Label, Dim] = dict(enumerate(node.axes))
    size = weight(build.scale(coefficient, node))
    if not isinstance(node, Contraction):
        labels = tuple(range(node.rank))
        return Network(coefficient, [(node, labels, 1)], dims, node.rank, size, tag)
    network = Network(coefficient, [], dims, node.rank, size, tag)
    _open(network, node, (tag,), node.rank)
    return network


def with_diagonal(network: Network) -> Network | None:
    """A'·diag(v)·B as A'·D·B with a factor D[k,l] = δ[k,l] v[k] between k and l, when the
    outer factors meet in one label: then it may share both ends with A'·C·B."""
    if network.rank != 2:
        return None
    ends = [[k for k, f in enumerate(network.factors) if out in f[1]] for out in (0, 1)]
    if any(len(places) != 1 for places in ends) or ends[0] == ends[1]:
        return None
    (left,), (right,) = ends
    shared = set(network.factors[left][1]) & set(network.factors[right][1])
    if len(shared) != 1 or any(len(network.factors[k][1]) != 2 for k in (left, right)):
        return None
    (middle,) = shared
    if sum(middle in labels for _, labels, _ in network.factors) < 3:
        return None
    other = ("apart", network.tag, middle)
    factors = list(network.factors)
    node, labels, power = factors[right]
    factors[right] = node, tuple([other if x == middle else x for x in labels]), power
    factors.append((build.delta(network.dims[middle]), (middle, other), 1))
    dims = {**network.dims, other: network.dims[middle]}
    apart = Network(network.coefficient, factors, dims, 2, network.weight, network.tag + 1)
    apart.scalars = network.scalars
    return apart


def _open(network: Network, node: Contraction, tag: tuple[int, ...], rank: int) -> None:
    """Add the factors of a product; ``tag`` makes its summed labels unique."""
    network.coefficient *= node.coefficient
    names: list[Label] = [k if k < rank else (*tag, k) for k in range(len(node.dims))]
    network.dims.update(zip(names, node.dims, strict=True))
    for k, (factor, labels, power) in enumerate(node.factors):
        if (
            isinstance(factor, Contraction)
            and not labels
            and power == 1
            and len(network.factors) + len(factor.factors) <= build.FLATTEN_LIMIT
        ):
            start = len(network.factors)
            _open(network, factor, (*tag, k), 0)
            network.scalars.append(range(start, len(network.factors)))
        else:
            network.factors.append((factor, tuple([names[x] for x in labels]), power))


@record(frozen=False)
class Match:
    """Factors of the first network found in the second: ``pairs`` of positions with the
    shared power, and ``names`` from labels of the first to labels of the second."""

    pairs: list[tuple[int, int, Coefficient]]
    names: dict[Label, Label]
    gain: int

    @property
    def left(self) -> frozenset[tuple[int, Coefficient]]:
        """The common part in the first network."""
        return frozenset((a, p) for a, _, p in self.pairs)

    @property
    def right(self) -> frozenset[tuple[int, Coefficient]]:
        """The common part in the second network."""
        return frozenset((b, p) for _, b, p in self.pairs)

    def of_grids(self, first: Network) -> Match | None:
        """The common part without its vectors, which stay in the middle of A'·D·B."""
        pairs = [pair for pair in self.pairs if len(first.factors[pair[0]][1]) != 1]
        if len(pairs) in (0, len(self.pairs)):
            return None
        gain = sum(weight(first.factors[a][0]) + 1 for a, _, _ in pairs)
        return Match(pairs, self.names, gain)

    def of_first(self) -> Match:
        """The common part of the first network with itself."""
        names = {label: label for label in self.names}
        return Match([(a, a, p) for a, _, p in self.pairs], names, self.gain)


def common_parts(first: Network, second: Network, *, most: int = 4) -> list[Match]:
    """Common sub-networks, each grown greedily from where two factors may be paired.

    The first is grown from outputs and scalars inward; the others start at a pair whose
    labels all are summed.
    """
    shared = first.nodes.keys() & second.nodes.keys()
    if not shared:
        return []
    growth = _Growth(first, second)
    found = [growth.anchored()]
    if most:
        found.append(growth.everywhere())
        if any(second.nodes[node] > 1 for node in shared):
            found.append(_Growth(first, second, turn=True).everywhere())
    room = len(found) + (most or 2)
    for i, (node, labels, _) in enumerate(first.factors):
        if node not in shared or not labels or any(isinstance(x, int) for x in labels):
            continue
        for j, (other, _, _) in enumerate(second.factors):
            if other is node and len(found) < room:
                found.append(_grown_from(first, second, i, j))
    matches: dict[tuple[tuple[int, int], ...], Match] = {}
    for match in found:
        if match is not None:
            matches.setdefault(tuple(sorted((i, j) for i, j, _ in match.pairs)), match)
    return list(matches.values())


def same_network(common: Network, other: Network) -> Match | None:
    """Where all of ``common`` occurs in ``other``, or None."""
    if common.nodes - other.nodes:
        return None
    for match in common_parts(common, other):
        if len(match.pairs) == len(common.factors):
            return match
    return None


def _grown_from(first: Network, second: Network, i: int, j: int) -> Match | None:
    """What touches factor i of the first paired with j of the second."""
    growth = _Growth(first, second)
    return growth.anchored() if growth.pair(i, j, anchored=False) else None


class _Growth:
    """A partial pairing of the factors of two networks, the heaviest first.

    With ``turn``, equal factors of the second, such as both x of x'*A*x, are taken from the
    last.
    """

    def __init__(self, first: Network, second: Network, *, turn: bool = False) -> None:
        self.first, self.second = first, second
        self.names: dict[Label, Label] = {k: k for k in range(first.rank)}
        self.taken: set[Label] = set(self.names)
        self.pairs: list[tuple[int, int, Coefficient]] = []
        self.gain = 0
        self.left = [k for k in first.heaviest_first if first.factors[k][0] in second.nodes]
        self.right = [k for k, f in enumerate(second.factors) if f[0] in first.nodes]
        if turn:
            self.right.reverse()

    def anchored(self) -> Match | None:
        """With every factor that touches the pairs so far."""
        while self.step(anchored=True):
            pass
        return self._match()

    def everywhere(self) -> Match | None:
        """With every factor that can be paired."""
        while self.step(anchored=True) or self.step(anchored=False):
            pass
        return self._match()

    def _match(self) -> Match | None:
        """The pairing as it is now."""
        return Match([*self.pairs], {**self.names}, self.gain) if self.pairs else None

    def step(self, *, anchored: bool) -> bool:
        """Pair one more factor, touching the pairs so far when ``anchored``."""
        for i in self.left:
            node = self.first.factors[i][0]
            for j in self.right:
                if self.second.factors[j][0] is node and self.pair(i, j, anchored=anchored):
                    return True
        return False

    def pair(self, i: int, j: int, *, anchored: bool) -> bool:
        """Pair factor i of the first with j of the second if that is consistent."""
        node, _, power = self.first.factors[i]
        shared = _shared_power(power, self.second.factors[j][2])
        new = self._names_for(i, j, anchored) if shared is not None else None
        if new is None or shared is None:
            return False
        self.names.update(new)
        self.taken.update(new.values())
        self.pairs.append((i, j, shared))
        self.left.remove(i)
        self.right.remove(j)
        self.gain += weight(node) + 1
        return True

    def _names_for(self, i: int, j: int, anchored: bool) -> dict[Label, Label] | None:
        """New label pairs when the two factors may be one, else None."""
        node, labels, _ = self.first.factors[i]
        other = self.second.factors[j][1]
        orders = [other]
        if len(other) == 2 and build.is_symmetric(node):
            orders.append(other[::-1])
        if anchored and labels and not any(label in self.names for label in labels):
            return None
        for order in orders:
            new = self._extend(labels, order)
            if new is not None:
                return new
        return None

    def _extend(
        self, labels: tuple[Label, ...], order: tuple[Label, ...]
    ) -> dict[Label, Label] | None:
        new: dict[Label, Label] = {}
        for a, b in zip(labels, order, strict=True):
            known = self.names.get(a, new.get(a))
            if known is not None:
                if known != b:
                    return None
            elif b in self.taken or b in new.values():
                return None
            else:
                new[a] = b
        return new


def _shared_power(first: Coefficient, second: Coefficient) -> Coefficient | None:
    """The power both factors have in common: x³ and x² share x², x⁻¹ and x⁻³ share x⁻³."""
    if first == second:
        return first
    if first > 0 and second > 0:
        return min(first, second)
    if first < 0 and second < 0:
        return max(first, second)
    return None


def rest_of(network: Network, used: list[tuple[int, Coefficient]], interface: list[Label]) -> Node:
    """What remains of a term when factors are taken out, over the interface labels."""
    powers = dict(used)
    factors = []
    for k, (node, labels, power) in enumerate(network.factors):
        left = power - powers[k] if k in powers else power
        if left:
            factors.append((node, labels, left))
    dims = {label: network.dims[label] for label in interface}
    return build.contract(network.coefficient, factors, interface, dims)
