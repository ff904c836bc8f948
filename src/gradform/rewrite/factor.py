"""Common factors of a sum: Σ c·F·R_k = F·(Σ c R_k), for networks of any shape.

Two terms may share any sub-network that meets the rest in at most two labels:
``A*x + A'*x = (A + A')*x``, ``X*b*c' + X*c*b' = X*(b*c' + c*b')``.
"""

from __future__ import annotations

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Node, Sum
from gradform.rewrite.networks import (
    Label,
    Match,
    Network,
    as_network,
    common_parts,
    rest_of,
    same_network,
    with_diagonal,
)
from gradform.rewrite.weight import weight

__all__ = ["factor_sum"]

# Beyond this many terms only neighbours in the fixed order are compared.
_MOST_TERMS = 12
_MOST_FACTORS = 40


def factor_sum(node: Sum) -> Node:
    """The sum with common factors taken out while that makes it shorter."""
    known: Node | None = node.memo.get("factored")
    if known is None:
        known = node.memo["factored"] = _factored(node)
    return known


def _factored(node: Sum) -> Node:
    terms: list[tuple[Coefficient, Node]] = list(node.terms)
    axes = node.axes
    search = _Search(len(axes))
    while 1 < len(terms) <= _MOST_TERMS:
        found = search.best_group(terms)
        if found is None:
            break
        members, merged = found
        if len(members) > 2:
            merged = _factored_inside(merged)
        if len(members) == len(terms):
            return merged
        rest = [term for k, term in enumerate(terms) if k not in members]
        combined = build.linear_combination([*rest, (1, merged)], axes)
        if not isinstance(combined, Sum):
            return combined
        if len(combined.terms) >= len(terms):
            break
        terms = list(combined.terms)
    return build.linear_combination(terms, axes)


def _factored_inside(node: Node) -> Node:
    """A product whose sums have their own common factors taken out."""
    if not isinstance(node, Contraction):
        return node
    return build.contract(
        node.coefficient,
        [(factor_sum(f) if isinstance(f, Sum) else f, labels, p) for f, labels, p in node.factors],
        tuple(range(node.rank)),
        dict(enumerate(node.dims)),
    )


Shape = list[tuple[Node, tuple[Label, ...], Coefficient]]


Part = frozenset[tuple[int, Coefficient]]

Members = dict[int, tuple[Network, Match]]
"""For the number of each term its network and where the common part is in it."""


class _Search:
    """The search for the terms to join, which remembers what pairs of terms share."""

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.networks: dict[tuple[Coefficient, Node], list[Network]] = {}
        self.matches: dict[tuple[int, int, int], list[Match]] = {}

    def best_group(self, terms: list[tuple[Coefficient, Node]]) -> tuple[set[int], Node] | None:
        """The terms to join and their joint form, for the largest saving.

        The saving is at most the weight of the common part for every term that has it.
        """
        forms = [self._forms(term) for term in terms]
        # Long sums of long products are compared from their outputs inward only.
        seeds = 4 if sum(len(each[0].factors) for each in forms) <= _MOST_FACTORS else 0
        best: tuple[int, set[int], Node] | None = None
        joined: set[tuple[int, Part]] = set()
        for i, j, first, second, match in self._by_promise(forms, seeds):
            if best is not None and match.gain * len(terms) < best[0]:
                break
            if (first.tag, match.left) in joined:
                continue
            users = [k for k, each in enumerate(forms) if _has(each[0], match, first)]
            if best is not None and match.gain * len(users) < best[0]:
                continue
            members: Members = {i: (first, match.of_first()), j: (second, match)}
            members |= _others(forms, [k for k in users if k not in members], first, match)
            joined.update((network.tag, found.right) for network, found in members.values())
            found = _assemble(first, members, _shape(first, match))
            if found is not None and (best is None or _preferred(found) > _preferred(best)):
                best = found
        return (best[1], best[2]) if best is not None else None

    def _forms(self, term: tuple[Coefficient, Node]) -> list[Network]:
        """The network of a term, and, with a diagonal in its middle, that as a factor."""
        found = self.networks.get(term)
        if found is None:
            network = as_network(*term, 2 * len(self.networks))
            apart = with_diagonal(network)
            found = [network] if apart is None else [network, apart]
            self.networks[term] = found
        return found

    def _by_promise(
        self, forms: list[list[Network]], seeds: int
    ) -> list[tuple[int, int, Network, Network, Match]]:
        """What pairs of terms share, the most first."""
        found: list[tuple[int, int, Network, Network, Match]] = []
        for i, lefts in enumerate(forms):
            for j in range(i + 1, len(forms)):
                for a, first in enumerate(lefts):
                    for b, second in enumerate(forms[j]):
                        if not a & b:
                            shared = self._shared(first, second, seeds)
                            found.extend((i, j, first, second, match) for match in shared)
        return sorted(found, key=lambda entry: -entry[-1].gain)

    def _shared(self, first: Network, second: Network, seeds: int) -> list[Match]:
        key = (first.tag, second.tag, seeds)
        if key not in self.matches:
            found = common_parts(first, second, most=seeds)
            if first.is_apart or second.is_apart:
                found += [match for each in found if (match := each.of_grids(first)) is not None]
            self.matches[key] = found
        return self.matches[key]


