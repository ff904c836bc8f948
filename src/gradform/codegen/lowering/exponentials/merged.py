"""Products of exponentials as exponentials of sums, where they are summed.

    Σ_ij exp(x_i) exp(T_ij) = Σ_ij exp(x_i + T_ij)

The logarithm of the right side is a logsumexp, which stays in the range of numbers; and what is
divided by it has the same exponent when the exponentials above are joined too:

    exp(x_i) Σ_j exp(T_ij) / Σ_ij exp(x_i + T_ij) = Σ_j exp(x_i + T_ij) / Σ_ij exp(x_i + T_ij)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradform.codegen.lowering.exponentials.sums import is_exponential
from gradform.functions.elementwise import exp
from gradform.functions.shares import power_sum
from gradform.ir import build
from gradform.ir.dims import Dim
from gradform.ir.nodes import Apply, Contraction, Factor, Node

__all__ = ["merged"]


def merged(node: Contraction) -> Node:
    """The sum with one exponential in each term, where it is of nothing but exponentials; the
    quotient by such sums with one above for each, where that is of the same exponent.
    """
    totals = [power_sum(factor) for factor, _, power in node.factors if power < 0]
    below = frozenset(total.exponential for total in totals if total is not None)
    if not below:
        return _merged(node, below)
    factors = [
        (_merged(factor, below) if isinstance(factor, Contraction) else factor, labels, power)
        for factor, labels, power in node.factors
    ]
    if factors != list(node.factors):
        sizes = dict(enumerate(node.dims))
        changed = build.contract(node.coefficient, factors, tuple(range(node.rank)), sizes)
        return _merged(changed, below) if isinstance(changed, Contraction) else changed
    return _merged(node, below)


def _merged(node: Contraction, below: frozenset[Node]) -> Node:
    """The product inside of one that is divided by sums of the exponentials ``below``."""
    sizes = dict(enumerate(node.dims))
    groups = _groups(node, sizes)
    whole = len(groups) == 1 and len(groups[0]) == len(node.factors)
    factors, left = [], dict(enumerate(node.factors))
    kept = dict(enumerate(node.dims))  # a label that no factor has would count
    for group in groups:
        exponential, labels = _joined(list(group.values()), sizes)
        if len(group) > 1 and (exponential in below or (whole and len(node.dims) > node.rank)):
            factors.append((exponential, labels, 1))
            kept |= {label: sizes[label] for label in labels}
            for place in group:
                del left[place]
    if not factors:
        return node
    outputs = tuple(range(node.rank))
    return build.contract(node.coefficient, [*factors, *left.values()], outputs, kept)


def _groups(node: Contraction, sizes: dict[int, Dim]) -> list[dict[int, Factor]]:
    """The exponentials, and those of sums of them, by their places among the factors: each with
    the first that has all of its labels.
    """
    found: dict[int, Factor] = {}
    for place, (factor, labels, power) in enumerate(node.factors):
        opened = _opened(factor, labels, sizes) if power == 1 else None
        if opened is not None or (is_exponential(factor) and power > 0):
            found[place] = opened or (factor, labels, power)
    groups: list[dict[int, Factor]] = []
    for place, part in sorted(found.items(), key=lambda item: -len(item[1][1])):
        own = {*part[1]}
        if len(own) < len(part[1]):
            continue
        home = next((group for group in groups if own <= {*next(iter(group.values()))[1]}), None)
        if home is None:
            groups.append({place: part})
        else:
            home[place] = part
    return groups


def _joined(parts: Sequence[Factor], sizes: Mapping[int, Dim]) -> tuple[Node, tuple[int, ...]]:
    """The product of exponentials as one, with the labels of the first."""
    _, widest, _ = parts[0]
    own = {label: sizes[label] for label in widest}
    terms = [
        (power, build.contract(1, [(each.args[0], labels, 1)], widest, own))
        for each, labels, power in parts
        if isinstance(each, Apply)
    ]
    return build.apply(exp, build.linear_combination(terms, list(own.values()))), widest


def _opened(node: Node, places: Sequence[int], sizes: dict[int, Dim]) -> Factor | None:
    """The exponential under a sum of nothing else; its summed label is a new one."""
    if power_sum(node) is None or not isinstance(node, Contraction) or node.coefficient != 1:
        return None
    ((factor, own, power),) = node.factors
    if power != 1 or not node.rank:
        return None
    labels = []
    for label in own:
        if label < node.rank:
            labels.append(places[label])
        else:
            labels.append(len(sizes))
            sizes[len(sizes)] = node.dims[label]
    return factor, tuple(labels), power
