"""Sums with broadcasting, in the order and with the signs in which they read well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeGuard

from gradform.codegen.lowering.contraction.network import Item
from gradform.codegen.program.operations import Input
from gradform.codegen.program.straight_line import Program, Value
from gradform.functions.elementwise import exp
from gradform.ir import build
from gradform.ir.expr import Expr
from gradform.ir.memo import remembered
from gradform.ir.nodes import (
    Apply,
    Coefficient,
    Contraction,
    Leaf,
    Node,
    Sum,
    Symbol,
    exact,
    magnitude,
)

__all__ = [
    "Complement",
    "combined",
    "complement_in",
    "complement_of",
    "multiple_of",
    "reads_better_negated",
    "terms_of",
]


def combined(program: Program, terms: Sequence[tuple[Coefficient, Item]]) -> Item:
    """``Σ coefficient · item`` over items labelled by the positions of their axes.

    Items that lack an axis are repeated along it.
    """
    constant: Coefficient = 0
    found: dict[Item, Coefficient] = {}
    for coefficient, item in terms:
        number, core = program.number_apart(item.value)
        product = number * coefficient
        if core is None:
            constant += product
        else:
            # Two nodes may turn out to have one value, up to a number.
            item = Item(core, item.labels)
            found[item] = found.get(item, 0) + product
    kept = [(exact(product), item) for item, product in found.items() if product]
    labels = tuple(sorted({label for _, item in kept for label in item.labels}))
    entries = program.gathered(
        [(product, program.align(item.value, item.labels, labels)) for product, item in kept]
    )
    if constant or not entries:
        entries.append((-1 if constant < 0 else 1, program.number(exact(magnitude(constant)))))
    return Item(program.combine(_in_order(program, entries)), labels)


def _in_order(
    program: Program, entries: Sequence[tuple[Coefficient, Value]]
) -> list[tuple[Coefficient, Value]]:
    """Positive terms first; but a variable that is a number is added to a difference at its end:
    in 1 - t**2 + e it is what is left where t is 1 to rounding."""
    order = sorted(entries, key=lambda entry: (entry[0] < 0, entry[1]))
    late = [
        (c, value)
        for c, value in order
        if c > 0 and isinstance(program.operation(value), Input) and not program.axes(value)
    ]
    positive = sum(c > 0 for c, _ in order)
    if positive == len(order) or not late or len(late) == positive:
        return order
    return [each for each in order if each not in late] + late


def terms_of(node: Sum, sign: int, values: Mapping[Node, Item]) -> list[tuple[Coefficient, Item]]:
    """Coefficients, times a sign, and values of a sum."""
    return [(sign * coefficient, values[term]) for coefficient, term in node.terms]


class Complement(NamedTuple):
    """``coefficient · (1 - f(x))``, which is ``node`` by the record of f and does not cancel
    there, and the other terms of a sum."""

    coefficient: Coefficient
    node: Node
    rest: tuple[tuple[Coefficient, Node], ...]


@remembered
def complement_in(node: Sum) -> Complement | None:
    """The first of the terms that is the opposite of the number in a sum: 1 - f(x), or 1 + f(x)
    = 1 - f(-x) for odd f.

    The others may be products with Gaussians of x: where 1 - f(x) is small they are, too. What
    is not might have been near the number, as the cosine in 1 - cos(x) - erf(x).
    """
    numbers = [k for k, (_, term) in enumerate(node.terms) if build.constant_value(term) == 1]
    for one in numbers:
        coefficient = node.terms[one][0]
        for k, (other, term) in enumerate(node.terms):
            if abs(other) != abs(coefficient):
                continue
            found = _opposite(term, other == coefficient)
            if found is None:
                continue
            rest = tuple(each for n, each in enumerate(node.terms) if n not in (one, k))
            if all(_has_gaussian(each, found) for _, each in rest):
                return Complement(coefficient, found, rest)
    return None


def _has_gaussian(term: Node, of: Node) -> bool:
    """Whether a product has an exponential of a multiple of the square of what f is of."""
    if not isinstance(of, Apply):
        return False
    factors = [node for node, _, _ in term.factors] if isinstance(term, Contraction) else [term]
    exponents = [node.args[0] for node in factors if isinstance(node, Apply) and node.fn is exp]
    square = (Expr(of.args[0]) ** 2).node
    return any(multiple_of(each)[1] is multiple_of(square)[1] for each in exponents)


def multiple_of(node: Node) -> tuple[Coefficient, Node]:
    """c and t where the node is c·t."""
    if not isinstance(node, Contraction) or not node.coefficient:
        return 1, node
    return node.coefficient, build.scale(exact(Fraction(1) / node.coefficient), node)


def _opposite(node: Node, is_added: bool) -> Node | None:
    """1 - f(x), or 1 + f(x), where the record of f has a form for it."""
    if not isinstance(node, Apply) or node.order or node.fn.complement is None:
        return None
    if is_added and node.fn.parity != "odd":
        return None
    x = Expr(node.args[0])
    found: Node = node.fn.complement(-x if is_added else x).node
    return found


def complement_of(node: Node) -> tuple[Coefficient, Node] | None:
    """A number times 1 - f(x), as the number and the form that the record of f gives."""
    found = complement_in(node) if isinstance(node, Sum) else None
    return None if found is None or found.rest else (found.coefficient, found.node)


def reads_better_negated(node: Node) -> TypeGuard[Sum]:
    """Of a sum and its negative one is used in products: ``A @ x - b``, ``1 - t**2``."""
    if not isinstance(node, Sum) or complement_of(node) is not None:
        return False
    weights = {1: 0, -1: 0}
    for coefficient, term in node.terms:
        sign = 1 if coefficient > 0 else -1
        weights[sign] = max(weights[sign], _weight(term))
    if weights[1] == weights[-1]:
        return node.terms[0][0] < 0
    return weights[-1] > weights[1]


def _weight(node: Node) -> int:
    """Constants stand first in a sum, then products and functions, then variables."""
    if build.constant_value(node) is not None:
        return 3
    return 1 if isinstance(node, Symbol | Leaf) else 2
