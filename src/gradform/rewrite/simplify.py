"""The simplifier: rebuild bottom-up, expanding or not, and take common factors out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product
from math import prod

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Leaf, Node, Sum, topological
from gradform.ir.rebuild import everywhere, rebuild
from gradform.language import joined
from gradform.rewrite.equations import Equation, apply_equations
from gradform.rewrite.factor import factor_sum
from gradform.rewrite.fractions import over_common_denominator, sum_of_sum, sums_together
from gradform.rewrite.history import (
    BY_PLACE,
    CANCELLED,
    COMMON_FACTORS,
    INVERSES_APART,
    LIKE_TERMS,
    MULTIPLIED_OUT,
    NAMED,
    OVER_ONE_DENOMINATOR,
    Form,
    History,
)
from gradform.rewrite.inverse import inverse_of_product
from gradform.rewrite.named import named
from gradform.rewrite.places import by_place
from gradform.rewrite.polynomials import cancelled
from gradform.rewrite.weight import weight

__all__ = ["expand", "forms_for_code", "histories", "named_forms", "simplify"]

# A product is multiplied out when at most this many terms come of it.
_MOST_TERMS = 12
# Larger expressions are not searched for a cheaper form.
_MOST_NODES_FOR_CODE = 60


def simplify(root: Node, kept: Collection[Node] = ()) -> list[Node]:
    """Candidate forms, to be written out and compared.

    ``kept`` are sums that belong together (the function's own and derivatives of
    elementwise functions); other sums came from the chain rule and may be multiplied out.
    """
    return list(histories(root, kept))


def histories(root: Node, kept: Collection[Node] = ()) -> dict[Node, History]:
    """The candidates, each with the stages that led to it from ``root``."""
    start = _collected(Form(root))
    apart = start.then(MULTIPLIED_OUT, expand(start.node, frozenset()))
    forms = (
        start,
        _over_one_denominator(start),
        start.then(MULTIPLIED_OUT, expand(start.node, frozenset(kept))),
        _over_one_denominator(_by_equations(apart)),
        start.then(INVERSES_APART, inverses_apart(start.node)),
    )
    candidates: list[Form] = []
    if _has_places(topological(start.node)):
        for together in (frozenset(kept), frozenset[Node]()):
            expanded = start.then(MULTIPLIED_OUT, expand(start.node, together))
            named_ = expanded.then(NAMED, named_forms(expanded.node))
            candidates.append(named_.then(BY_PLACE, rebuild(named_.node, by_place)))
    for form in forms:
        display = form.then(NAMED, named_forms(form.node))
        factored = display.then(COMMON_FACTORS, settled(display.node))
        candidates.append(_by_equations(factored))
        candidates.extend([factored, display])
    found: dict[Node, History] = {}
    for candidate in candidates:
        found.setdefault(candidate.node, candidate.history)
    return found


def _collected(form: Form) -> Form:
    found = _by_equations(form.then(LIKE_TERMS, _collect(form.node)))
    return found.then(CANCELLED, _cancel(found.node))


def _by_equations(form: Form) -> Form:
    used: list[Equation] = []
    node = rebuild(form.node, lambda each: apply_equations(each, used))
    return form.then(joined(dict.fromkeys(each.statement for each in used), "; "), node)


def _over_one_denominator(form: Form) -> Form:
    return form.then(OVER_ONE_DENOMINATOR, _over_denominators(form.node))


def forms_for_code(
    root: Node, kept: Collection[Node] = (), expanded: dict[Node, Node] | None = None
) -> list[Node]:
    """Forms to make programs from: as it was derived, its terms collected, multiplied out.

    Named equations apply to all of them: 1 - sigmoid(x) cancels, sigmoid(-x) does not. A
    long expression stays as it was derived otherwise: that costs at most a small multiple
    of the function, and shares the parts of the function. ``expanded`` is what was multiplied
    out for other derivatives of it, with the same ``kept``.
    """
    derived = _shorten(root)
    nodes = topological(root)
    if len(nodes) > _MOST_NODES_FOR_CODE:
        return [derived]
    collected = _cancel(_shorten(_collect(root)))
    forms = map(named_forms, (collected, expand(collected, frozenset(kept), expanded)))
    if not _has_places(nodes):  # factors of entries and slices are not what is large
        forms = map(_shorten, map(settled, forms))
    return list(dict.fromkeys([derived, *forms, inverses_apart(collected)]))


def _has_places(nodes: Iterable[Node]) -> bool:
    """Whether there are entries or slices of arrays."""
    return any(isinstance(node, Leaf) and node.kind in ("unit", "select") for node in nodes)


def settled(root: Node) -> Node:
    """Common factors taken out and cancelled, and what then has a name named, until nothing
    gets shorter."""
    while True:
        found = named_forms(_cancel(factor(root)))
        if found is root or weight(found) >= weight(root):
            return root
        root = found


_shorten = everywhere("by equations", apply_equations)
_collect = everywhere("collected", sum_of_sum)
_cancel = everywhere("cancelled", cancelled)
_over_denominators = everywhere("over denominators", over_common_denominator)

named_forms = everywhere("named", lambda node: named(sum_of_sum(node)))
"""Textbook names wherever they fit."""

inverses_apart = everywhere("inverses apart", inverse_of_product)
"""(A B)⁻¹ = B⁻¹ A⁻¹ wherever the factors are square, so that inverses may cancel."""


def factor(root: Node) -> Node:
    """Common factors taken out of every sum, until that makes nothing shorter."""
    while True:
        found = _factor_once(root)
        if found is root or weight(found) >= weight(root):
            return root
        root = found


def _factored(node: Node) -> Node:
    return sums_together(factor_sum(node)) if isinstance(node, Sum) else node


_factor_once = everywhere("factored once", _factored)


def expand(root: Node, kept: frozenset[Node], done: dict[Node, Node] | None = None) -> Node:
    """Products multiplied out over the sums that are not ``kept``."""

    def change(node: Node) -> Node:
        return _multiplied_out(node, kept) if isinstance(node, Contraction) else node

    return rebuild(root, change, done)


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
