"""The simplifier: rebuild bottom-up, expanding or not, and take common factors out."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from math import prod

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Leaf, Node, Sum, topological
from gradform.ir.rebuild import rebuild
from gradform.rewrite.equations import apply_equations
from gradform.rewrite.factor import factor_sum
from gradform.rewrite.fractions import over_common_denominator, sum_of_sum, sums_together
from gradform.rewrite.inverse import inverse_of_product
from gradform.rewrite.named import named
from gradform.rewrite.places import by_place
from gradform.rewrite.weight import weight

__all__ = ["expand", "forms_for_code", "simplify"]

# A product is multiplied out when at most this many terms come of it.
_MOST_TERMS = 12
# Larger expressions are not searched for a cheaper form.
_MOST_NODES_FOR_CODE = 60


def simplify(root: Node, kept: Collection[Node] = ()) -> list[Node]:
    """Candidate forms, to be written out and compared.

    ``kept`` are sums that belong together (the function's own and derivatives of
    elementwise functions); other sums came from the chain rule and may be multiplied out.
    """
    root = rebuild(rebuild(root, sum_of_sum), apply_equations)
    together = rebuild(root, over_common_denominator)
    forms = dict.fromkeys(
        (
            root,
            together,
            expand(root, frozenset(kept)),
            rebuild(rebuild(expand(root, frozenset()), apply_equations), over_common_denominator),
            inverses_apart(root),
        )
    )
    candidates: list[Node] = []
    if any(
        isinstance(node, Leaf) and node.kind in ("unit", "select") for node in topological(root)
    ):
        for apart in (frozenset(kept), frozenset[Node]()):
            candidates.append(rebuild(named_forms(expand(root, apart)), by_place))
    for form in forms:
        display = named_forms(form)
        candidates.append(settled(display))
        candidates.append(display)
    return list(dict.fromkeys(candidates))


def forms_for_code(root: Node, kept: Collection[Node] = ()) -> list[Node]:
    """Forms to make programs from: as it was derived, its terms collected, multiplied out.

    Named equations apply to all of them: 1 - sigmoid(x) cancels, sigmoid(-x) does not. A
    long expression stays as it was derived otherwise: that costs at most a small multiple
    of the function, and shares the parts of the function.
    """
    derived = rebuild(root, apply_equations)
    if len(topological(root)) > _MOST_NODES_FOR_CODE:
        return [derived]
    collected = rebuild(rebuild(root, sum_of_sum), apply_equations)
    forms = (
        derived,
        settled(named_forms(collected)),
        settled(named_forms(expand(collected, frozenset(kept)))),
        inverses_apart(collected),
    )
    return list(dict.fromkeys(forms))


def settled(root: Node) -> Node:
    """Common factors taken out, and what then has a name named, until nothing gets shorter."""
    while True:
        found = named_forms(factor(root))
        if found is root or weight(found) >= weight(root):
            return root
        root = found


def named_forms(root: Node) -> Node:
    """Textbook names wherever they fit."""
    return rebuild(root, lambda node: named(sum_of_sum(node)))


def inverses_apart(root: Node) -> Node:
    """(A B)⁻¹ = B⁻¹ A⁻¹ wherever the factors are square, so that inverses may cancel."""
    return rebuild(root, inverse_of_product)


def factor(root: Node) -> Node:
    """Common factors taken out of every sum, until that makes nothing shorter."""
    while True:
        found = rebuild(root, _factored)
        if found is root or weight(found) >= weight(root):
            return root
        root = found


def _factored(node: Node) -> Node:
    return sums_together(factor_sum(node)) if isinstance(node, Sum) else node


def expand(root: Node, kept: frozenset[Node]) -> Node:
    """Products multiplied out over the sums that are not ``kept``."""

    def change(node: Node) -> Node:
        return _multiplied_out(node, kept) if isinstance(node, Contraction) else node

    return rebuild(root, change)


def _multiplied_out(node: Contraction, kept: frozenset[Node]) -> Node:
    sums = [
        k
        for k, (factor, _, power) in enumerate(node.factors)
        if power == 1 and isinstance(factor, Sum) and factor not in kept
    ]
    choices = [factor.terms for k in sums if isinstance(factor := node.factors[k][0], Sum)]
    if not sums or prod(map(len, choices)) > _MOST_TERMS:
        return node
    terms: list[tuple[Coefficient, Node]] = []
    for chosen in product(*choices):
        factors = list(node.factors)
        coefficient = node.coefficient
        for k, (c, term) in zip(sums, chosen, strict=True):
            factors[k] = (term, factors[k][1], 1)
            coefficient = coefficient * c
        term_node = build.contract(
            coefficient, factors, tuple(range(node.rank)), dict(enumerate(node.dims))
        )
        terms.append((1, term_node))
    return build.linear_combination(terms, node.axes)
