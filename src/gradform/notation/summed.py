"""Sums, written: stacks, the number before the bracket, the order of terms."""

from __future__ import annotations

from fractions import Fraction

from gradform.ir import build
from gradform.ir.nodes import Coefficient, Contraction, Node, Sum, exact, magnitude
from gradform.notation import matrix
from gradform.notation.matrix import Mat
from gradform.notation.multiplied import inner_cost, times, write_product
from gradform.notation.reads import Reads
from gradform.notation.recognise import stacked_blocks

__all__ = ["write_sum"]


def write_sum(reader: Reads, node: Sum) -> Mat:
    """Σ c·term, positive terms first, in the order in which the reader knows their names."""
    blocks = stacked_blocks(node)
    if blocks is not None:
        return _stack(reader, *blocks)
    content, core = _content(reader, node)
    terms: list[tuple[int, Mat]] = []
    for coefficient, term in core:
        mat = _scaled(reader, magnitude(coefficient), term)
        terms.append((1 if coefficient > 0 else -1, mat))
    symmetric = node.rank == 2 and build.transpose(node) is node
    body = matrix.sums(terms, reader.rank, is_symmetric=symmetric)
    return times(reader, content, [], [], body)


def _stack(reader: Reads, axis: int, blocks: list[Node]) -> Mat:
    """[a; b] for blocks below one another (axis 0), [A, B] side by side (axis 1)."""
    mats = [reader.read(block) for block in blocks]
    upright = [mat.plain for mat in mats]
    turned = [mat.flipped for mat in mats]
    if axis == 0:
        return Mat(matrix.stack(upright, down=True), lambda: matrix.stack(turned, down=False))
    return Mat(matrix.stack(upright, down=False), lambda: matrix.stack(turned, down=True))


def _content(reader: Reads, node: Sum) -> tuple[Coefficient, list[tuple[Coefficient, Node]]]:
    """A number before the bracket, where that shortens: 2*(a + b), but a - 0.5*b.

    The number is negative only when every term is.
    """
    content = magnitude(build.primitive(node)[0])
    if inner_cost(node, 1 / Fraction(content)) + 2 > inner_cost(node, 1):
        content = 1
    if all(c < 0 for c, _ in node.terms):
        content = -content
    return content, [(exact(c / Fraction(content)), term) for c, term in node.terms]


def _scaled(reader: Reads, coefficient: Coefficient, term: Node) -> Mat:
    if coefficient == 1:
        return reader.known(term)
    scaled = build.scale(coefficient, term)
    return (
        write_product(reader, scaled) if isinstance(scaled, Contraction) else reader.known(scaled)
    )
