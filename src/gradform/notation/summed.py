"""Sums, written: stacks, the number before the bracket, the order of terms."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Node, Sum, exact, magnitude
from gradform.notation import matrix
from gradform.notation.matrix import Mat
from gradform.notation.multiplied import inner_cost, natural_signs, times, write_product
from gradform.notation.network import Unreadable
from gradform.notation.reads import Reads
from gradform.notation.stacked import is_placed, written_stacks

__all__ = ["write_sum"]


def write_sum(reader: Reads, node: Sum) -> Mat:
    """Σ c·term, positive terms first, in the order in which the reader knows their names."""
    options = written_stacks(reader, node) or _with_stack(reader, node)
    if not options:
        return _total(reader, node)
    with suppress(Unreadable):
        options.append(_total(reader, node))
    return matrix.cheapest(options)


def _with_stack(reader: Reads, node: Sum) -> list[Mat]:
    """The terms with a place of their own as one stack, beside the others."""
    placed = [term for term in node.terms if is_placed(term[1])]
    if len(placed) < 2 or len(placed) == len(node.terms):
        return []
    stack = build.linear_combination(placed, node.axes)
    if not written_stacks(reader, stack):
        return []
    rest = [term for term in node.terms if term not in placed]
    with suppress(Unreadable):
        return [_written(reader, node, [*rest, (1, stack)])]
    return []


def _total(reader: Reads, node: Sum) -> Mat:
    terms = list(reader.parts.get(node, node.terms))
    plain = _written(reader, node, terms)
    turned = [_with_natural_sign(reader, *term) for term in terms]
    if all(new is old for (_, new), (_, old) in zip(turned, terms, strict=True)):
        return plain
    other = _written(reader, node, turned)
    before, after = (
        (mat.cost, sum(c < 0 for c, _ in signed))
        for mat, signed in ((plain, terms), (other, turned))
    )
    return other if after <= before else plain


def _with_natural_sign(
    reader: Reads, coefficient: Coefficient, term: Node
) -> tuple[Coefficient, Node]:
    """-A'*(b - A*x) as A'*(A*x - b)."""
    if not isinstance(term, Contraction):
        return coefficient, term
    turned = natural_signs(reader, term)
    if turned is term:
        return coefficient, term
    sign = -1 if (turned.coefficient < 0) != (term.coefficient < 0) else 1
    return coefficient * sign, build.scale(sign, turned)


def _written(reader: Reads, node: Sum, terms: list[tuple[Coefficient, Node]]) -> Mat:
    """The sum with the number before the bracket."""
    content, core = _content(node, terms)
    words: list[tuple[int, Mat]] = []
    for coefficient, term in core:
        mat = _scaled(reader, magnitude(coefficient), term)
        words.append((1 if coefficient > 0 else -1, mat))
    symmetric = node.rank == 2 and build.transpose(node) is node
    body = matrix.sums(words, reader.rank, is_symmetric=symmetric)
    return times(reader, content, [], [], body)


def _content(
    node: Sum, terms: list[tuple[Coefficient, Node]]
) -> tuple[Coefficient, list[tuple[Coefficient, Node]]]:
    """A number before the bracket, where that shortens: 2*(a + b), but a - 0.5*b.

    The number is negative only when every term is.
    """
    content = magnitude(build.primitive(node)[0])
    if inner_cost(node, 1 / Fraction(content)) + 2 > inner_cost(node, 1):
        content = 1
    if all(c < 0 for c, _ in terms):
        content = -content
    return content, [(exact(c / Fraction(content)), term) for c, term in terms]


def _scaled(reader: Reads, coefficient: Coefficient, term: Node) -> Mat:
    if coefficient == 1:
        return reader.known(term)
    if isinstance(term, Sum):  # a number would be distributed over it
        return times(reader, coefficient, [], [], reader.known(term))
    scaled = build.scale(coefficient, term)
    return (
        write_product(reader, scaled) if isinstance(scaled, Contraction) else reader.known(scaled)
    )