def _has(network: Network, match: Match, first: Network) -> bool:
    """Whether the factors of the common part occur in a term, whatever their labels."""
    return all(first.factors[a][0] in network.nodes for a, _, _ in match.pairs)


def _preferred(found: tuple[int, set[int], Node]) -> tuple[int, int]:
    """The larger saving; among equals the one with fewer transposes."""
    saving, _, joint = found
    inner = joint.factors if isinstance(joint, Contraction) else ()
    return saving, -sum(build.turned_factors(factor) for factor, _, _ in inner)


def _shape(first: Network, match: Match) -> Shape:
    """The factors of the common part, as the first term has them."""
    return [(first.factors[a][0], first.factors[a][1], p) for a, _, p in match.pairs]


def _others(forms: list[list[Network]], users: list[int], first: Network, match: Match) -> Members:
    """Where else the common part is."""
    shape = _shape(first, match)
    common = Network(1, shape, first.dims, first.rank)
    members: Members = {}
    for k in users:
        for network in forms[k]:
            found = same_network(common, network)
            if found is not None and _is_whole(found, shape):
                pairs = [(match.pairs[a][0], b, p) for a, b, p in found.pairs]
                members[k] = network, Match(pairs, found.names, match.gain)
                break
    return members


def _is_whole(match: Match, shape: Shape) -> bool:
    """Whether every factor of the common part is matched with its full power."""
    return len(match.pairs) == len(shape) and all(p == shape[a][2] for a, _, p in match.pairs)


def _assemble(first: Network, members: Members, shape: Shape) -> tuple[int, set[int], Node] | None:
    inside = {label for _, labels, _ in shape for label in labels}
    interface: list[Label] = []
    for network, match in members.values():
        back = {b: a for a, b in match.names.items()}
        taken = {b: p for _, b, p in match.pairs}
        for n, (_, labels, power) in enumerate(network.factors):
            if taken.get(n) == power:
                continue
            for label in labels:
                own = back.get(label)
                known = own is not None and (own in inside or _is_output(own, first.rank))
                if known and own not in interface:
                    interface.append(own)
    for label in range(first.rank):
        if label not in inside and label not in interface:
            interface.append(label)
    if len(interface) > 2 and inside:
        return None
    rests = []
    penalty = 0
    for network, match in members.values():
        names = [match.names[label] for label in interface]
        rest = rest_of(network, [(b, p) for _, b, p in match.pairs], names)
        penalty += 3 * _broken(network, match)
        spread = rest.rank - len(build.used_axes(rest))
        penalty += 1 + spread if spread else 0  # it would be written with ones
        rests.append((1, rest))
    axes = [first.dims[label] for label in interface]
    total = build.linear_combination(rests, axes)
    out = tuple(range(first.rank))
    dims = {label: first.dims[label] for label in range(first.rank)}
    joint = build.contract(1, [*shape, (total, tuple(interface), 1)], out, dims)
    before = sum(network.weight for network, _ in members.values()) + len(members) - 1
    saving = before - weight(joint) - penalty
    return (saving, set(members), joint) if saving > 0 else None


def _broken(network: Network, match: Match) -> int:
    """How many scalars such as x'*A*x the common part has some of: they are best left whole."""
    used = {b for _, b, _ in match.pairs}
    whole = [each for each in network.scalars if len(each) > 2]
    return sum(0 < len(used.intersection(each)) < len(each) for each in whole)


def _is_output(label: Label, rank: int) -> bool:
    return isinstance(label, int) and label < rank
